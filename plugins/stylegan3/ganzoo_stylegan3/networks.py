"""StyleGAN3's generator: Fourier features, modulated convolutions, filtered leaky ReLU."""

from math import pi, sqrt

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo.layers import EqualizedLinear, MappingNetwork, clamped
from ganzoo_stylegan3 import Config
from ganzoo_stylegan3.filters import downsample, low_pass, upsample
from ganzoo_stylegan3.plan import LayerPlan, Signal

EPS = 1e-8
MAGNITUDE_KIMG = 20.0
"""Half-life of the running magnitudes, in thousands of images."""


class Generator(nn.Module):
    """(N, latent), and conditions (N, classes), to (N, channels, size, size); unbounded."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.mapping = MappingNetwork(config.latent, config.classes, config.w_dim, config.mapping)
        self.synthesis = Synthesis(config)

    def forward(self, latent: Tensor, condition: Tensor | None = None) -> Tensor:
        w: Tensor = self.mapping(latent, condition)
        image: Tensor = self.synthesis(w[:, None].expand(-1, self.synthesis.count, -1))
        return image


class Synthesis(nn.Module):
    """(N, styles, w_dim) to (N, channels, size, size); the first style moves the input."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        first, layers = config.plan
        self.count = config.styles
        self.scale = config.output_scale
        self.input = FourierInput(first, config.w_dim)
        self.layers = nn.ModuleList([FilteredConv2d(layer, config) for layer in layers])

    def forward(self, w: Tensor) -> Tensor:
        first, *others = w.unbind(1)
        x = self.input(first)
        for layer, style in zip(self.layers, others, strict=True):
            x = layer(x, style)
        image: Tensor = x.float() * self.scale
        return image


class FourierInput(nn.Module):
    """Waves of random frequencies within a disc, translated and rotated by w.

    Args:
        signal: band limit, rate, size and width.
        w_dim: dimension of w.
    """

    freqs: Tensor
    phases: Tensor
    transform: Tensor

    def __init__(self, signal: Signal, w_dim: int) -> None:
        super().__init__()
        self.signal = signal
        radius, angle = signal.cutoff * torch.rand(signal.width).sqrt(), torch.rand(signal.width)
        waves = [radius * (2 * pi * angle).cos(), radius * (2 * pi * angle).sin()]
        self.register_buffer("freqs", torch.stack(waves, 1))
        self.register_buffer("phases", torch.rand(signal.width) - 0.5)
        self.register_buffer("transform", torch.eye(3))
        self.weight = nn.Parameter(torch.randn(signal.width, signal.width))
        self.affine = EqualizedLinear(w_dim, 4)
        nn.init.zeros_(self.affine.weight)
        with torch.no_grad():
            self.affine.bias.copy_(torch.tensor([1.0, 0.0, 0.0, 0.0]))

    def forward(self, w: Tensor) -> Tensor:
        with torch.autocast(w.device.type, enabled=False):
            return self._waves(w.float())

    def _waves(self, w: Tensor) -> Tensor:
        matrix = (self._placement(w) @ self.transform).float()
        phases = self.phases.float() + (self.freqs.float() @ matrix[:, :2, 2:]).squeeze(2)
        freqs = self.freqs.float() @ matrix[:, :2, :2]
        cutoff, rate, size = self.signal.cutoff, self.signal.rate, self.signal.size
        norms = freqs.norm(dim=2)
        amplitudes = (1 - (norms - cutoff) / (rate / 2 - cutoff)).clamp(0, 1)
        place = (torch.arange(size, device=w.device) + 0.5 - size / 2) / rate
        y, x = place[:, None].expand(size, size), place.expand(size, size)
        grid = torch.stack([x, y], 2).flatten(0, 1)
        waves = grid @ freqs.transpose(1, 2) + phases[:, None]
        waves = (2 * pi * waves).sin() * amplitudes[:, None]
        waves = waves @ (self.weight.float().t() / sqrt(len(self.weight)))
        maps: Tensor = waves.unflatten(1, (size, size)).permute(0, 3, 1, 2)
        return maps

    def _placement(self, w: Tensor) -> Tensor:
        """Inverse rotation, then inverse translation, (N, 3, 3)."""
        placed = self.affine(w)
        cos, sin, x, y = (placed / placed[:, :2].norm(dim=1, keepdim=True)).unbind(1)
        zero, one = torch.zeros_like(x), torch.ones_like(x)
        rotation = torch.stack([cos, -sin, zero, sin, cos, zero, zero, zero, one], 1)
        translation = torch.stack([one, zero, -x, zero, one, -y, zero, zero, one], 1)
        return rotation.view(-1, 3, 3) @ translation.view(-1, 3, 3)


