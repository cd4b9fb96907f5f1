"""Perceptual loss: distance of the feature maps of VGG-19 (Wang et al. 2018, 2021)."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from ganzoo.errors import WeightsError
from ganzoo.hub import read_tensors
from ganzoo_esrgan import Config

FILE = "vgg19-dcbb9e9d.pth"
"""torchvision's weights, trained on ImageNet."""
URL = f"https://download.pytorch.org/models/{FILE}"
STAGES = (2, 2, 4, 4, 4)
"""Convolutions of each stage; the maps of the last one are compared, before its activation."""
SHARES = (0.1, 0.1, 1.0, 1.0, 1.0)
"""Weight of each stage (Wang et al. 2021, section 4.1)."""
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Statistics of ImageNet, which VGG expects to be removed."""


class PerceptualLoss:
    """L1 distance of feature maps; the weights are read with the first images.

    No module, so that checkpoints do not hold VGG.
    """

    def __init__(self) -> None:
        self.layers: list[tuple[Tensor, Tensor]] = []

    def __call__(self, images: Tensor, targets: Tensor) -> Tensor:
        """Distance of images, (N, 1 or 3, H, W) in [0, 1]; no gradient goes to the targets."""
        with torch.no_grad():
            wanted = self.features(targets)
        found = zip(SHARES, self.features(images), wanted, strict=True)
        return torch.stack([share * F.l1_loss(own, other) for share, own, other in found]).sum()

    def features(self, images: Tensor) -> list[Tensor]:
        """The last maps of each stage."""
        if not self.layers or self.layers[0][0].device != images.device:
            self.layers = [(w.to(images.device), b.to(images.device)) for w, b in read_vgg()]
        maps = images.expand(-1, 3, -1, -1) - images.new_tensor(MEAN).view(-1, 1, 1)
        maps = maps / images.new_tensor(DEVIATION).view(-1, 1, 1)
        layers, found = iter(self.layers), []
        for stage, count in enumerate(STAGES):
            if stage:
                maps = F.max_pool2d(maps.relu(), 2)
            for place in range(count):
                weight, bias = next(layers)
                maps = F.conv2d(maps.relu() if place else maps, weight, bias, padding=1)
            found.append(maps)
        return found


def read_vgg() -> list[tuple[Tensor, Tensor]]:
    """Weights and biases of the convolutions.

    Raises:
        WeightsError: the file is not in torch's cache, or damaged.
    """
    file = vgg_file()
    if not file.exists():
        raise WeightsError(
            f"perceptual: needs VGG-19's weights (548 MB) as {file}: download {URL}, or use --set"
            " perceptual=0"
        )
    tensors = read_tensors(file)
    found, index = [], 0
    for count in STAGES:
        for _ in range(count):
            names = (f"features.{index}.weight", f"features.{index}.bias")
            if missing := [name for name in names if name not in tensors]:
                raise WeightsError(f"{file} has no {missing[0]}: it is not VGG-19's; get {URL}")
            found.append((tensors[names[0]], tensors[names[1]]))
            index += 2
        index += 1
    return found


def vgg_file() -> Path:
    """The place of the weights, as torchvision and torch.hub choose it."""
    return Path(torch.hub.get_dir()) / "checkpoints" / FILE


def check_weights(config: Config) -> None:
    """Read the weights if a config asks for them, before data are read.

    Raises:
        WeightsError: they are not there.
    """
    if config.perceptual:
        read_vgg()
