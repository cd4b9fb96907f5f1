"""Four small discriminators over mixed features of the frozen network."""

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo.layers import diff_augment, spectral_norm
from ganzoo_projected.backbone import Backbone
from ganzoo_projected.config import Config

HOLE = 1 / 5
"""Height and width of the cutout, as a fraction of the image's."""
LARGEST = 8
"""Largest height and width of the maps before the last 4 x 4 convolution."""
CLASS_WIDTH, CLASS_MAPS = 128, 64
"""Width of a class embedding, and of its projection onto the last maps of a discriminator."""


class Discriminator(nn.Module):
    """(N, channels, size, size) to (N, logits), an equal number from each small discriminator.

    With classes it takes labels (N,): a logit is the inner product of the maps and a projection of
    the label's embedding (Miyato and Koyama 2018).
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.augment, self.size = config.augment, config.input
        self.backbone = Backbone(config.backbone_weights)
        self.mixer = Mixer(self.backbone.widths, config.maps)
        halvings, side = 0, self.size // 16
        while side > LARGEST:
            halvings, side = halvings + 1, side // 2
        widths = self.mixer.widths
        outputs = CLASS_MAPS if config.classes else 1
        self.heads = nn.ModuleList(
            small_discriminator(width, halvings + len(widths) - 1 - scale, config.maps, outputs)
            for scale, width in enumerate(widths)
        )
        if config.classes:
            self.projections = nn.ModuleList(projection(config.classes) for _ in widths)

    def forward(self, images: Tensor, label: Tensor | None = None) -> Tensor:
        if self.augment and self.training:
            images = diff_augment(images, hole=HOLE)
        if images.shape[2] < self.size:
            images = F.interpolate(images, (self.size, self.size), mode="bilinear")
        maps = self.mixer(self.backbone(images.expand(-1, 3, -1, -1)))
        logits = [head(each) for head, each in zip(self.heads, maps, strict=True)]
        if label is not None:
            classes = [project(label)[:, :, None, None] for project in self.projections]
            pairs = zip(logits, classes, strict=True)
            logits = [(each * known).sum(1) / sqrt(CLASS_MAPS) for each, known in pairs]
        return torch.cat([each.flatten(1) for each in logits], 1)


def projection(classes: int) -> nn.Sequential:
    """Label to the weights of a discriminator's last maps."""
    return nn.Sequential(
        nn.Embedding(classes, CLASS_WIDTH), nn.Linear(CLASS_WIDTH, CLASS_MAPS), nn.LeakyReLU(0.2)
    )


def small_discriminator(inputs: int, halvings: int, maps: int, outputs: int = 1) -> nn.Sequential:
    """Strided convolutions with spectral norm, from features of one scale to a map of logits."""
    widths = [inputs, *(max(maps, 8 * maps >> left) for left in reversed(range(halvings)))]
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        halving = spectral_norm(nn.Conv2d(before, after, 4, stride=2, padding=1))
        layers += [halving, nn.BatchNorm2d(after), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, spectral_norm(nn.Conv2d(widths[-1], outputs, 4, bias=False)))


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
