"""Extractor: a network that maps samples to feature vectors, made safe."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ganzoo.errors import DataError


@dataclass(frozen=True)
class Features:
    """Answer of an extractor to N samples."""

    rows: Tensor
    """(N, d), float32, finite."""
    logits: Tensor | None = None
    """(N, classes), where the extractor is a classifier."""


class Extractor:
    """A network made safe: evaluation mode, no gradients, single precision, checked output.

    Args:
        name: its name in protocols.
        network: from float samples to `Features`.
        shape: shape of one sample, or None for any.
        sha256: hash of the network's weights; empty if it is not trained.
    """

    def __init__(
        self,
        name: str,
        network: nn.Module,
        shape: tuple[int, ...] | None,
        sha256: str = "",
    ) -> None:
        self.name = name
        self.shape = shape
        self.sha256 = sha256
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
        with (
            torch.no_grad(),
            torch.autocast(samples.device.type, enabled=False),
            torch.backends.cudnn.flags(allow_tf32=False),
        ):
            features: Features = self._network(samples.float())
        if not torch.isfinite(features.rows).all():
            raise DataError(f"extractor {self.name}: features are not finite; are the samples?")
        return features
