"""Generators: upsampling stages with parallel residual blocks (Kong et al. 2020; Lee et al. 2023).

Convolutions over time are 2-D ones of height 1: in channels-last memory format they are faster, and
the results are the same.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo_hifigan import fourier
from ganzoo_hifigan.activations import AntiAliased
from ganzoo_hifigan.configs import BigConfig, VocoderConfig

SLOPE = 0.1
"""Negative slope of leaky ReLU within the network; before the last layer it is torch's 0.01."""


class Convolution(nn.Conv2d):
    """Convolution over time that keeps the length, on maps (N, C, 1, T)."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, dilation: int = 1, bias: bool = True
    ) -> None:
        padding = (0, kernel // 2 * dilation)
        super().__init__(
            inputs, outputs, (1, kernel), padding=padding, dilation=(1, dilation), bias=bias
        )

    def forward(self, maps: Tensor) -> Tensor:
        if fourier.is_faster(maps, self.kernel_size[1]):
            return fourier.convolve(maps, self)
        return super().forward(maps)


class Upsampling(nn.ConvTranspose2d):
    """Transposed convolution over time that multiplies the length by its rate."""

    def __init__(self, inputs: int, outputs: int, kernel: int, rate: int) -> None:
        padding = (kernel - rate) // 2
        super().__init__(inputs, outputs, (1, kernel), (1, rate), (0, padding))


class ResidualBlock(nn.Module):
    """Dilated convolutions with shortcuts; those of type 1 are followed by one without dilation."""

    def __init__(self, width: int, kernel: int, dilations: tuple[int, ...], second: bool) -> None:
        super().__init__()
        self.kernel = kernel
        self.dilated = nn.ModuleList(Convolution(width, width, kernel, d) for d in dilations)
        self.plain = nn.ModuleList(
            Convolution(width, width, kernel) for _ in (dilations if second else ())
        )

    def forward(self, maps: Tensor) -> Tensor:
        if fourier.is_faster(maps, self.kernel):
            maps = maps.contiguous()
        for index, dilated in enumerate(self.dilated):
            change = dilated(self.activate(maps, index, 0))
            if self.plain:
                change = self.plain[index](self.activate(change, index, 1))
            maps = maps + change
        return maps

    def activate(self, maps: Tensor, index: int, place: int) -> Tensor:
        """Activation before a convolution: of a pair (place 0, 1), or before each."""
        return F.leaky_relu(maps, SLOPE)


class PeriodicBlock(ResidualBlock):
    """Residual block with a learned, anti-aliased periodic activation before each convolution."""

    def __init__(
        self, width: int, kernel: int, dilations: tuple[int, ...], second: bool, config: BigConfig
    ) -> None:
        super().__init__(width, kernel, dilations, second)
        self.activations = nn.ModuleList(
            AntiAliased(width, config) for _ in range(len(self.dilated) + len(self.plain))
        )

    def activate(self, maps: Tensor, index: int, place: int) -> Tensor:
        activated: Tensor = self.activations[(2 if self.plain else 1) * index + place](maps)
        return activated


class Generator(nn.Module):
    """Kong et al. (2020): log-mel spectrograms, (N, mels, frames), to waveforms, (N, 1, T)."""

    def __init__(self, config: VocoderConfig) -> None:
        super().__init__()
        self.first = Convolution(config.mels, config.width, 7)
        self.ups = nn.ModuleList()
        self.blocks = nn.ModuleList()
        width = config.width
        for rate, kernel in zip(config.rates, config.kernels, strict=True):
            self.ups.append(Upsampling(width, width // 2, kernel, rate))
            width //= 2
            for size, dilations in config.blocks:
                self.blocks.append(self.block(config, width, size, dilations))
        self.last = Convolution(width, 1, 7, bias=getattr(config, "final_bias", True))

    def block(
        self, config: VocoderConfig, width: int, kernel: int, dilations: tuple[int, ...]
    ) -> ResidualBlock:
        """A residual block of a stage."""
        return ResidualBlock(width, kernel, dilations, config.block == 1)

    def forward(self, mels: Tensor) -> Tensor:
        maps = self.first(mels.unsqueeze(2))
        parallel = len(self.blocks) // len(self.ups)
        for stage, up in enumerate(self.ups):
            maps = up(self.before_stage(maps))
            blocks = self.blocks[stage * parallel : (stage + 1) * parallel]
            total = blocks[0](maps)
            for block in blocks[1:]:
                total = total + block(maps)
            maps = total / parallel
        return self.finish(self.last(self.before_last(maps)).squeeze(2))

    def before_stage(self, maps: Tensor) -> Tensor:
        """Activation before a transposed convolution."""
        return F.leaky_relu(maps, SLOPE)

    def before_last(self, maps: Tensor) -> Tensor:
        """Activation before the last convolution."""
        return F.leaky_relu(maps)

    def finish(self, waves: Tensor) -> Tensor:
        """Bring samples into [-1, 1]."""
        return waves.tanh()


class BigGenerator(Generator):
    """Generator of Lee et al. (2023): periodic activations, none between the stages."""

    def __init__(self, config: BigConfig) -> None:
        super().__init__(config)
        self.final_tanh = config.final_tanh
        self.activation = AntiAliased(self.last.in_channels, config)

    def block(
        self, config: VocoderConfig, width: int, kernel: int, dilations: tuple[int, ...]
    ) -> ResidualBlock:
        assert isinstance(config, BigConfig)
        return PeriodicBlock(width, kernel, dilations, config.block == 1, config)

    def before_stage(self, maps: Tensor) -> Tensor:
        return maps

    def before_last(self, maps: Tensor) -> Tensor:
        activated: Tensor = self.activation(maps)
        return activated

    def finish(self, waves: Tensor) -> Tensor:
        return waves.tanh() if self.final_tanh else torch.clamp(waves, -1, 1)
