"""The one trainer: whatever happens to parameters, in any GAN, happens here."""

from ganzoo.trainer.engine import Engine
from ganzoo.trainer.trainer import Trainer

__all__ = ["Engine", "Trainer"]
