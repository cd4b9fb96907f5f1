"""GANs by name: architecture plugins, one trainer, one evaluator.

    import ganzoo

    gan = ganzoo.load("local-dir:runs/NAME")
    images = gan.sample(64, seed=0)

* Use models: `load`, `create`, `list_models`, `info`; `GAN.sample` generates.
* Train: `train` a model by name, or step by step with a `Trainer` and a `Dataset`.
* Score: `evaluate`, under a `Protocol`; it returns `Scores`.
* Write a model: subclass `GAN`, return `Losses` from a `Batch` (with `ganzoo.losses` and
  `ganzoo.layers`), and declare it in a `ModelSpec`.

Errors are subclasses of `GanzooError` (`ganzoo.errors`), with messages of one line. Importing this
costs nothing: every public name is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ganzoo.errors import GanzooError

if TYPE_CHECKING:
    from ganzoo import layers as layers
    from ganzoo import losses as losses
    from ganzoo.data import Dataset as Dataset
    from ganzoo.evaluation.evaluator import evaluate as evaluate
    from ganzoo.evaluation.results import Scores as Scores
    from ganzoo.gan import GAN as GAN
    from ganzoo.gan import Batch as Batch
    from ganzoo.gan import Losses as Losses
    from ganzoo.gan import Phase as Phase
    from ganzoo.gan import create as create
    from ganzoo.hub import load as load
    from ganzoo.registry import info as info
    from ganzoo.registry import list_models as list_models

    __version__: str
    from ganzoo.spec import DatasetSpec as DatasetSpec
    from ganzoo.spec import Deviation as Deviation
    from ganzoo.spec import ExtractorSpec as ExtractorSpec
    from ganzoo.spec import ModelConfig as ModelConfig
    from ganzoo.spec import ModelSpec as ModelSpec
    from ganzoo.spec import Optimizer as Optimizer
    from ganzoo.spec import Paper as Paper
    from ganzoo.spec import Preset as Preset
    from ganzoo.spec import Protocol as Protocol
    from ganzoo.spec import Recipe as Recipe
    from ganzoo.spec import SampleInput as SampleInput
    from ganzoo.spec import SampleSpec as SampleSpec
    from ganzoo.spec import Weights as Weights
    from ganzoo.training import ComputeConfig as ComputeConfig
    from ganzoo.training import Trainer as Trainer
    from ganzoo.training import train as train

_SPEC = (
    *("DatasetSpec", "Deviation", "ExtractorSpec", "ModelConfig", "ModelSpec", "Optimizer"),
    *("Paper", "Preset", "Protocol", "Recipe", "SampleInput", "SampleSpec", "Weights"),
)
"""Names of declarations, which need no torch."""

_LAZY = {
    **dict.fromkeys(_SPEC, "ganzoo.spec"),
    **dict.fromkeys(("GAN", "Phase", "Batch", "Losses", "create"), "ganzoo.gan"),
    **dict.fromkeys(("ComputeConfig", "Trainer", "train"), "ganzoo.training"),
    **dict.fromkeys(("Scores", "evaluate"), "ganzoo.evaluation"),
    **dict.fromkeys(("info", "list_models"), "ganzoo.registry"),
    "Dataset": "ganzoo.data",
    "load": "ganzoo.hub",
}
"""Public names, and the modules that define them."""

__all__ = ["GanzooError", "__version__", "layers", "losses", *_LAZY]


def __getattr__(name: str) -> object:
    if name in ("layers", "losses"):
        return import_module(f"ganzoo.{name}")
    if name == "__version__":
        return import_module("ganzoo.runtime.version").VERSION
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'ganzoo' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
