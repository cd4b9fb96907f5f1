"""Import of extractor weights that do not ship with ganzoo into its cache."""

from __future__ import annotations

from pathlib import Path

from ganzoo.errors import UnknownNameError
from ganzoo.evaluation.extractors import inception
from ganzoo.evaluation.extractors import timm_models as backbones


def weights_file(name: str) -> str:
    """Name of the file with an extractor's weights in a repository.

    Raises:
        UnknownNameError: no such extractor, or none whose weights can be imported.
    """
    if name == inception.NAME:
        return inception.PUBLISHED
    if name in backbones.DINOV2 or name.startswith(backbones.PREFIX):
        return "model.safetensors"
    known = (inception.NAME, *backbones.DINOV2, f"{backbones.PREFIX}MODEL")
    raise UnknownNameError("extractor to import", name, known)


def import_extractor(name: str, file: Path) -> str:
    """Check an extractor's weights, store them in ganzoo's cache, and return their hash.

    Raises:
        UnknownNameError: no such extractor, or none whose weights can be imported.
        WeightsError: missing, another file, other tensors, or the cache cannot be written.
    """
    if weights_file(name) == inception.PUBLISHED:
        return inception.convert(file)
    return backbones.convert(name, file)
