"""Extractors by name: ganzoo's own first, then those of plugins."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from ganzoo import registry
from ganzoo.errors import ConfigError, PluginError, UnknownNameError, WeightsError
from ganzoo.evaluation.extractors.extractor import Extractor
from ganzoo.evaluation.extractors.inception import inception_v3_compat
from ganzoo.evaluation.extractors.lenet import LeNet
from ganzoo.evaluation.extractors.projection import Projection
from ganzoo.evaluation.extractors.timm_models import DINOV2, EFFNET, PREFIX, backbone, effnet_lite0
from ganzoo.evaluation.protocols import EXTRACTORS, LENET_SHA256
from ganzoo.runtime import seeds
from ganzoo.spec.protocol import INCEPTION

LENET_FILE = Path(__file__).parent / "assets" / "lenet-mnist.safetensors"


def load_extractor(name: str, resize: str = "") -> Extractor:
    """An extractor by name, its weights verified.

    Args:
        name: a key of `ganzoo.evaluation.protocols.EXTRACTORS`, ``timm:MODEL``, or a plugin's.
        resize: how images are brought to its size, see `ganzoo.evaluation.extractors.resize`;
            empty: its own way. Only for networks that resize.

    Raises:
        UnknownNameError: there is none.
        ConfigError: it does not resize.
        PluginError: the plugin that provides it does not work.
        WeightsError: its weights are missing or damaged.
    """
    with seeds.fork_rng(torch.device("cpu")):
        if name in _RESIZING or name.startswith(PREFIX):
            network, sha256 = _RESIZING.get(name, partial(backbone, name))(resize)
            return Extractor(name, network, None, sha256)
        if resize:
            raise ConfigError(f"extractor {name} does not resize: leave resize empty")
        return _BUILT_IN[name]() if name in _BUILT_IN else _from_plugin(name)


def _lenet() -> Extractor:
    network = LeNet()
    network.load_state_dict(load_verified(LENET_FILE, LENET_SHA256))
    return Extractor("lenet-mnist", network, (1, 28, 28), LENET_SHA256)


def _projection() -> Extractor:
    return Extractor("projection", Projection(), None)


def _from_plugin(name: str) -> Extractor:
    provided = registry.installed(registry.EXTRACTORS)
    if name.rpartition("/")[2] not in {plugin.name for plugin in provided}:
        known = [*EXTRACTORS, *(plugin.name for plugin in provided)]
        raise UnknownNameError("extractor", name, known, "see `ganzoo protocols`")
    plugin, spec = registry.find_plugin(registry.EXTRACTORS, name)
    network = registry.import_object(plugin, spec.build)()
    if not isinstance(network, nn.Module):
        kind = type(network).__name__
        raise PluginError(f"plugin {plugin.qualified}: {spec.build} gives {kind}, no nn.Module")
    return Extractor(name, network, spec.shape, spec.sha256)


_BUILT_IN: Mapping[str, Callable[[], Extractor]] = {
    "lenet-mnist": _lenet,
    "projection": _projection,
}
_RESIZING: Mapping[str, Callable[[str], tuple[nn.Module, str]]] = {
    INCEPTION: inception_v3_compat,
    EFFNET: effnet_lite0,
    **{name: partial(backbone, name) for name in DINOV2},
}
assert EXTRACTORS.keys() == {*_BUILT_IN, *_RESIZING}


def load_backbone(name: str) -> nn.Module:
    """The network of timm behind an extractor, with its trained weights and without classifier.

    For models that use its features.

    Args:
        name: ``effnet-lite0``, one of DINOv2's, or ``timm:MODEL``.

    Raises:
        UnknownNameError: timm has no such model.
        WeightsError: its weights are missing or damaged.
    """
    load_extractor, _ = _RESIZING.get(name, partial(backbone, name))("")
    return load_extractor.get_submodule("network")


def load_verified(path: Path, sha256: str) -> dict[str, Tensor]:
    """Tensors of a safetensors file that has the hash it must have.

    Raises:
        WeightsError: missing, damaged or another file.
    """
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != sha256:
            raise WeightsError(f"{path} is damaged: its sha256 is {found}, it must be {sha256}")
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{path} cannot be read: {error}") from error
