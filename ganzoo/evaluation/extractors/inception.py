"""Inception network of the FID (Heusel et al. 2017): TensorFlow's of 2015-12-05, not torchvision's.

Unlike the Inception v3 of Szegedy et al. (2016) it has 1008 classes, leaves the padding out of the
mean when it pools, and has a maximum instead of a mean in the very last block."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo.errors import WeightsError
from ganzoo.evaluation.extractors import weight_cache
from ganzoo.evaluation.extractors.extractor import Features
from ganzoo.evaluation.extractors.resize import rgb
from ganzoo.hub.foreign import read_tensors
from ganzoo.hub.url_download import download_url
from ganzoo.runtime.paths import cache_dir

NAME = "inception-v3-compat"
SIZE = 299
PUBLISHED = "pt_inception-2015-12-05-6726825d.pth"
"""File of TensorFlow's weights for PyTorch; its name ends with the first digits of its sha256."""
ADDRESS = f"https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/{PUBLISHED}"
SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"
CHUNK = 8
"""Images at a time on a CPU, limited by its caches."""
CHUNK_CUDA = 128
EPSILON = 1e-3


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
    tensors, sha256 = weight_cache.load(NAME) or _download()
    network = Inception(resize or "tf1-bilinear")
    weight_cache.require(tensors, network.published(), str(weight_cache.cache_path(NAME)))
    return network.fill(tensors), sha256


def _download() -> tuple[dict[str, Tensor], str]:
    """Download the published weights, store them in the cache, and load them."""
    try:
        file = cache_dir() / "downloads" / PUBLISHED
    except OSError as error:
        raise WeightsError(str(error)) from None
    command = f"`ganzoo import {PUBLISHED} --extractor {NAME}`"
    download_url(ADDRESS, file, SHA256, NAME, command)
    convert(file, SHA256)
    file.unlink(missing_ok=True)
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


