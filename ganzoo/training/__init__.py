"""Training: the trainer, and the loop that reports, saves and resumes."""

from ganzoo.training.planning import Plan, plan
from ganzoo.training.precision import ComputeConfig
from ganzoo.training.result import TrainResult
from ganzoo.training.run import train
from ganzoo.training.run_options import Schedule
from ganzoo.training.trainer import Trainer

__all__ = ["ComputeConfig", "Plan", "Schedule", "TrainResult", "Trainer", "plan", "train"]
