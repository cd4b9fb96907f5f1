"""Torch-free declarations of plugins: models, data sets, extractors and protocols."""

from ganzoo.spec.declarations import (
    API,
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
from ganzoo.spec.fields import ModelConfig
from ganzoo.spec.protocol import Protocol
from ganzoo.spec.sample import SampleInput, SampleSpec

__all__ = [
    "API",
    "DatasetSpec",
    "Deviation",
    "ExtractorSpec",
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
]