class Unit(nn.Conv2d):
    """Convolution, batch norm and ReLU, the norm being part of the convolution.

    Args:
        name: its name in the published weights, within its block; empty if it is the block.
        inputs, outputs: channels.
        kernel: height and width.
        stride: 2 halves the image, which is then not padded.
        same: True for padding that keeps the image's size.
    """

    def __init__(
        self,
        name: str,
        inputs: int,
        outputs: int,
        kernel: tuple[int, int] = (1, 1),
        stride: int = 1,
        same: bool = True,
    ) -> None:
        padded = (kernel[0] // 2, kernel[1] // 2) if same and stride == 1 else (0, 0)
        super().__init__(inputs, outputs, kernel, stride, padded)
        self.name = name

    def forward(self, images: Tensor) -> Tensor:
        return F.relu_(super().forward(images))

    def published(self, prefix: str) -> dict[str, Tensor]:
        """Its tensors in the published weights, empty, on the meta device."""
        norm = ("weight", "bias", "running_mean", "running_var")
        vector = torch.empty(self.out_channels, device="meta")
        kernel = torch.empty(self.weight.shape, device="meta")
        return {f"{prefix}.conv.weight": kernel, **{f"{prefix}.bn.{key}": vector for key in norm}}

    def fold(self, prefix: str, tensors: Mapping[str, Tensor]) -> None:
        """Load a convolution with the batch norm behind it folded in, in float64."""
        norm = {key.rpartition(".")[2]: v.double() for key, v in tensors.items() if ".bn." in key}
        scale = norm["weight"] / (norm["running_var"] + EPSILON).sqrt()
        kernel = tensors[f"{prefix}.conv.weight"].double() * scale[:, None, None, None]
        bias = norm["bias"] - norm["running_mean"] * scale
        self.load_state_dict({"weight": kernel.float(), "bias": bias.float()})


class Averaged(Unit):
    """A `Unit` behind an average over 3x3 pixels, in which the padding does not count.

    The average is taken of the convolution's output, which has fewer channels: one acts on pixels,
    the other on channels, both are linear, so their order does not matter.
    """

    def forward(self, images: Tensor) -> Tensor:
        mixed = F.conv2d(images, self.weight, self.bias)
        return F.relu_(F.avg_pool2d(mixed, 3, 1, 1, count_include_pad=False))


class Mixed(nn.Module):
    """Branches on one input, their outputs joined along the channels."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, images: Tensor) -> Tensor:
        return torch.cat([branch(images) for branch in self.branches], 1)


def _at_35(inputs: int, pooled: int) -> Mixed:
    """Figure 5 of Szegedy et al. 2016, with one 5x5 left."""
    return Mixed(
        Unit("branch1x1", inputs, 64),
        nn.Sequential(Unit("branch5x5_1", inputs, 48), Unit("branch5x5_2", 48, 64, (5, 5))),
        nn.Sequential(
            Unit("branch3x3dbl_1", inputs, 64),
            Unit("branch3x3dbl_2", 64, 96, (3, 3)),
            Unit("branch3x3dbl_3", 96, 96, (3, 3)),
        ),
        Averaged("branch_pool", inputs, pooled),
    )


def _to_17() -> Mixed:
    """Figure 10: half the size, by strides and by pooling side by side."""
    return Mixed(
        Unit("branch3x3", 288, 384, (3, 3), stride=2),
        nn.Sequential(
            Unit("branch3x3dbl_1", 288, 64),
            Unit("branch3x3dbl_2", 64, 96, (3, 3)),
            Unit("branch3x3dbl_3", 96, 96, (3, 3), stride=2),
        ),
        nn.MaxPool2d(3, 2),
    )


def _at_17(width: int) -> Mixed:
    """Figure 6: 7x7 in two steps, 1x7 and 7x1."""
    across, down = (1, 7), (7, 1)
    return Mixed(
        Unit("branch1x1", 768, 192),
        nn.Sequential(
            Unit("branch7x7_1", 768, width),
            Unit("branch7x7_2", width, width, across),
            Unit("branch7x7_3", width, 192, down),
        ),
        nn.Sequential(
            Unit("branch7x7dbl_1", 768, width),
            Unit("branch7x7dbl_2", width, width, down),
            Unit("branch7x7dbl_3", width, width, across),
            Unit("branch7x7dbl_4", width, width, down),
            Unit("branch7x7dbl_5", width, 192, across),
        ),
        Averaged("branch_pool", 768, 192),
    )


def _to_8() -> Mixed:
    halved = Unit("branch3x3_2", 192, 320, (3, 3), stride=2)
    return Mixed(
        nn.Sequential(Unit("branch3x3_1", 768, 192), halved),
        nn.Sequential(
            Unit("branch7x7x3_1", 768, 192),
            Unit("branch7x7x3_2", 192, 192, (1, 7)),
            Unit("branch7x7x3_3", 192, 192, (7, 1)),
            Unit("branch7x7x3_4", 192, 192, (3, 3), stride=2),
        ),
        nn.MaxPool2d(3, 2),
    )


def _at_8(inputs: int, pooled: nn.Module) -> Mixed:
    """Figure 7: branches that fork."""
    across, down = (1, 3), (3, 1)

    def fork(name: str, kernel: tuple[int, int]) -> Unit:
        return Unit(f"branch3x3{name}", 384, 384, kernel)

    return Mixed(
        Unit("branch1x1", inputs, 320),
        nn.Sequential(
            Unit("branch3x3_1", inputs, 384),
            Mixed(fork("_2a", across), fork("_2b", down)),
        ),
        nn.Sequential(
            Unit("branch3x3dbl_1", inputs, 448),
            Unit("branch3x3dbl_2", 448, 384, (3, 3)),
            Mixed(fork("dbl_3a", across), fork("dbl_3b", down)),
        ),
        pooled,
    )


def _stem() -> dict[str, nn.Module]:
    """From 299 to 35 pixels."""
    return {
        "Conv2d_1a_3x3": Unit("", 3, 32, (3, 3), stride=2),
        "Conv2d_2a_3x3": Unit("", 32, 32, (3, 3), same=False),
        "Conv2d_2b_3x3": Unit("", 32, 64, (3, 3)),
        "pool_1": nn.MaxPool2d(3, 2),
        "Conv2d_3b_1x1": Unit("", 64, 80),
        "Conv2d_4a_3x3": Unit("", 80, 192, (3, 3), same=False),
        "pool_2": nn.MaxPool2d(3, 2),
    }


def _blocks() -> dict[str, nn.Module]:
    """From 35 to 8 pixels, by the names of the published weights."""
    largest = nn.Sequential(nn.MaxPool2d(3, 1, 1), Unit("branch_pool", 2048, 192))
    return {
        "Mixed_5b": _at_35(192, pooled=32),
        "Mixed_5c": _at_35(256, pooled=64),
        "Mixed_5d": _at_35(288, pooled=64),
        "Mixed_6a": _to_17(),
        "Mixed_6b": _at_17(128),
        "Mixed_6c": _at_17(160),
        "Mixed_6d": _at_17(160),
        "Mixed_6e": _at_17(192),
        "Mixed_7a": _to_8(),
        "Mixed_7b": _at_8(1280, Averaged("branch_pool", 1280, 192)),
        "Mixed_7c": _at_8(2048, largest),
    }


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
        self.layers = nn.Sequential(OrderedDict({**_stem(), **_blocks()}))
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
