"""Strided convolutional networks: a generator, a discriminator and patch discriminators.

After Radford et al. (2015), with the 4 x 4 kernels of its PyTorch version.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from torch import nn

from ganzoo.layers.blocks import MinibatchStd
from ganzoo.spec.configs import halvings


class StridedGenerator(nn.Sequential):
    """Transposed convolutions with batch norm: (N, latent) to (N, channels, size, size) in [-1, 1].

    Args:
        channels, size: of the images; size is 4 to 7 pixels, doubled a few times.
        latent: latent dimension.
        width: feature maps before the last layer; twice as many before each earlier one.
        linear: the first layer is linear; False: a transposed convolution.
        bias: of the layers after the first one.
        first_bias: of the first layer.
        last_bias: of the last layer; None: as ``bias``.
    """

    def __init__(
        self,
        channels: int,
        size: int,
        latent: int,
        width: int,
        *,
        linear: bool = False,
        bias: bool = False,
        first_bias: bool = False,
        last_bias: bool | None = None,
    ) -> None:
        widths = _doubled(width, halvings(size))[::-1]
        start = size // 2 ** halvings(size)
        layers: list[nn.Module]
        if linear:
            layers = [
                nn.Linear(latent, widths[0] * start**2, bias=first_bias),
                nn.Unflatten(1, (widths[0], start, start)),
            ]
        else:
            layers = [
                nn.Unflatten(1, (latent, 1, 1)),
                nn.ConvTranspose2d(latent, widths[0], start, bias=first_bias),
            ]
        biases = [bias] * (len(widths) - 1) + [bias if last_bias is None else last_bias]
        for (inputs, outputs), biased in zip(pairwise((*widths, channels)), biases, strict=True):
            layers += [
                nn.BatchNorm2d(inputs),
                nn.ReLU(inplace=True),
                nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1, bias=biased),
            ]
        super().__init__(*layers, nn.Tanh())


class StridedDiscriminator(nn.Sequential):
    """Strided convolutions with leaky ReLU: (N, channels, size, size) to (N, 1) scores.

    Args:
        channels, size: of the images.
        widths: feature maps after each convolution; each halves the size.
        norm: makes the normalization of all convolutions but the first; None: no normalization.
        linear: the last layer is linear; False: a convolution over all pixels.
        bias: of all layers.
        inplace: activations overwrite their input, which saves memory.
        group: rows that a minibatch standard deviation before the last layer compares; 1: none.
        outer_bias: of the first and the last layer, which no norm follows; None: as ``bias``.
        slope: of the leaky ReLU.
    """

    def __init__(
        self,
        channels: int,
        size: int,
        widths: Sequence[int],
        *,
        norm: Callable[[int], nn.Module] | None = nn.BatchNorm2d,
        linear: bool = False,
        bias: bool = False,
        inplace: bool = True,
        group: int = 1,
        outer_bias: bool | None = None,
        slope: float = 0.2,
    ) -> None:
        end, last = size // 2 ** len(widths), widths[-1]
        outer = bias if outer_bias is None else outer_bias
        layers = strided_convolutions(
            channels, widths, norm, bias=bias, inplace=inplace, first_bias=outer, slope=slope
        )
        if group > 1:
            layers, last = [*layers, MinibatchStd(group)], last + 1
        if linear:
            layers += [nn.Flatten(), nn.Linear(last * end**2, 1, bias=outer)]
        else:
            layers += [nn.Conv2d(last, 1, end, bias=outer), nn.Flatten()]
        super().__init__(*layers)

    @staticmethod
    def doubled_widths(width: int, size: int) -> list[int]:
        """``width``, doubled from layer to layer until at most 4 pixels are left."""
        count = halvings(size)
        return _doubled(width, count + (size // 2**count > 4))


class PatchDiscriminator(nn.Sequential):
    """One score per overlapping patch: (N, channels, H, W) to (N, 1, H', W') (Isola et al. 2017).

    Args:
        channels: of the images, of source and target together where it sees both.
        width: feature maps of the first layer; doubled up to three times.
        halvings: layers that halve the image: 3 for patches of 70 x 70, 1 for 16 x 16.
        norm: makes the normalization of all layers but the first and the last.
        bias: of the layers that a norm follows.
        last_bias: of the last layer.
        padded: every layer but the last halves the image, and zeros to the left and above come
            before the last one.
    """

    def __init__(
        self,
        channels: int,
        width: int,
        halvings: int,
        norm: Callable[[int], nn.Module] = nn.InstanceNorm2d,
        *,
        bias: bool = True,
        last_bias: bool = True,
        padded: bool = False,
    ) -> None:
        count = halvings if padded else halvings + 1
        widths = [width * 2 ** min(level, 3) for level in range(count)]
        layers: list[nn.Module] = [
            nn.Conv2d(channels, widths[0], 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
        ]
        for level, (inputs, outputs) in enumerate(pairwise(widths), 1):
            stride = 2 if level < halvings else 1
            layers += [
                nn.Conv2d(inputs, outputs, 4, stride=stride, padding=1, bias=bias),
                norm(outputs),
                nn.LeakyReLU(0.2),
            ]
        if padded:
            layers.append(nn.ZeroPad2d((1, 0, 1, 0)))
        super().__init__(*layers, nn.Conv2d(widths[-1], 1, 4, padding=1, bias=last_bias))


def strided_convolutions(
    channels: int,
    widths: Sequence[int],
    norm: Callable[[int], nn.Module] | None = nn.BatchNorm2d,
    *,
    bias: bool = False,
    inplace: bool = True,
    first_bias: bool | None = None,
    slope: float = 0.2,
) -> list[nn.Module]:
    """Convolution, norm, leaky ReLU for each width; the first convolution has no norm.

    ``first_bias`` is the bias of the first convolution; None: as ``bias``.
    """
    layers: list[nn.Module] = []
    for index, (inputs, outputs) in enumerate(pairwise((channels, *widths))):
        biased = bias if index or first_bias is None else first_bias
        layers.append(nn.Conv2d(inputs, outputs, 4, stride=2, padding=1, bias=biased))
        if norm and index:
            layers.append(norm(outputs))
        layers.append(nn.LeakyReLU(slope, inplace=inplace))
    return layers


def _doubled(width: int, count: int) -> list[int]:
    return [width * 2**level for level in range(count)]
