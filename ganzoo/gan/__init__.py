"""The contract of every model, and its factory."""

from ganzoo.gan.contract import GAN, Batch, Losses, Phase, evaluating
from ganzoo.gan.factory import build, create

__all__ = ["GAN", "Batch", "Losses", "Phase", "build", "create", "evaluating"]
