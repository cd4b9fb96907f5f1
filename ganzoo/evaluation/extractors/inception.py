"""Inception network of the FID (Heusel et al. 2017): TensorFlow's of 2015-12-05, not torchvision's.

Unlike the Inception v3 of Szegedy et al. (2016) it has 1008 classes, leaves the padding out of the
mean when it pools, and has a maximum instead of a mean in the very last block."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from ganzoo.errors import WeightsError
from ganzoo.evaluation.extractors import weight_cache
from ganzoo.evaluation.extractors.extractor import Features
from ganzoo.evaluation.extractors.inception_blocks import Unit, blocks, stem
from ganzoo.evaluation.extractors.resize import rgb
from ganzoo.hub.foreign import read_tensors
from ganzoo.hub.url_download import download_url
from ganzoo.runtime.paths import cache_dir
from ganzoo.runtime.progress import say

NAME = "inception-v3-compat"
SIZE = 299
PUBLISHED = "pt_inception-2015-12-05-6726825d.pth"
"""File of TensorFlow's weights for PyTorch; its name ends with the first digits of its sha256."""
ADDRESS = f"https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/{PUBLISHED}"
SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"
CHUNK = 8
"""Images at a time on a CPU, limited by its caches."""
CHUNK_CUDA = 128


def inception_v3_compat(resize: str = "") -> tuple[nn.Module, str]:
    """The network with its published weights, and their sha256.

    Weights that are not in ganzoo's cache are downloaded and stored there, 96 MB.

    It maps samples, (N, 1 or 3, H, W), float in [-1, 1], of any size, to 2048 features and 1008
    logits; gray is repeated to three channels.

    Args:
        resize: see `ganzoo.evaluation.extractors.resize`; empty: ``tf1-bilinear``, FID's own.

    Raises:
        WeightsError: damaged, or not here while their server cannot be reached.
    """
    tensors, sha256 = weight_cache.load(NAME) or download()
    network = Inception(resize or "tf1-bilinear")
    weight_cache.require(tensors, network.published(), str(weight_cache.cache_path(NAME)))
    return network.fill(tensors), sha256


def download(address: str = ADDRESS, sha256: str = SHA256) -> tuple[dict[str, Tensor], str]:
    """Download the published weights, store them in the cache, and load them.

    Args:
        address: of the published file, or of a copy of it.
        sha256: hash of the file.

    Raises:
        WeightsError: no cache, the server cannot be reached, or not the published file.
    """
    command = f"`ganzoo import {PUBLISHED} --extractor {NAME}`"
    try:
        file = cache_dir() / "downloads" / PUBLISHED
    except OSError as error:
        reason = error.strerror or error
        raise WeightsError(
            f"the weights of {NAME} are not here: {reason}, then {command}"
        ) from None
    download_url(address, file, sha256, NAME, command)
    convert(file, sha256)
    file.unlink(missing_ok=True)
    say(f"converted, and stored in {weight_cache.cache_path(NAME)}")
    found = weight_cache.load(NAME)
    assert found is not None
    return found


def convert(file: Path, sha256: str = "6726825d") -> str:
    """Store the published weights in ganzoo's cache and return the hash of their tensors.

    Args:
        file: `PUBLISHED`, of which only tensors are read.
        sha256: first digits of the hash of the file; empty takes any file with the right tensors.

    Raises:
        WeightsError: missing, another file, other tensors, or the cache cannot be written.
    """
    counters = ".num_batches_tracked"
    tensors = {k: v for k, v in read_tensors(file, sha256).items() if not k.endswith(counters)}
    weight_cache.require(tensors, Inception().published(), str(file))
    return weight_cache.save(NAME, tensors)


class Inception(nn.Module):
    """From images of any size to 2048 features and 1008 logits.

    Args:
        resize: how images reach 299 pixels, see `ganzoo.evaluation.extractors.resize`.
        chunk: images at a time; 0: what suits the device.
    """

    def __init__(self, resize: str = "tf1-bilinear", chunk: int = 0) -> None:
        super().__init__()
        self.resize = resize
        self.chunk = chunk
        self.layers = nn.Sequential(OrderedDict({**stem(), **blocks()}))
        self.classifier = nn.Linear(2048, 1008, bias=False)

    def forward(self, samples: Tensor) -> Features:
        """Float samples, (N, 1 or 3, H, W), in [-1, 1], to rows (N, 2048) and logits (N, 1008).

        The logits are those without the bias, of which the Inception score is computed, here and
        in torch-fidelity, as the TensorFlow code did.
        """
        chunk = self.chunk or (CHUNK if samples.device.type == "cpu" else CHUNK_CUDA)
        rows = torch.cat([self._pooled(part) for part in torch.split(samples, chunk)])
        return Features(rows, self.classifier(rows))

    def _pooled(self, samples: Tensor) -> Tensor:
        images = rgb(samples, SIZE, self.resize).sub(128).div_(128)
        maps: Tensor = self.layers(images.contiguous(memory_format=torch.channels_last))
        return maps.mean((2, 3))

    def _units(self) -> Iterator[tuple[str, Unit]]:
        """Every convolution by the name of the published weights."""
        for block, module in self.layers.named_children():
            for unit in module.modules():
                if isinstance(unit, Unit):
                    yield f"{block}.{unit.name}".rstrip("."), unit

    def published(self) -> dict[str, Tensor]:
        """Tensors of the published weights, empty, on the meta device."""
        with torch.device("meta"):
            expected = {"fc.weight": torch.empty(1008, 2048), "fc.bias": torch.empty(1008)}
        for name, unit in self._units():
            expected |= unit.published(name)
        return expected

    def fill(self, tensors: Mapping[str, Tensor]) -> Inception:
        """Load the published weights, as `published` lists them."""
        for name, unit in self._units():
            unit.fold(name, {key: tensors[key] for key in unit.published(name)})
        self.classifier.load_state_dict({"weight": tensors["fc.weight"]})
        return self.to(memory_format=torch.channels_last)
