"""One-dimensional DCGAN: long filters, strides of four, no normalization (Donahue et al. 2019)."""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo_wavegan import START, Config


class Generator(nn.Sequential):
    """(N, latent) to (N, channels, length) in [-1, 1]."""

    def __init__(self, config: Config) -> None:
        widths = config.widths[::-1]
        layers: list[nn.Module] = [
            nn.Linear(config.latent, widths[0] * START),
            nn.Unflatten(1, (widths[0], START)),
        ]
        pairs = pairwise([*widths, config.channels])
        for (inputs, outputs), stride in zip(pairs, config.strides, strict=True):
            padding = (config.kernel - stride + 1) // 2
            layers += [
                nn.ReLU(),
                nn.ConvTranspose1d(
                    inputs, outputs, config.kernel, stride, padding, output_padding=1
                ),
            ]
        super().__init__(*layers, nn.Tanh())


class Critic(nn.Module):
    """(N, channels, length) to (N, 1), with phase shuffle before every layer but the first."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        pairs = pairwise([config.channels, *config.widths])
        self.convolutions = nn.ModuleList(
            [
                nn.Conv1d(inputs, outputs, config.kernel, stride, (config.kernel - stride + 1) // 2)
                for (inputs, outputs), stride in zip(pairs, config.strides, strict=True)
            ]
        )
        self.verdict = nn.Linear(config.widths[-1] * START, 1)

    def forward(self, waves: Tensor, shifts: Tensor | None = None) -> Tensor:
        """Scores, (N, 1).

        Args:
            waves: (N, channels, length).
            shifts: samples by which phase shuffle moves each row after each layer but the last,
                (N, layers - 1); None: no phase shuffle.
        """
        for number, convolution in enumerate(self.convolutions):
            if number and shifts is not None:
                waves = phase_shuffle(waves, shifts[:, number - 1])
            waves = F.leaky_relu(convolution(waves), 0.2)
        score: Tensor = self.verdict(waves.flatten(1))
        return score


def phase_shuffle(maps: Tensor, shifts: Tensor) -> Tensor:
    """Shift each row's maps, (N, C, T), by its number of samples, (N,), with reflection padding."""
    last = maps.shape[2] - 1
    places = (torch.arange(last + 1, device=maps.device) - shifts[:, None]).abs()
    places = last - (last - places).abs()
    return maps.gather(2, places[:, None].expand_as(maps))
