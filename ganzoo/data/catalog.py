"""Names, descriptions and licenses of ganzoo's own data sets. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ganzoo import registry
from ganzoo.errors import GanzooError

EMBEDDED = "mnist"
"""The one inside the package."""


@dataclass(frozen=True)
class Known:
    """Words for the reader; `ganzoo.data.builtin` loads it."""

    summary: str
    license: str
    """SPDX identifier, or in some words what its home page says."""
    module: str = ""
    """Module that its download needs, and package of the same name."""


KNOWN: Mapping[str, Known] = {
    EMBEDDED: Known("70,000 digits, 28 x 28, gray; inside the package", "CC-BY-SA-3.0"),
    "fashion-mnist": Known("70,000 pieces of clothing, 28 x 28, gray", "MIT"),
    "kmnist": Known("70,000 cursive Japanese characters, 28 x 28, gray", "CC-BY-SA-4.0"),
    "cifar10": Known("60,000 photographs of 10 classes, 32 x 32", "not stated"),
    "cifar100": Known("60,000 photographs of 100 classes, 32 x 32", "not stated"),
    "svhn": Known("99,289 house numbers, 32 x 32", "non-commercial use"),
    "stl10": Known("113,000 photographs, 96 x 96, most of them without a class", "not stated"),
    "celeba": Known(
        "202,599 faces, 178 x 218",
        "non-commercial research",
        module="gdown",
    ),
    "flowers102": Known("8,189 photographs of 102 flowers", "not stated"),
}
"""In the order of the guide. All but the first come through torchvision, once."""


def needs_of_data(data: str) -> str:
    """Requirement of the download of a data set, in words; empty if there is none."""
    module = KNOWN[data].module if data in KNOWN else ""
    return f"{data} is downloaded with {module}: pip install {module}" if module else ""


def needs_of(model: registry.Model) -> str:
    """Needs of training: of the plugin, and of the data set."""
    return "; ".join(filter(None, [model.spec.needs, needs_of_data(model.preset.recipe.data)]))


def license_of(data: str) -> str:
    """License of a data set as an SPDX identifier; ``unknown`` if it is not stated, ``other`` if it
    is stated in words."""
    if data in KNOWN:
        text = KNOWN[data].license
    else:
        try:
            text = registry.find_plugin(registry.DATASETS, data)[1].license
        except GanzooError:
            text = "unknown"
    return "other" if " " in text else text
