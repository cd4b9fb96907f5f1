"""Feature extractors: from samples to the vectors that metrics compare."""

from ganzoo.features.extractor import Extractor, Features
from ganzoo.features.find import extractor, load_verified, pretrained
from ganzoo.features.small import LeNet, Projection

__all__ = [
    "Extractor",
    "Features",
    "LeNet",
    "Projection",
    "extractor",
    "load_verified",
    "pretrained",
]
