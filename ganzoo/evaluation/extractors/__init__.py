"""Feature extractors: networks from samples to the vectors that metrics compare."""

from ganzoo.evaluation.extractors.extractor import Extractor, Features
from ganzoo.evaluation.extractors.lenet import LeNet
from ganzoo.evaluation.extractors.lookup import load_backbone, load_extractor, load_verified
from ganzoo.evaluation.extractors.projection import Projection

__all__ = [
    "Extractor",
    "Features",
    "LeNet",
    "Projection",
    "load_backbone",
    "load_extractor",
    "load_verified",
]
