"""ganzoo: GANs by name; architectures come as plugins, one trainer runs and one evaluator scores.

    import ganzoo

    gan = ganzoo.load("local-dir:runs/NAME")
    images = gan.sample(64, seed=0)

Importing this costs nothing: what needs torch is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ganzoo.errors import GanzooError
from ganzoo.runtime.version import VERSION
from ganzoo.spec import (
    DatasetSpec,
    Deviation,
    ExtractorSpec,
    ModelSpec,
    Optimizer,
    Paper,
    Preset,
    Recipe,
    Weights,
)

if TYPE_CHECKING:
    from ganzoo import layers as layers
    from ganzoo import losses as losses
    from ganzoo.data import Dataset as Dataset
    from ganzoo.evaluation.evaluator import Scores as Scores
    from ganzoo.evaluation.evaluator import evaluate as evaluate
    from ganzoo.gan import GAN as GAN
    from ganzoo.gan import Batch as Batch
    from ganzoo.gan import Losses as Losses
    from ganzoo.gan import Phase as Phase
    from ganzoo.gan import create as create
    from ganzoo.hub import load as load
    from ganzoo.training import Trainer as Trainer
    from ganzoo.training import train as train

__version__ = VERSION

_HEAVY = {
    "GAN": "ganzoo.gan",
    "Phase": "ganzoo.gan",
    "Batch": "ganzoo.gan",
    "Losses": "ganzoo.gan",
    "create": "ganzoo.gan",
    "Dataset": "ganzoo.data",
    "Trainer": "ganzoo.training",
    "Scores": "ganzoo.evaluation",
    "evaluate": "ganzoo.evaluation",
    "load": "ganzoo.hub",
    "train": "ganzoo.training",
}
"""Public names that need torch, and where they live."""

__all__ = [
    "DatasetSpec",
    "Deviation",
    "ExtractorSpec",
    "GanzooError",
    "ModelSpec",
    "Optimizer",
    "Paper",
    "Preset",
    "Recipe",
    "Weights",
    "__version__",
    "layers",
    "losses",
    *_HEAVY,
]


def __getattr__(name: str) -> object:
    if name in ("layers", "losses"):
        return import_module(f"ganzoo.{name}")
    if name in _HEAVY:
        return getattr(import_module(_HEAVY[name]), name)
    raise AttributeError(f"module 'ganzoo' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
