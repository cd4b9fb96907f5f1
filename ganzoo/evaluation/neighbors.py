"""Training images nearest to samples of a model."""

from __future__ import annotations

import torch
from torch import Tensor

from ganzoo.data import Dataset, load_data
from ganzoo.data.dataset import as_float, as_uint8
from ganzoo.errors import UsageError
from ganzoo.evaluation.extractors import load_extractor
from ganzoo.evaluation.protocols import find_protocol
from ganzoo.evaluation.reference import reference_order
from ganzoo.evaluation.samples import BATCH, quantize, split_sets
from ganzoo.gan import GAN
from ganzoo.spec.protocol import Protocol


def nearest_neighbors(
    gan: GAN,
    *,
    protocol: str | Protocol,
    data: str | Dataset,
    n: int = 8,
    k: int = 5,
    seed: int = 0,
) -> Tensor:
    """Samples and the training rows nearest to them in the protocol's features.

    Returns:
        uint8 images, (n, 1 + k, C, H, W): each sample, then its neighbors, the nearest first.
    """
    if not gan.sample_spec.is_image:
        raise UsageError(
            f"neighbors are shown as pictures, and these samples are {gan.sample_spec.kind}"
        )
    protocol = find_protocol(protocol)
    dataset = load_data(data, gan.sample_spec, protocol.split) if isinstance(data, str) else data
    dataset = gan.prepare_data(dataset)
    samples = gan.sample(n, seed=seed, **gan.sample_conditions(dataset, n, seed))
    return _beside_neighbors(samples, dataset, protocol, k)


def neighbors_of_data(
    samples: Dataset,
    *,
    protocol: str | Protocol,
    data: str | Dataset,
    n: int = 8,
    k: int = 5,
    seed: int = 0,
    device: torch.device | str = "cpu",
) -> Tensor:
    """Images of a set, whoever made them, and the training rows nearest to them.

    Returns:
        uint8 images, (n, 1 + k, C, H, W), as `nearest_neighbors`; at most as many as there are.
    """
    protocol = find_protocol(protocol)
    real = samples.columns["real"]
    if isinstance(data, str):
        height, width, channels = real.shape[1:]
        data = load_data(data, (channels, height, width), protocol.split)
    (chosen,) = split_sets(samples, min(n, len(samples)), 1, seed)
    return _beside_neighbors(as_float(real[chosen]).to(device), data, protocol, k)


def _beside_neighbors(samples: Tensor, dataset: Dataset, protocol: Protocol, k: int) -> Tensor:
    """Samples, (n, C, H, W), beside the k rows of a data set that are nearest to each."""
    device = samples.device
    extractor = load_extractor(protocol.extractor, protocol.resize).to(device)
    wanted = extractor(quantize(samples, protocol.quantise)).rows
    real, order = dataset.columns["real"], reference_order(dataset, protocol)
    distances = torch.empty(len(samples), 0)
    for chosen in torch.split(order, BATCH):
        rows = extractor(as_float(real[chosen]).to(device)).rows
        distances = torch.cat([distances, torch.cdist(wanted, rows).cpu()], 1)
    k = min(k, len(order))
    nearest = order[distances.topk(k, largest=False).indices]
    found = real[nearest.flatten()].permute(0, 3, 1, 2)
    pairs = found.reshape(len(samples), k, *found.shape[1:])
    return torch.cat([as_uint8(samples).cpu()[:, None], pairs], 1)
