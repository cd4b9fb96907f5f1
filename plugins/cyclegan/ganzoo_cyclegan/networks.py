"""ResNet generators and image pools (Zhu et al. 2017, section 7.2)."""

from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn

from ganzoo import layers
from ganzoo_cyclegan.config import Config


def resnet_generator(config: Config) -> nn.Sequential:
    """ResNet generator: (N, channels, size, size) to the same (Johnson et al. 2016)."""
    widths = [config.width, 2 * config.width, 4 * config.width]
    bias = config.norm != "batch"
    parts: list[nn.Module] = [
        nn.Conv2d(config.channels, widths[0], 7, padding=3, padding_mode="reflect", bias=bias),
        *_normed(widths[0], config),
    ]
    for inputs, outputs in pairwise(widths):
        parts.append(nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=bias))
        parts += _normed(outputs, config)
    parts += [Residual(widths[-1], config) for _ in range(config.blocks)]
    for inputs, outputs in pairwise(reversed(widths)):
        parts += [_up(inputs, outputs, config), *_normed(outputs, config)]
    last = nn.Conv2d(widths[0], config.channels, 7, padding=3, padding_mode="reflect")
    return nn.Sequential(*parts, last, nn.Tanh())


def patch_discriminator(config: Config) -> nn.Module:
    """Patch discriminator: (N, channels, size, size) to (N, 1, H', W')."""
    return layers.PatchDiscriminator(
        config.channels,
        config.discriminator_width or config.width,
        config.halvings,
        partial(norm, config=config),
        bias=config.norm != "batch",
        padded=config.padded,
    )


def norm(width: int, config: Config) -> nn.Module:
    """Normalization of feature maps."""
    if config.norm == "batch":
        return nn.BatchNorm2d(width)
    return nn.InstanceNorm2d(width, affine=config.norm == "affine")


def _normed(width: int, config: Config) -> tuple[nn.Module, ...]:
    return norm(width, config), nn.ReLU()


def _up(inputs: int, outputs: int, config: Config) -> nn.Module:
    """Double the size."""
    bias = config.norm != "batch"
    if config.upsampling == "nearest":
        # published files count upsampling as a layer
        return nn.Sequential(nn.Identity(), layers.UpsampledConv2d(inputs, outputs, bias=bias))
    return nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=1, bias=bias)


class Residual(nn.Module):
    """Residual block of two convolutions, without a ReLU at the end."""

    def __init__(self, width: int, config: Config) -> None:
        super().__init__()
        bias = config.norm != "batch"
        self.change = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, padding_mode="reflect", bias=bias),
            *_normed(width, config),
            nn.Conv2d(width, width, 3, padding=1, padding_mode="reflect", bias=bias),
            norm(width, config),
        )

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = x + self.change(x)
        return output


class Discriminators(nn.ModuleDict):
    """A discriminator for each domain."""

    def forward(self, images: Tensor) -> Tensor:
        """Scores of patches in the domain ``real``."""
        scores: Tensor = self["real"](images)
        return scores


class Pool(nn.Module):
    """Image pool: replaces half of the fakes by earlier ones (Shrivastava et al. 2017).

    The images are buffers, so a resumed run continues with them.

    Args:
        size: images that are kept.
        shape: shape of one image.
    """

    images: Tensor
    filled: Tensor

    def __init__(self, size: int, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.register_buffer("images", torch.zeros(size, *shape))
        self.register_buffer("filled", torch.zeros(size, dtype=torch.bool))

    def forward(self, fake: Tensor) -> Tensor:
        """The same number of images; each has its own random place, and fills it if it is empty."""
        if not self.training:
            return fake
        new = fake[: len(self.images)]
        places = torch.randperm(len(self.images), device=fake.device)[: len(new)]
        old, filled = self.images[places], self.filled[places]
        swapped = torch.rand(len(new), device=fake.device) < 0.5
        self.images[places] = torch.where(_rows(swapped | ~filled), new, old)
        self.filled[places] = True
        shown = torch.where(_rows(swapped & filled), old, new)
        return torch.cat([shown, fake[len(new) :]])


def _rows(chosen: Tensor) -> Tensor:
    """A flag per image, (N,), reshaped to broadcast with images."""
    return chosen.view(-1, 1, 1, 1)
