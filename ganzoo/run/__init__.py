"""A training in a folder: it reports, draws, saves, and goes on where it was stopped."""

from ganzoo.run.loop import Outcome, train
from ganzoo.run.plan import plan

__all__ = ["Outcome", "plan", "train"]
