"""ResNet generators and image pools (Zhu et al. 2017, section 7.2)."""

from itertools import pairwise

import torch
from torch import Tensor, nn

from ganzoo_cyclegan import Config


def resnet_generator(config: Config) -> nn.Sequential:
    """ResNet generator: (N, channels, size, size) to the same (Johnson et al. 2016)."""
    widths = [config.width, 2 * config.width, 4 * config.width]
    layers: list[nn.Module] = [
        nn.Conv2d(config.channels, widths[0], 7, padding=3, padding_mode="reflect"),
        *_normed(widths[0]),
    ]
    for inputs, outputs in pairwise(widths):
        layers += [nn.Conv2d(inputs, outputs, 3, stride=2, padding=1), *_normed(outputs)]
    layers += [Residual(widths[-1]) for _ in range(config.blocks)]
    for inputs, outputs in pairwise(reversed(widths)):
        up = nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=1)
        layers += [up, *_normed(outputs)]
    last = nn.Conv2d(widths[0], config.channels, 7, padding=3, padding_mode="reflect")
    return nn.Sequential(*layers, last, nn.Tanh())


def _normed(width: int) -> tuple[nn.Module, ...]:
    return nn.InstanceNorm2d(width), nn.ReLU()


class Residual(nn.Module):
    """Residual block of two convolutions, without a ReLU at the end."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.change = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, padding_mode="reflect"),
            *_normed(width),
            nn.Conv2d(width, width, 3, padding=1, padding_mode="reflect"),
            nn.InstanceNorm2d(width),
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
