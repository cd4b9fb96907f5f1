"""FastGAN generator: upsampling blocks with skip-layer excitation (Liu et al. 2021)."""

from itertools import pairwise

from torch import Tensor, nn

from ganzoo.layers import spectral_norm
from ganzoo_projected import Config

SPAN = 4
"""Doublings between the two ends of an excitation, e.g. from 4 x 4 to 64 x 64."""
EXCITATIONS = 4
"""Number of excitations: from 4 x 4, 8 x 8, 16 x 16 and 32 x 32."""


class Generator(nn.Module):
    """(N, latent) to (N, channels, size, size), unbounded; `decode` of the model clamps."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        widths = config.widths
        start = config.size >> config.doublings
        self.first = nn.Sequential(
            nn.Unflatten(1, (config.latent, 1, 1)),
            spectral_norm(nn.ConvTranspose2d(config.latent, 2 * widths[0], start, bias=False)),
            *gated(widths[0]),
        )
        self.doublings = nn.ModuleList(
            upsampling(inputs, outputs, config.lite) for inputs, outputs in pairwise(widths)
        )
        self.excitations = nn.ModuleList(
            excitation(small, large)
            for small, large in zip(widths[:EXCITATIONS], widths[SPAN:], strict=False)
        )
        self.image = spectral_norm(nn.Conv2d(widths[-1], config.channels, 3, padding=1))

    def forward(self, latent: Tensor) -> Tensor:
        """Latents are normalized to unit second moment first (Karras et al. 2018)."""
        latent = latent * (latent.square().mean(1, keepdim=True) + 1e-8).rsqrt()
        maps = [self.first(latent)]
        for number, double in enumerate(self.doublings, 1 - SPAN):
            large = double(maps[-1])
            if 0 <= number < len(self.excitations):
                large = large * self.excitations[number](maps[number])
            maps.append(large)
        image: Tensor = self.image(maps[-1])
        return image


def upsampling(inputs: int, outputs: int, lite: bool) -> nn.Sequential:
    """Nearest-neighbor upsampling by 2, then one or two gated convolutions."""
    layers = [nn.Upsample(scale_factor=2), *convolution(inputs, outputs)]
    return nn.Sequential(*layers, *([] if lite else convolution(outputs, outputs)))


def convolution(inputs: int, outputs: int) -> list[nn.Module]:
    """3 x 3 convolution, batch norm and gate."""
    layer = nn.Conv2d(inputs, 2 * outputs, 3, padding=1, bias=False)
    return [spectral_norm(layer), *gated(outputs)]


def gated(outputs: int) -> list[nn.Module]:
    """Batch norm and gated linear unit: 2 x outputs maps to outputs."""
    return [nn.BatchNorm2d(2 * outputs), nn.GLU(dim=1)]


def excitation(small: int, large: int) -> nn.Sequential:
    """Small maps to a weight in (0, 1) per channel of the large maps."""
    return nn.Sequential(
        nn.AdaptiveAvgPool2d(4),
        spectral_norm(nn.Conv2d(small, large, 4, bias=False)),
        nn.SiLU(),
        spectral_norm(nn.Conv2d(large, large, 1, bias=False)),
        nn.Sigmoid(),
    )
