"""Generator of BigGAN-deep (Brock et al. 2019, appendix B), for sampling."""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo.errors import ConfigError
from ganzoo_biggan.config import Config
from ganzoo_biggan.networks import attention_layers, first_layer, last_layers


class StoredNorm(nn.Module):
    """Normalization with a table of statistics, a row for each truncation.

    Args:
        maps: number of feature maps.
        config: of the model, for the number of rows and eps.
        affine: a gain and a shift for each map.
    """

    def __init__(self, maps: int, config: Config, *, affine: bool = False) -> None:
        super().__init__()
        self.eps = config.eps
        self.weight = nn.Parameter(torch.ones(maps)) if affine else None
        self.bias = nn.Parameter(torch.zeros(maps)) if affine else None
        self.mean: Tensor
        self.var: Tensor
        self.register_buffer("mean", torch.zeros(config.statistics, maps))
        self.register_buffer("var", torch.ones(config.statistics, maps))

    def forward(self, x: Tensor, rows: Tensor) -> Tensor:
        """Normalize (N, C, H, W); ``rows``, (N, statistics), weigh the rows of the table."""
        mean, variance = (rows @ table for table in (self.mean, self.var))
        scale = (variance + self.eps).rsqrt()
        output: Tensor = (x - mean[:, :, None, None]) * scale[:, :, None, None]
        if self.weight is None or self.bias is None:
            return output
        return output * self.weight[:, None, None] + self.bias[:, None, None]


class DeepNorm(nn.Module):
    """Class-conditional `StoredNorm`: gain and shift are linear in a condition.

    Args:
        maps: number of feature maps.
        condition: dimension of the condition.
        config: of the model.
    """

    def __init__(self, maps: int, condition: int, config: Config) -> None:
        super().__init__()
        self.norm = StoredNorm(maps, config)
        self.gain = nn.Linear(condition, maps, bias=False)
        self.shift = nn.Linear(condition, maps, bias=False)

    def forward(self, x: Tensor, rows: Tensor, condition: Tensor) -> Tensor:
        gain, shift = 1 + self.gain(condition), self.shift(condition)
        output: Tensor = self.norm(x, rows) * gain[:, :, None, None] + shift[:, :, None, None]
        return output


class DeepBlock(nn.Module):
    """Residual bottleneck block: convolutions of 1 x 1, 3 x 3, 3 x 3 and 1 x 1.

    Args:
        inputs, outputs: feature maps before and after; where they are fewer, the shortcut has the
            first ones.
        condition: dimension of the condition.
        config: of the model.
        upsample: double the size.
    """

    def __init__(
        self, inputs: int, outputs: int, condition: int, config: Config, *, upsample: bool
    ) -> None:
        super().__init__()
        hidden = inputs // 4
        self.outputs, self.upsample = outputs, upsample
        self.norms = nn.ModuleList(
            DeepNorm(maps, condition, config) for maps in (inputs, hidden, hidden, hidden)
        )
        self.convolutions = nn.ModuleList(
            [
                nn.Conv2d(inputs, hidden, 1),
                nn.Conv2d(hidden, hidden, 3, padding=1),
                nn.Conv2d(hidden, hidden, 3, padding=1),
                nn.Conv2d(hidden, outputs, 1),
            ]
        )

    def forward(self, x: Tensor, rows: Tensor, condition: Tensor) -> Tensor:
        h = x
        for index, convolution in enumerate(self.convolutions):
            h = F.relu(self.norms[index](h, rows, condition))
            h = convolution(self._resized(h) if index == 1 else h)
        return h + self._resized(x[:, : self.outputs])

    def _resized(self, x: Tensor) -> Tensor:
        return F.interpolate(x, scale_factor=2.0) if self.upsample else x


class DeepGenerator(nn.Module):
    """BigGAN-deep: (N, latent) and embeddings of the classes to images in [-1, 1]."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        condition = config.latent + config.embedding
        self.rows = config.statistics
        self.embedding = nn.Embedding(config.classes, config.embedding)
        self.start = first_layer(condition, config)
        self.blocks = nn.ModuleList(
            DeepBlock(*pair, condition, config, upsample=config.doubles(block))
            for block, pair in enumerate(pairwise(config.widths), 1)
        )
        self.attention = attention_layers(config.attention, config.widths[1:])
        self.norm = StoredNorm(config.widths[-1], config, affine=True)
        self.end = last_layers(config)

    def embed(self, label: Tensor) -> Tensor:
        """Embeddings of labels (N,)."""
        condition: Tensor = self.embedding(label)
        return condition

    def forward(
        self, latent: Tensor, embedding: Tensor, truncation: Tensor | None = None
    ) -> Tensor:
        """Images of latents that are scaled by the truncation (N,) already; left out, it is 1."""
        rows = self.weights_of_rows(latent.new_ones(1) if truncation is None else truncation)
        condition = torch.cat([latent, embedding], 1)
        maps = self.start(condition)
        for index, block in enumerate(self.blocks, 1):
            maps = block(maps, rows.to(maps), condition)
            if str(index) in self.attention:
                maps = self.attention[str(index)](maps)
        images: Tensor = self.end(self.norm(maps, rows.to(maps)))
        return images

    def weights_of_rows(self, truncation: Tensor) -> Tensor:
        """Weights of the table's rows for truncations (N,), float64, (N, statistics).

        The published weights of two neighbors are exchanged: the nearer row has the smaller one.
        Their code computes in double precision with decimals as typed, and a quotient that is just
        not whole picks the next row; hence the rounding of what was float32.
        """
        typed = truncation.cpu().double().round(decimals=6)
        if not ((typed > 0) & (typed <= 1)).all():
            raise ConfigError(f"truncation={typed.min():g}: must be above 0 and at most 1")
        place = typed / (1.0 / (self.rows - 1))
        lower = place.floor()
        share = torch.where(place == lower, 1.0, place - lower)
        weights = torch.zeros(len(typed), self.rows + 1, dtype=torch.float64)
        weights.scatter_(1, lower.long()[:, None], share[:, None])
        weights.scatter_(1, lower.long()[:, None] + 1, 1 - share[:, None])
        return weights[:, : self.rows]
