"""Data: named sets in memory, and endless, seeded, resumable batches of them.

Imported when it is first used, so that `ganzoo data list` pays for no tensor.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ganzoo.data.batches import Batches as Batches
    from ganzoo.data.dataset import Dataset as Dataset
    from ganzoo.data.loading import load_data as load_data
    from ganzoo.data.loading import load_for_model as load_for_model

_HOMES = {
    "Batches": "batches",
    "Dataset": "dataset",
    "load_data": "loading",
    "load_for_model": "loading",
}

__all__ = ["Batches", "Dataset", "load_data", "load_for_model"]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(f"ganzoo.data.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'ganzoo.data' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
