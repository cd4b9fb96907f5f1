"""Feature extractors: from samples to the vectors that metrics compare."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from ganzoo import seeds
from ganzoo.errors import DataError, UnknownNameError, WeightsError
from ganzoo.paths import ASSETS
from ganzoo.protocol import LENET_SHA256


@dataclass(frozen=True)
class Features:
    """What an extractor says of N samples."""

    rows: Tensor
    """(N, d), float32, finite."""
    logits: Tensor | None = None
    """(N, classes), where the extractor is a classifier."""


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


class Extractor:
    """A network made safe: evaluation mode, no gradients, single precision, checked output.

    Args:
        name: as protocols call it.
        network: from float samples to `Features`.
        shape: what one sample must be, or None for any.
    """

    def __init__(self, name: str, network: nn.Module, shape: tuple[int, ...] | None) -> None:
        self.name = name
        self.shape = shape
        self._network = network.eval().requires_grad_(False)

    def to(self, device: torch.device) -> Extractor:
        self._network.to(device)
        return self

    def __call__(self, samples: Tensor) -> Features:
        """Features of samples, (N, ...).

        Raises:
            DataError: samples of another shape, or features that are not finite.
        """
        if self.shape is not None and tuple(samples.shape[1:]) != self.shape:
            raise DataError(
                f"extractor {self.name} takes samples of shape {self.shape},"
                f" not {tuple(samples.shape[1:])}: use --protocol quick"
            )
        with torch.no_grad(), torch.autocast(samples.device.type, enabled=False):
            features: Features = self._network(samples.float())
        if not torch.isfinite(features.rows).all():
            raise DataError(f"extractor {self.name}: features are not finite; are the samples?")
        return features


def _lenet() -> Extractor:
    network = LeNet()
    network.load_state_dict(load_verified(ASSETS / "lenet-mnist.safetensors", LENET_SHA256))
    return Extractor("lenet-mnist", network, (1, 28, 28))


def _projection() -> Extractor:
    return Extractor("projection", Projection(), None)


_EXTRACTORS: Mapping[str, Callable[[], Extractor]] = {
    "lenet-mnist": _lenet,
    "projection": _projection,
}


def extractor(name: str) -> Extractor:
    """An extractor by name, its weights verified.

    Raises:
        UnknownNameError: there is none.
        WeightsError: its weights are missing or damaged.
    """
    if name not in _EXTRACTORS:
        raise UnknownNameError("extractor", name, _EXTRACTORS)
    with seeds.forked(torch.device("cpu")):
        return _EXTRACTORS[name]()


def load_verified(path: Path, sha256: str) -> dict[str, Tensor]:
    """Tensors of a safetensors file that has the hash it must have.

    Raises:
        WeightsError: missing, damaged or another file.
    """
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != sha256:
            raise WeightsError(f"{path} is damaged: its sha256 is {found}, it must be {sha256}")
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{path} cannot be read: {error}") from error
