"""The "standard CNN" of Miyato et al. (2018), table 3, with batch norm as StudioGAN builds it."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from ganzoo.spec.configs import halvings

EPS = 1e-4
"""Added to the variance in the norms of StudioGAN."""


class StandardGenerator(nn.Sequential):
    """Linear layer, transposed convolutions, a 3 x 3 convolution: (N, latent) to images in [-1, 1].

    Args:
        channels, size: of the images; size is 4 to 7 pixels, doubled a few times.
        latent: latent dimension.
        width: feature maps at the full size; twice as many before each doubling.
    """

    def __init__(self, channels: int, size: int, latent: int, width: int) -> None:
        count = halvings(size)
        widths = [width << level for level in range(count, -1, -1)]
        start = size >> count
        body: list[nn.Module] = [
            nn.Linear(latent, widths[0] * start**2),
            nn.Unflatten(1, (widths[0], start, start)),
        ]
        for inputs, outputs in pairwise(widths):
            body += [
                nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1),
                nn.BatchNorm2d(outputs, eps=EPS),
                nn.ReLU(inplace=True),
            ]
        super().__init__(*body, nn.Conv2d(width, channels, 3, padding=1), nn.Tanh())


class StandardDiscriminator(nn.Module):
    """Pairs of 3 x 3 and strided 4 x 4 convolutions: (N, channels, size, size) to (N, 1) scores.

    Args:
        channels, size: of the images.
        width: feature maps of the first pair; twice as many in each later one.
    """

    def __init__(self, channels: int, size: int, width: int) -> None:
        super().__init__()
        widths = [channels, *(width << level for level in range(halvings(size)))]
        body: list[nn.Module] = []
        for inputs, outputs in pairwise(widths):
            body += _normed(nn.Conv2d(inputs, outputs, 3, padding=1), outputs)
            body += _normed(nn.Conv2d(outputs, outputs, 4, stride=2, padding=1), outputs)
        last = 2 * widths[-1]
        body += _normed(nn.Conv2d(widths[-1], last, 3, padding=1), last)
        self.body = nn.Sequential(*body)
        self.score = nn.Linear(last, 1)

    def forward(self, images: Tensor) -> Tensor:
        scores: Tensor = self.score(self.body(images).sum((2, 3)))
        return scores


def _normed(convolution: nn.Conv2d, width: int) -> list[nn.Module]:
    return [convolution, nn.BatchNorm2d(width, eps=EPS), nn.ReLU(inplace=True)]
