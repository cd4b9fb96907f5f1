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
from ganzoo.evaluation.samples import BATCH, quantize
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
    extractor = load_extractor(protocol.extractor, protocol.resize).to(gan.device)
    dataset = load_data(data, gan.sample_spec, protocol.split) if isinstance(data, str) else data
    dataset = gan.prepare_data(dataset)
    samples = gan.sample(n, seed=seed, **gan.sample_conditions(dataset, n, seed))
    wanted = extractor(quantize(samples, protocol.quantise)).rows
    real, order = dataset.columns["real"], reference_order(dataset, protocol)
    distances = torch.empty(n, 0)
    for chosen in torch.split(order, BATCH):
        rows = extractor(as_float(real[chosen]).to(gan.device)).rows
        distances = torch.cat([distances, torch.cdist(wanted, rows).cpu()], 1)
    nearest = order[distances.topk(k, largest=False).indices]
    found = real[nearest.flatten()].permute(0, 3, 1, 2)
    pairs = found.reshape(n, k, *found.shape[1:])
    return torch.cat([as_uint8(samples).cpu()[:, None], pairs], 1)