class FilteredConv2d(nn.Conv2d):
    """Modulated convolution, then leaky ReLU between an upsampling and a downsampling filter.

    The style scales the input maps, and demodulation the output maps; the magnitude of the input is
    removed by its running mean (appendix C of the paper).

    Args:
        layer: sizes, rates and widths.
        config: of the model.
    """

    up_filter: Tensor | None
    down_filter: Tensor | None
    magnitude: Tensor

    def __init__(self, layer: LayerPlan, config: Config) -> None:
        before, after = layer.before, layer.after
        super().__init__(before.width, after.width, layer.kernel, padding=layer.kernel - 1)
        nn.init.normal_(self.weight)
        assert self.bias is not None
        nn.init.zeros_(self.bias)
        self.layer, self.clamp = layer, config.clamp
        self.affine = EqualizedLinear(config.w_dim, before.width, bias=1.0)
        self.register_buffer("magnitude", torch.ones(()))
        rate, radial = layer.inner_rate, config.radial and not layer.critical
        up = (layer.up_taps, before.cutoff, 2 * before.half_width, rate)
        down = (layer.down_taps, after.cutoff, 2 * after.half_width, rate, radial)
        self.register_buffer("up_filter", low_pass(*up) if layer.up_taps > 1 else None)
        self.register_buffer("down_filter", low_pass(*down) if layer.down_taps > 1 else None)

    def forward(self, x: Tensor, w: Tensor) -> Tensor:  # type: ignore[override] # of a style too
        assert self.bias is not None
        if self.training:
            self._track(x)
        style, weight, factors = self._modulation(w)
        x = x * style[:, :, None, None].to(x.dtype)
        x = F.conv2d(x, weight.to(x.dtype), padding=self.layer.kernel - 1)
        bias, factors = self.bias[:, None, None].to(x.dtype), factors[:, :, None, None].to(x.dtype)
        x = torch.addcmul(bias, x, factors)
        x = upsample(x, self.up_filter, self.layer.up, self.layer.padding)
        if not self.layer.last:
            x = F.leaky_relu(x, 0.2) * sqrt(2)
        x = clamped(x, self.clamp) if self.clamp else x
        return downsample(x, self.down_filter, self.layer.down)

    def _modulation(self, w: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Factors of the input maps, the weight, and factors of the output maps, in float32."""
        with torch.autocast(w.device.type, enabled=False):
            style, weight = self.affine(w.float()).float(), self.weight.float()
            gain: Tensor = self.magnitude.float().rsqrt()
            if self.layer.last:
                style = style / sqrt(weight[0].numel())
                return style, weight, gain.expand(w.shape[0], len(weight))
            weight = weight * weight.square().mean((1, 2, 3), keepdim=True).rsqrt()
            style = style * style.square().mean(1, keepdim=True).rsqrt()
            energy = style.square() @ weight.square().sum((2, 3)).t()
            return style, weight, gain * (energy + EPS).rsqrt()

    def _track(self, x: Tensor) -> None:
        """Update the running mean square of the input."""
        decay = 0.5 ** (len(x) / (1000 * MAGNITUDE_KIMG))
        present = x.detach().float().square().mean()
        self.magnitude.copy_(present.lerp(self.magnitude, decay))
