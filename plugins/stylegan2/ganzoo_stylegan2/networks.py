"""StyleGAN2's generator: modulated convolutions, noise, and images at each resolution."""

from math import sqrt

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo.layers import (
    HALF_PRECISION,
    ClampedLeakyReLU,
    EqualizedConv2d,
    EqualizedLinear,
    Fir,
    FirUp,
    MappingNetwork,
    clamped,
    precision,
)
from ganzoo_stylegan2 import Config

EPS = 1e-8


class Generator(nn.Module):
    """(N, latent), and conditions (N, classes), to (N, channels, size, size); unbounded."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.mapping = MappingNetwork(config.latent, config.classes, config.w_dim, config.mapping)
        self.synthesis = Synthesis(config)

    def forward(self, latent: Tensor, condition: Tensor | None = None) -> Tensor:
        w: Tensor = self.mapping(latent, condition)
        image: Tensor = self.synthesis(w[:, None].expand(-1, self.synthesis.layers, -1))
        return image


class Synthesis(nn.Module):
    """(N, layers, w_dim) to (N, channels, size, size).

    In training each layer adds fresh noise; otherwise `noise` decides.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        resolutions = [config.start << index for index in range(len(config.widths))]
        self.layers = config.layers
        self.blocks = nn.ModuleDict(
            {str(size): Block(config, index) for index, size in enumerate(resolutions)}
        )
        self.noise = config.noise

    def forward(self, w: Tensor) -> Tensor:
        noise = "random" if self.training else self.noise
        x: Tensor | None = None
        image: Tensor | None = None
        w = w.float()
        for index, block in enumerate(self.blocks.values()):
            styles = w[:, max(2 * index - 1, 0) : 2 * index + 2]
            with precision(w.device, half=index >= len(self.blocks) - HALF_PRECISION):
                x, image = block(x, image, styles, noise)
        assert image is not None
        return image


class Block(nn.Module):
    """Layers of one resolution; the first block starts from learned maps.

    Args:
        config: of the model.
        index: of the block; 0 is the coarsest.
    """

    def __init__(self, config: Config, index: int) -> None:
        super().__init__()
        width, size = config.widths[index], config.start << index
        residual = index > 0 and config.architecture == "resnet"
        share = sqrt(0.5) if residual else 1.0
        self.first: nn.Module | None = None
        self.image: nn.Module | None = None
        self.skip: nn.Module | None = None
        if index:
            inputs = config.widths[index - 1]
            self.first = StyledConv2d(inputs, width, size, config, up=True)
        else:
            self.maps = nn.Parameter(torch.randn(width, size, size))
        self.second = StyledConv2d(width, width, size, config, gain=share)
        if config.architecture == "skip" or index == len(config.widths) - 1:
            self.image = ToImage(width, config.channels, config)
        if residual:
            self.skip = EqualizedConv2d(inputs, width, 1, bias=False, gain=share)
        self.up = FirUp()

    def forward(
        self, x: Tensor | None, image: Tensor | None, w: Tensor, noise: str
    ) -> tuple[Tensor, Tensor | None]:
        styles = list(w.unbind(1))
        if self.first is None or x is None:
            x = self.second(self.maps.expand(w.shape[0], -1, -1, -1), styles.pop(0), noise)
        else:
            y = self.second(self.first(x, styles.pop(0), noise), styles.pop(0), noise)
            x = y if self.skip is None else y + self.up(self.skip(x))
        if self.image is not None:
            colors = self.image(x, styles.pop(0)).float()
            image = colors if image is None else self.up(image) + colors
        return x, image


class ModulatedConv2d(nn.Conv2d):
    """Convolution whose input maps are scaled by a style, an affine function of w.

    The weights are scaled by 1 / sqrt(fan in) through the style.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, w_dim: int) -> None:
        super().__init__(inputs, outputs, kernel, padding=kernel // 2)
        nn.init.normal_(self.weight)
        assert self.bias is not None
        nn.init.zeros_(self.bias)
        self.affine = EqualizedLinear(w_dim, inputs, bias=1.0)
        self.weight_scale = 1 / sqrt(inputs * kernel**2)

    def style(self, w: Tensor) -> Tensor:
        """Factors of the input maps, (N, inputs)."""
        style: Tensor = self.affine(w) * self.weight_scale
        return style


class ToImage(ModulatedConv2d):
    """Modulated 1 x 1 convolution to an image, without demodulation."""

    def __init__(self, inputs: int, channels: int, config: Config) -> None:
        super().__init__(inputs, channels, 1, config.w_dim)
        self.limit = config.clamp

    def forward(self, x: Tensor, w: Tensor) -> Tensor:  # type: ignore[override] # of a style too
        image = super().forward(x * self.style(w)[:, :, None, None])
        return clamped(image, self.limit) if self.limit else image


class StyledConv2d(ModulatedConv2d):
    """Modulated and demodulated 3 x 3 convolution, noise, bias and leaky ReLU.

    The style scales the input maps, and demodulation the output maps: then all rows share one
    convolution (Karras et al. 2020, section 2.2 and equation 3).

    Args:
        inputs, outputs: feature maps.
        size: of the output.
        config: of the model.
        up: double the size.
        gain: factor of the output.
    """

    noise: Tensor

    def __init__(
        self,
        inputs: int,
        outputs: int,
        size: int,
        config: Config,
        up: bool = False,
        gain: float = 1.0,
    ) -> None:
        super().__init__(inputs, outputs, 3, config.w_dim)
        self.gain = gain * sqrt(2)
        self.noise_strength = nn.Parameter(torch.zeros(()))
        self.register_buffer("noise", torch.randn(size, size))
        self.blur = Fir(gain=4.0) if up else None
        self.activation = ClampedLeakyReLU(config.clamp * gain)

    def forward(self, x: Tensor, w: Tensor, noise: str) -> Tensor:  # type: ignore[override] # of a style too
        style = self.style(w)
        factors = self.demodulation(style)
        x = x * style[:, :, None, None]
        if self.blur is None:
            x = F.conv2d(x, self.weight, padding=1)
        else:
            x = self.blur(F.conv_transpose2d(x, self.weight.transpose(0, 1), stride=2))
        assert self.bias is not None
        bias = (self.bias * self.gain).expand(1, 1, 1, -1)
        if noise == "const":
            bias = bias + self.noise[None, :, :, None] * (self.noise_strength * self.gain)
        bias = bias.movedim(3, 1).to(x.dtype)
        x = torch.addcmul(bias, x, factors.to(x.dtype)[:, :, None, None])
        if noise == "random":
            x = x + torch.randn_like(x[:, :1]) * (self.noise_strength * self.gain).to(x.dtype)
        activated: Tensor = self.activation(x)
        return activated

    def demodulation(self, style: Tensor) -> Tensor:
        """Factors of the output maps, (N, outputs), in float32."""
        with torch.autocast(style.device.type, enabled=False):
            power = self.weight.float().square().sum((2, 3))
            energy = style.float().square() @ power.t()
            factors: Tensor = self.gain * (energy + EPS * self.weight_scale**2).rsqrt()
        return factors
