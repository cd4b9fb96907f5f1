"""Evaluation: protocols, feature extractors, scores.

Imported on first use, so that protocols can be listed without torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ganzoo.evaluation.evaluator import evaluate as evaluate
    from ganzoo.evaluation.evaluator import evaluate_data as evaluate_data
    from ganzoo.evaluation.neighbors import nearest_neighbors as nearest_neighbors
    from ganzoo.evaluation.neighbors import neighbors_of_data as neighbors_of_data
    from ganzoo.evaluation.results import Scores as Scores

_HOMES = {
    "Scores": "results",
    "evaluate": "evaluator",
    "evaluate_data": "evaluator",
    "nearest_neighbors": "neighbors",
    "neighbors_of_data": "neighbors",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(f"ganzoo.evaluation.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'ganzoo.evaluation' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
