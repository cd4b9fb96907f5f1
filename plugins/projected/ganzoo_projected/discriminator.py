"""Four small discriminators over mixed features of the frozen network."""

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo.layers import spectral_norm
from ganzoo_projected import Config
from ganzoo_projected.augment import diff_augment
from ganzoo_projected.backbone import Backbone

LARGEST = 8
"""Largest height and width of the maps before the last 4 x 4 convolution."""


class Discriminator(nn.Module):
    """(N, channels, size, size) to (N, logits), an equal number from each small discriminator."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.augment, self.size = config.augment, config.input
        self.backbone = Backbone(config.backbone_weights)
        self.mixer = Mixer(self.backbone.widths, config.maps)
        halvings, side = 0, self.size // 16
        while side > LARGEST:
            halvings, side = halvings + 1, side // 2
        widths = self.mixer.widths
        self.heads = nn.ModuleList(
            small_discriminator(width, halvings + len(widths) - 1 - scale, config.maps)
            for scale, width in enumerate(widths)
        )

    def forward(self, images: Tensor) -> Tensor:
        if self.augment and self.training:
            images = diff_augment(images)
        if images.shape[2] < self.size:
            images = F.interpolate(images, (self.size, self.size), mode="bilinear")
        maps = self.mixer(self.backbone(images.expand(-1, 3, -1, -1)))
        logits = [head(each).flatten(1) for head, each in zip(self.heads, maps, strict=True)]
        return torch.cat(logits, 1)


def small_discriminator(inputs: int, halvings: int, maps: int) -> nn.Sequential:
    """Strided convolutions with spectral norm, from features of one scale to a map of logits."""
    widths = [inputs, *(max(maps, 8 * maps >> left) for left in reversed(range(halvings)))]
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        halving = spectral_norm(nn.Conv2d(before, after, 4, stride=2, padding=1))
        layers += [halving, nn.BatchNorm2d(after), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, spectral_norm(nn.Conv2d(widths[-1], 1, 4, bias=False)))


class Mixer(nn.Module):
    """Fixed random projections: across channels, then across scales from coarse to fine.

    Mixing keeps the discriminators from relying on few features (Sauer et al. 2021, section 3.2).
    The weights are drawn with the model's and saved with it.

    Args:
        inputs: channels of the features, the finest scale first.
        maps: mixed channels at the finest scale; twice as many at each coarser one.
    """

    def __init__(self, inputs: Sequence[int], maps: int) -> None:
        super().__init__()
        mixed = [maps * 2**scale for scale in range(len(inputs))]
        self.widths = [maps, *mixed[:-1]]
        """Channels of the results, the finest scale first."""
        self.across = nn.ModuleList(map(pointwise, inputs, mixed))
        self.down = nn.ModuleList(map(pointwise, mixed, self.widths))
        self.requires_grad_(False)

    def forward(self, features: Sequence[Tensor]) -> list[Tensor]:
        """Mixed features, each twice the size of its input; 1 x 1 convolutions can run before."""
        maps: list[Tensor] = []
        for across, down, each in reversed([*zip(self.across, self.down, features, strict=True)]):
            mixed = across(each) + maps[0] if maps else across(each)
            larger = F.interpolate(
                down(mixed), scale_factor=2.0, mode="bilinear", align_corners=True
            )
            maps.insert(0, larger)
        return maps


def pointwise(inputs: int, outputs: int) -> nn.Conv2d:
    """1 x 1 convolution."""
    return nn.Conv2d(inputs, outputs, 1)
