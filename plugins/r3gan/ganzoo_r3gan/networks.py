"""Residual networks without normalization: 1 x 1, grouped 3 x 3, 1 x 1, and FIR resampling."""

from collections.abc import Iterator
from math import sqrt

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo_r3gan import Config

SLOPE = 0.2
"""Negative slope of leaky ReLU."""


class Generator(nn.Module):
    """(N, latent), and labels (N,) if there are classes, to (N, channels, size, size).

    The output is unbounded; `decode` of the model clamps it.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        inputs = config.latent
        if config.classes:
            self.embedding = embedding(config.classes, config.embedding or config.latent)
            inputs += self.embedding.embedding_dim
        basis = Basis(inputs, config.widths[0], config.start)
        stages: list[nn.Module] = [basis, *blocks(config, 0)]
        for stage in range(1, len(config.widths)):
            coarse, fine = config.widths[stage - 1 : stage + 1]
            stages += [*transition(coarse, fine), Up(), *blocks(config, stage)]
        self.stages = nn.Sequential(*stages)
        self.image = convolution(config.widths[-1], config.channels)

    def forward(self, latent: Tensor, label: Tensor | None = None) -> Tensor:
        if label is not None:
            latent = torch.cat([latent, self.embedding(label).to(latent.dtype)], 1)
        image: Tensor = self.image(self.stages(latent))
        return image


class Discriminator(nn.Module):
    """(N, channels, size, size), and labels (N,) if there are classes, to (N, 1) logits.

    With classes, a logit is the inner product of the features and the label's embedding.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        stages: list[nn.Module] = [convolution(config.channels, config.widths[-1])]
        for stage in reversed(range(1, len(config.widths))):
            coarse, fine = config.widths[stage - 1 : stage + 1]
            stages += [*blocks(config, stage), Down(), *transition(fine, coarse)]
        width = config.widths[0]
        end = nn.Conv2d(width, width, config.start, groups=width, bias=False)
        head = nn.Linear(width, width if config.classes else 1, bias=False)
        for layer in (end, head):
            scaled_init(layer)
        self.stages = nn.Sequential(*stages, *blocks(config, 0), end, nn.Flatten(), head)
        if config.classes:
            self.embedding = embedding(config.classes, width, gain=1 / sqrt(width))

    def forward(self, images: Tensor, label: Tensor | None = None) -> Tensor:
        features: Tensor = self.stages(images)
        if label is None:
            return features
        logits: Tensor = (features * self.embedding(label)).sum(1, keepdim=True)
        return logits


class Basis(nn.Module):
    """Learned maps of the coarsest size, each scaled by a linear function of the input."""

    def __init__(self, inputs: int, width: int, size: int) -> None:
        super().__init__()
        self.maps = nn.Parameter(torch.randn(width, size, size))
        self.weights = nn.Linear(inputs, width, bias=False)
        scaled_init(self.weights)

    def forward(self, x: Tensor) -> Tensor:
        weighted: Tensor = self.maps * self.weights(x)[:, :, None, None]
        return weighted


class Block(nn.Module):
    """Residual block x + f(x), where f starts at 0 (Fixup; Zhang et al. 2019).

    Args:
        width: feature maps.
        groups: groups of the 3 x 3 convolution.
        depth: blocks in the network; with three layers per block, the initial weights of f are
            scaled by depth ^ -1/4.
        expansion: feature maps inside, relative to width.
    """

    def __init__(self, width: int, groups: int, depth: int, expansion: int = 2) -> None:
        super().__init__()
        inner = expansion * width
        gain = sqrt(2 / (1 + SLOPE**2)) * depth**-0.25
        self.branch = nn.Sequential(
            convolution(width, inner, gain=gain, bias=True),
            nn.LeakyReLU(SLOPE),
            convolution(inner, inner, 3, groups, gain=gain, bias=True),
            nn.LeakyReLU(SLOPE),
            convolution(inner, width, gain=0),
        )

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = x + self.branch(x)
        return output


class Filter(nn.Module):
    """Separable FIR filter [1, 3, 3, 1], applied per map; its weights sum to 1."""

    kernel: Tensor

    def __init__(self) -> None:
        super().__init__()
        row = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
        self.register_buffer("kernel", torch.outer(row, row)[None, None], persistent=False)


class Up(Filter):
    """Upsample by a factor of 2."""

    def forward(self, x: Tensor) -> Tensor:
        kernels = 4 * self.kernel.expand(x.shape[1], 1, 4, 4)
        return F.conv_transpose2d(x, kernels, stride=2, padding=1, groups=x.shape[1])


class Down(Filter):
    """Downsample by a factor of 2."""

    def forward(self, x: Tensor) -> Tensor:
        kernels = self.kernel.expand(x.shape[1], 1, 4, 4)
        return F.conv2d(x, kernels, stride=2, padding=1, groups=x.shape[1])


def blocks(config: Config, stage: int) -> Iterator[nn.Module]:
    """The residual blocks of a stage; 0 is the coarsest."""
    for _ in range(config.blocks[stage]):
        yield Block(
            config.widths[stage], config.stage_groups[stage], sum(config.blocks), config.expansion
        )


def transition(inputs: int, outputs: int) -> list[nn.Module]:
    """1 x 1 convolution between stages; nothing where the number of maps stays."""
    return [] if inputs == outputs else [convolution(inputs, outputs)]


def convolution(
    inputs: int, outputs: int, size: int = 1, groups: int = 1, gain: float = 1, bias: bool = False
) -> nn.Conv2d:
    """Convolution that keeps the size."""
    layer = nn.Conv2d(inputs, outputs, size, padding=size // 2, groups=groups, bias=bias)
    scaled_init(layer, gain)
    return layer


def embedding(classes: int, width: int, gain: float = 1) -> nn.Embedding:
    """Embedding with the weights of a linear layer of the one-hot label."""
    layer = nn.Embedding(classes, width)
    nn.init.normal_(layer.weight, 0, gain / sqrt(classes))
    return layer


def scaled_init(layer: nn.Conv2d | nn.Linear, gain: float = 1) -> None:
    """N(0, gain / sqrt(fan in)), biases 0."""
    nn.init.normal_(layer.weight, 0, gain / sqrt(layer.weight[0].numel()))
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
