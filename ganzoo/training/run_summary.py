"""Summary of a run at its end, for its report: facts, an interpolation, nearest training rows."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ganzoo.data import Dataset
from ganzoo.data.dataset import as_float
from ganzoo.gan import GAN
from ganzoo.runtime import seeds
from ganzoo.runtime.files import atomic_write
from ganzoo.runtime.memory import resident_memory
from ganzoo.runtime.summary_files import FOLDER, INTERPOLATION, NEIGHBORS, SUMMARY
from ganzoo.sampling import grids, writers

log = logging.getLogger("ganzoo")

ROWS, STEPS = 4, 8
"""Interpolations, and samples of each."""
SHOWN, NEAREST = 8, 5
"""Samples with neighbors, and neighbors of each."""
SEARCHED_BYTES = 2**28
"""Limit of the training rows that are searched for neighbors."""
SIDE = 32
"""Longest side of the images that are compared."""
JUDGED, JUDGES = 512, 4096
"""Samples whose class is estimated, and training rows that estimate it."""
MOST_CLASSES = 200


def write_summary(
    folder: Path, gan: GAN, dataset: Dataset, seed: int, facts: Mapping[str, Any]
) -> None:
    """Write the summary of a run; a fault is one warning, and never ends the run.

    Args:
        folder: of the run.
        gan: trained, with averaged weights.
        dataset: that it was trained on.
        seed: of the samples.
        facts: further entries of the file.
    """
    try:
        _write(folder / FOLDER, gan, dataset, seed, facts)
    except Exception as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        log.warning("no summary of the run for its report: %s", reason)


def _write(folder: Path, gan: GAN, dataset: Dataset, seed: int, facts: Mapping[str, Any]) -> None:
    content = {**facts, "memory": _memory(gan.device), "parameters": _parameters(gan)}
    _write_interpolation(folder, gan, dataset, seed)
    if dataset.columns["real"].dtype == torch.uint8 and gan.sample_spec.is_image:
        content.update(_write_neighbors(folder, gan, dataset, seed))
    with atomic_write(folder / SUMMARY) as temporary:
        temporary.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _memory(device: torch.device) -> dict[str, Any]:
    """Memory in MiB: the largest use on CUDA, else that of the process now."""
    if device.type == "cuda":
        return {"kind": "peak, GPU", "megabytes": torch.cuda.max_memory_allocated(device) / 2**20}
    return {"kind": "process", "megabytes": resident_memory() / 2**20}


def _parameters(gan: GAN) -> dict[str, int]:
    networks = {"generator": gan.generator, "discriminator": gan.discriminator}
    return {name: sum(p.numel() for p in each.parameters()) for name, each in networks.items()}


def _write_interpolation(folder: Path, gan: GAN, dataset: Dataset, seed: int) -> None:
    """Samples between pairs of latents; models without latents have none."""
    names = {each.name for each in gan.inputs}
    prior = gan.prior_rows(2 * ROWS, seed)
    latents = {key: rows for key, rows in prior.items() if key in names and rows.ndim == 2}
    if not latents or not all(rows.is_floating_point() for rows in latents.values()):
        return
    moved = {key: _between(rows[:ROWS], rows[ROWS:]) for key, rows in latents.items()}
    given = gan.sample_conditions(dataset, ROWS, seed)
    rows = {key: _repeated(value) for key, value in given.items()}
    samples = gan.sample(ROWS * STEPS, seed=seed, **{**rows, **moved})
    if gan.sample_spec.is_image:
        grids.save_png(grids.grid(samples, STEPS), folder / INTERPOLATION)
    else:
        path = (folder / INTERPOLATION).with_suffix(writers.suffix(gan))
        writers.save(gan, samples, path, {})


def _repeated(value: Tensor | int) -> Tensor | int:
    return value.repeat_interleave(STEPS, 0) if isinstance(value, Tensor) else value


def _between(start: Tensor, end: Tensor) -> Tensor:
    """Spherical interpolation of rows, (N * STEPS, C) (White 2016)."""
    cosine = F.cosine_similarity(start, end, dim=1).clamp(-0.9995, 0.9995)
    angle = torch.arccos(cosine)[:, None, None]
    share = torch.linspace(0, 1, STEPS)[None, :, None]
    first, last = ((1 - share) * angle).sin(), (share * angle).sin()
    return ((first * start[:, None] + last * end[:, None]) / angle.sin()).flatten(0, 1)


def _write_neighbors(folder: Path, gan: GAN, dataset: Dataset, seed: int) -> dict[str, Any]:
    """Write samples beside their nearest training rows; facts on them, and on classes."""
    real = dataset.columns["real"]
    count = max(min(len(real), SEARCHED_BYTES // real[0].numel()), min(len(real), NEAREST))
    generator = torch.Generator().manual_seed(seeds.mix(seed, "neighbors"))
    order = torch.randperm(len(real), generator=generator)[:count]
    given = gan.sample_conditions(dataset, JUDGED, seed)
    samples = gan.sample(JUDGED, seed=seed, **given).cpu()
    wanted = _features(samples)
    distances = [
        _distances(wanted[:SHOWN], _features(as_float(real[part].cpu())))
        for part in torch.split(order, 2048)
    ]
    nearest = torch.cat(distances, 1).topk(min(NEAREST, count), largest=False)
    found = as_float(real[order[nearest.indices.flatten()]].cpu())
    found = found.reshape(SHOWN, -1, *found.shape[1:]).to(samples.dtype)
    pairs = torch.cat([samples[:SHOWN, None], found], 1)
    grids.save_png(grids.grid(pairs.flatten(0, 1), pairs.shape[1]), folder / NEIGHBORS)
    facts = {"neighbors": {"searched": count, "rows": len(real)}}
    return {**facts, **_classes(dataset, order[:JUDGES], wanted, given)}


def _features(images: Tensor) -> Tensor:
    """Pixels of images, reduced in size, (N, D)."""
    if max(images.shape[2:]) > SIDE:
        images = F.adaptive_avg_pool2d(images, SIDE)
    return images.flatten(1)


def _distances(rows: Tensor, others: Tensor) -> Tensor:
    """Squared distances of each row from the others, up to a number for each row, (N, M).

    Faster than `torch.cdist`, which copies the others.
    """
    lengths: Tensor = torch.linalg.vector_norm(others, dim=1)
    return lengths.square() - 2 * rows @ others.T


def _classes(
    dataset: Dataset, order: Tensor, wanted: Tensor, given: Mapping[str, Tensor | int]
) -> dict[str, Any]:
    """Shares of classes among samples and data, by the class of the nearest training row."""
    labels = dataset.columns.get("label")
    if labels is None or labels.ndim != 1 or "label" in dataset.unpaired:
        return {}
    count = int(labels.max()) + 1
    if not 2 <= count <= MOST_CLASSES:
        return {}
    rows = _features(as_float(dataset.columns["real"][order].cpu()))
    predicted = labels[order].cpu()[_distances(wanted, rows).argmin(1)]
    asked = given.get("label")
    result = {
        "names": [str(name) for name in dataset.classes] or [str(i) for i in range(count)],
        "data": _shares(labels.cpu(), count),
        "samples": _shares(predicted, count),
    }
    if isinstance(asked, Tensor):
        agree = (predicted == asked.cpu()).double()
        totals = torch.bincount(asked.cpu(), minlength=count)
        hits = torch.bincount(asked.cpu(), agree, minlength=count)
        result["accuracy"] = [
            hit / total if total else None
            for hit, total in zip(hits.tolist(), totals.tolist(), strict=True)
        ]
    return {"classes": {**result, "n": len(wanted), "judges": len(rows)}}


def _shares(labels: Tensor, count: int) -> list[float]:
    shares: list[float] = (torch.bincount(labels, minlength=count) / len(labels)).tolist()
    return shares
