"""Protocol of a run on data of its own: the preset's, or one that fits the data."""

from __future__ import annotations

from collections.abc import Iterator

from ganzoo import registry
from ganzoo.data.loading import KINDS
from ganzoo.evaluation.extractors import load_extractor
from ganzoo.evaluation.protocols import EXTRACTORS, find_protocol
from ganzoo.spec import SampleSpec
from ganzoo.spec.protocol import Protocol

ANY_DATA = "quick"
"""Protocol that scores samples of every kind and shape."""
OF_DIGITS = "lenet-mnist"
"""The only extractor of ganzoo that is trained on the data of one set."""


def choose_protocol(model: registry.Model, data: str, spec: SampleSpec) -> Protocol:
    """Protocol for a model of a preset that was trained on some data.

    Args:
        model: the preset.
        data: name of the data that it was trained on.
        spec: its samples.

    Returns:
        The preset's protocol if it fits the data, else that of a preset of the same architecture
        for such data, else `ANY_DATA`.
    """
    own = find_protocol(model.preset.protocol)
    if data in (model.preset.recipe.data, own.data):
        return own if _takes(own, spec) else find_protocol(ANY_DATA)
    alike = _kind(data) == _kind(model.preset.recipe.data) != ""
    if not own.data and (alike or _is_general(own)) and _takes(own, spec):
        return own
    for other in _of_such_data(model, data):
        if not other.data and _takes(other, spec):
            return other
    return find_protocol(ANY_DATA)


def _of_such_data(model: registry.Model, data: str) -> Iterator[Protocol]:
    """Protocols of the architecture's presets for the same data, then for data of its kind."""
    presets = model.spec.presets.values()
    for preset in presets:
        if preset.recipe.data == data:
            yield find_protocol(preset.protocol)
    for preset in presets:
        if _kind(preset.recipe.data) == _kind(data) != "":
            yield find_protocol(preset.protocol)


def _kind(data: str) -> str:
    """Kind of data that is given by a path, e.g. ``folder``; empty for a name."""
    kind, colon, _ = data.partition(":")
    kind = kind if colon and kind in KINDS else ""
    return "folder" if kind == "hf" else kind


def _is_general(protocol: Protocol) -> bool:
    """True if the features are not those of one data set."""
    name = protocol.extractor
    return name.startswith("timm:") or (name in EXTRACTORS and name != OF_DIGITS)


def _takes(protocol: Protocol, spec: SampleSpec) -> bool:
    """True unless the extractor is for samples of another shape."""
    if _is_general(protocol):
        return True
    shape = load_extractor(protocol.extractor, protocol.resize).shape
    return shape is None or shape == spec.shape
