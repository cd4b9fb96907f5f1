"""Evaluation: protocols, feature extractors, scores.

Imported on first use, so that protocols can be listed without torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ganzoo.evaluation.evaluator import Scores as Scores
    from ganzoo.evaluation.evaluator import evaluate as evaluate
    from ganzoo.evaluation.evaluator import evaluate_data as evaluate_data
    from ganzoo.evaluation.evaluator import nearest_neighbors as neighbours

__all__ = ["Scores", "evaluate", "evaluate_data", "neighbours"]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(import_module("ganzoo.evaluation.evaluator"), name)
    raise AttributeError(f"module 'ganzoo.evaluation' has no attribute {name!r}")
