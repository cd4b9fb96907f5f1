"""Two networks that are always at hand: a digit classifier, and random projections."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganzoo.evaluation.extractors.base import Features
from ganzoo.runtime import seeds


class LeNet(nn.Module):
    """A digit classifier of 76,118 parameters (after LeCun et al. 1998, with ReLU and max-pooling).

    Trained by ``benchmarks/train_lenet.py`` on the training set of MNIST.
    """

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(512, 120),
            nn.ReLU(),
        )
        self.classifier = nn.Linear(120, 10)

    def forward(self, images: Tensor) -> Features:
        """Digits as float, (N, 1, 28, 28), in [-1, 1], to 120 features and 10 logits."""
        rows = self.features(images)
        return Features(rows, self.classifier(rows))


class Projection(nn.Module):
    """Random directions, the same for every data set of a shape: always at hand, not perceptual."""

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
