"""Random projection: features of any data, without weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganzoo.evaluation.extractors.extractor import Features
from ganzoo.runtime import seeds


class Projection(nn.Module):
    """Random directions, the same for every data set of a shape; not perceptual."""

    def __init__(self, dims: int = 64) -> None:
        super().__init__()
        self.dims = dims
        self.directions = torch.empty(0)

    def forward(self, samples: Tensor) -> Features:
        """Samples of any shape, (N, ...), to (N, dims)."""
        rows = samples.flatten(1).float()
        if len(self.directions) != rows.shape[1]:
            generator = torch.Generator().manual_seed(seeds.mix("projection", rows.shape[1]))
            directions = torch.randn(rows.shape[1], self.dims, generator=generator)
            self.directions = directions / rows.shape[1] ** 0.5
        self.directions = self.directions.to(rows.device)
        return Features(rows @ self.directions)
