"""GANs by name: architectures are plugins, one trainer trains and one evaluator scores them all.

    import ganzoo

    gan = ganzoo.load("local-dir:runs/NAME")
    images = gan.sample(64, seed=0)

Importing ganzoo does not import torch; names that need it are imported on first use.
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
    ModelConfig,
    ModelSpec,
    Optimizer,
    Paper,
    Preset,
    Protocol,
    Recipe,
    SampleInput,
    SampleSpec,
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
    "ModelConfig",
    "ModelSpec",
    "Optimizer",
    "Paper",
    "Preset",
    "Protocol",
    "Recipe",
    "SampleInput",
    "SampleSpec",
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
