"""Networks of BigGAN (Brock et al. 2019, appendix B)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo import layers
from ganzoo_biggan.config import Config


class SelfAttention(nn.Module):
    """Self-attention over pixels, with keys and values at half the size (Zhang et al. 2019).

    Args:
        maps: feature maps before and after.
    """

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.query = _pointwise(maps, max(1, maps // 8))
        self.key = _pointwise(maps, max(1, maps // 8))
        self.value = _pointwise(maps, max(1, maps // 2))
        self.output = _pointwise(max(1, maps // 2), maps)
        self.gain = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        query = self.query(x).flatten(2)
        key = F.max_pool2d(self.key(x), 2).flatten(2)
        value = F.max_pool2d(self.value(x), 2).flatten(2)
        weight = (query.transpose(1, 2) @ key).softmax(2)
        mixed = (value @ weight.transpose(1, 2)).unflatten(2, x.shape[2:])
        output: Tensor = self.gain * self.output(mixed) + x
        return output


class AffineNorm(nn.Module):
    """Batch normalization whose gain and shift are linear in a condition.

    Args:
        maps: number of feature maps.
        condition: dimension of the condition.
        eps: added to the variance.
    """

    def __init__(self, maps: int, condition: int, eps: float) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(maps, eps, affine=False)
        self.gain = layers.glorot_init(nn.Linear(condition, maps, bias=False))
        self.shift = layers.glorot_init(nn.Linear(condition, maps, bias=False))

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        gain, shift = 1 + self.gain(condition), self.shift(condition)
        output: Tensor = self.norm(x) * gain[:, :, None, None] + shift[:, :, None, None]
        return output


class Generator(nn.Module):
    """Residual generator with spectral norm, hierarchical latents and a shared class embedding.

    (N, latent) and a condition to (N, channels, H, W) in [-1, 1].
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        blocks = range(1, config.blocks + 1)
        self.part = config.latent // (config.blocks + 1) if config.hierarchical else config.latent
        norm: Callable[[int], nn.Module]
        if config.embedding:
            self.embedding = nn.Embedding(config.classes, config.embedding)
            condition = config.embedding + self.part * config.hierarchical
            norm = partial(AffineNorm, condition=condition, eps=config.eps)
        else:
            norm = partial(layers.ConditionalBatchNorm2d, classes=config.classes, eps=config.eps)
        self.start = first_layer(self.part, config)
        self.blocks = nn.ModuleList(
            layers.UpBlock(*pair, norm, upsample=config.doubles(block))
            for block, pair in zip(blocks, pairwise(config.widths), strict=True)
        )
        self.attention = attention_layers(config.attention, config.widths[1:])
        self.norm = nn.BatchNorm2d(config.widths[-1], config.eps)
        self.end = last_layers(config)
        self.hierarchical = config.hierarchical
        for layer in self.modules():
            if isinstance(layer, nn.Linear | nn.Conv2d):
                layers.spectral_norm(layer)

    def embed(self, label: Tensor) -> Tensor:
        """The condition of labels (N,): their embeddings, or the labels if no norm shares one."""
        condition: Tensor = self.embedding(label) if hasattr(self, "embedding") else label
        return condition

    def forward(self, latent: Tensor, condition: Tensor) -> Tensor:
        first, *rest = torch.split(latent, self.part, 1)
        maps = self.start(first)
        for index, block in enumerate(self.blocks):
            own = torch.cat([condition, rest[index]], 1) if self.hierarchical else condition
            maps = block(maps, own)
            if str(index + 1) in self.attention:
                maps = self.attention[str(index + 1)](maps)
        images: Tensor = self.end(self.norm(maps))
        return images


class Discriminator(nn.Module):
    """Residual discriminator with spectral norm, self-attention and projection of the class.

    (N, channels, H, W) and labels (N,) to (N, 1) scores.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        widths = (config.channels, *config.discriminator_widths)
        self.blocks = nn.ModuleList(
            layers.DownBlock(
                *pair,
                hidden=pair[1 if config.wide else 0],
                downsample=index < config.discriminator_halvings,
                first=index == 0,
                relu_shortcut=config.relu_shortcut,
            )
            for index, pair in enumerate(pairwise(widths))
        )
        self.attention = attention_layers(config.discriminator_attention, widths[1:])
        self.score = layers.glorot_init(nn.Linear(widths[-1], 1))
        self.classes = layers.glorot_init(nn.Embedding(config.classes, widths[-1]))
        layers.apply_spectral_norm(self)

    def forward(self, images: Tensor, label: Tensor) -> Tensor:
        maps = images
        for index, block in enumerate(self.blocks):
            maps = block(maps)
            if str(index + 1) in self.attention:
                maps = self.attention[str(index + 1)](maps)
        features = F.relu(maps).sum((2, 3))
        score: Tensor = self.score(features)
        projection: Tensor = (self.classes(label) * features).sum(1, keepdim=True)
        return score + projection


def first_layer(inputs: int, config: Config) -> nn.Sequential:
    """Linear layer from a latent to the first maps."""
    maps, size = config.widths[0], config.start
    return nn.Sequential(
        layers.glorot_init(nn.Linear(inputs, maps * size**2)), nn.Unflatten(1, (maps, size, size))
    )


def last_layers(config: Config) -> nn.Sequential:
    """ReLU and convolution to an image, behind the last norm."""
    convolution = nn.Conv2d(config.widths[-1], config.channels, 3, padding=1)
    return nn.Sequential(nn.ReLU(), layers.glorot_init(convolution), nn.Tanh())


def attention_layers(blocks: tuple[int, ...], widths: tuple[int, ...]) -> nn.ModuleDict:
    """Self-attention behind blocks, counted from 1, by the number of the block."""
    return nn.ModuleDict({str(block): SelfAttention(widths[block - 1]) for block in blocks})


def _pointwise(inputs: int, outputs: int) -> nn.Conv2d:
    return layers.glorot_init(nn.Conv2d(inputs, outputs, 1, bias=False))
