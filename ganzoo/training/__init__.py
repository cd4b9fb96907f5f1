"""Training: the trainer, and the run around it that reports, saves and resumes."""

from ganzoo.training.loop import Outcome, train
from ganzoo.training.planning import plan
from ganzoo.training.precision import ComputeConfig
from ganzoo.training.trainer import Trainer

__all__ = ["ComputeConfig", "Outcome", "Trainer", "plan", "train"]
