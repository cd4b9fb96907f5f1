"""Networks of LaMa: fast Fourier convolutions (Suvorov et al. 2022; Chi et al. 2020).

The authors keep local and global maps apart. Here they are one tensor, local maps first: two
convolutions that read the same maps are one, and so are the norms after them.
"""

import torch
from torch import Tensor, nn

from ganzoo.layers import PatchDiscriminator
from ganzoo_lama.config import Config


class Generator(nn.Module):
    """Image with a hole and its mask, (N, channels + 1, H, W), to the image in [0, 1].

    H and W are a multiple of `Config.unit`, and at least twice that.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        first, last = config.widths[0], config.widths[-1]
        self.first = Layer(_reflecting(config.channels + 1, first, 7), first)
        self.downs = nn.Sequential(
            *(
                Layer(_reflecting(inputs, outputs, 3, stride=2), outputs)
                for inputs, outputs in config.steps
            )
        )
        self.blocks = nn.Sequential(
            *(Block(last - config.global_maps, config.global_maps) for _ in range(config.blocks))
        )
        self.ups = nn.Sequential(
            *(
                Layer(nn.ConvTranspose2d(inputs, outputs, 3, 2, 1, output_padding=1), outputs)
                for outputs, inputs in reversed(config.steps)
            )
        )
        self.image = _reflecting(first, config.channels, 7, bias=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.ups(self.blocks(self.encode(x)))
        image: Tensor = self.image(x).sigmoid()
        return image

    def encode(self, x: Tensor) -> Tensor:
        """Maps before the first block."""
        maps: Tensor = self.downs(self.first(x))
        return maps


class Layer(nn.Module):
    """A convolution, batch norm and ReLU.

    Args:
        convolution: the convolution.
        maps: its output maps.
    """

    def __init__(self, convolution: nn.Module, maps: int) -> None:
        super().__init__()
        self.convolution, self.norm = convolution, nn.BatchNorm2d(maps)

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.norm(self.convolution(x)).relu()
        return output


class Block(nn.Module):
    """Residual block of two Fourier convolutions.

    Args:
        local_maps, global_maps: maps of each kind.
    """

    def __init__(self, local_maps: int, global_maps: int) -> None:
        super().__init__()
        maps = local_maps + global_maps
        self.first = Layer(FourierConvolution(local_maps, global_maps), maps)
        self.second = Layer(FourierConvolution(local_maps, global_maps), maps)

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = x + self.second(self.first(x))
        return output


class FourierConvolution(nn.Module):
    """Fast Fourier convolution: (N, local + global, H, W) to the same shape.

    Local maps are convolved into all maps, global ones into the local maps and, over the whole
    image, into the global ones.

    Args:
        local_maps, global_maps: maps of each kind.
    """

    def __init__(self, local_maps: int, global_maps: int) -> None:
        super().__init__()
        self.local_maps = local_maps
        self.from_local = _reflecting(local_maps, local_maps + global_maps, 3)
        self.from_global = _reflecting(global_maps, local_maps, 3)
        self.spectral = SpectralTransform(global_maps)

    def forward(self, x: Tensor) -> Tensor:
        near, far = x[:, : self.local_maps], x[:, self.local_maps :]
        output: Tensor = self.from_local(near)
        return output + torch.cat([self.from_global(far), self.spectral(far)], 1)


class SpectralTransform(nn.Module):
    """Fourier unit with a residual connection, between two convolutions of single pixels."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.first = Layer(nn.Conv2d(maps, maps // 2, 1, bias=False), maps // 2)
        self.fourier = FourierUnit(maps // 2)
        self.last = nn.Conv2d(maps // 2, maps, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        output: Tensor = self.last(x + self.fourier(x))
        return output


class FourierUnit(nn.Module):
    """Layer of 1 x 1 convolutions on the spectrum: its receptive field is the whole image."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.layer = Layer(nn.Conv2d(2 * maps, 2 * maps, 1, bias=False), 2 * maps)

    def forward(self, x: Tensor) -> Tensor:
        # transforms in half precision exist for sizes that are powers of two alone
        spectrum = torch.fft.rfft2(x.float(), norm="ortho")
        parts = torch.view_as_real(spectrum).permute(0, 1, 4, 2, 3).flatten(1, 2)
        parts = self.layer(parts.to(x.dtype)).float().unflatten(1, (-1, 2)).permute(0, 1, 3, 4, 2)
        spectrum = torch.view_as_complex(parts.contiguous())
        output: Tensor = torch.fft.irfft2(spectrum, s=x.shape[-2:], norm="ortho")
        return output.to(x.dtype)


class Discriminator(PatchDiscriminator):
    """Scores of patches, and the maps after each activation."""

    def __init__(self, config: Config) -> None:
        super().__init__(
            config.channels,
            config.discriminator_width,
            config.discriminator_halvings,
            nn.BatchNorm2d,
        )

    def scores_and_maps(self, images: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Scores, (N, 1, H', W'), and the maps after each activation."""
        maps, x = [], images
        for layer in self:
            x = layer(x)
            if isinstance(layer, nn.LeakyReLU):
                maps.append(x)
        return x, maps


def _reflecting(
    inputs: int, outputs: int, kernel: int, *, stride: int = 1, bias: bool = False
) -> nn.Conv2d:
    """Convolution that sees the image mirrored at its border."""
    return nn.Conv2d(
        inputs, outputs, kernel, stride, kernel // 2, bias=bias, padding_mode="reflect"
    )
