"""The contract of every model, and its factory."""

from ganzoo.gan.contract import GAN
from ganzoo.gan.evaluation_mode import evaluating
from ganzoo.gan.factory import build, create
from ganzoo.gan.phase import Batch, Losses, Phase

__all__ = ["GAN", "Batch", "Losses", "Phase", "build", "create", "evaluating"]
