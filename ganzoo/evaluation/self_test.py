"""Self-test of the evaluator: known answers, computed on this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec

import torch
from torch import Tensor

from ganzoo import metrics
from ganzoo.data import Dataset, load_data
from ganzoo.errors import DataError, WeightsError
from ganzoo.evaluation.evaluator import evaluate_data
from ganzoo.evaluation.protocols import find_protocol
from ganzoo.metrics import functional
from ganzoo.runtime.devices import resolve_device
from ganzoo.spec.protocol import INCEPTION


@dataclass(frozen=True)
class Finding:
    """One known answer, and what was found."""

    name: str
    result: str
    """``ok``, ``FAILED`` or ``skipped``."""
    detail: str


class _Skip(Exception):  # noqa: N818 # no error
    """A check lacks weights, data, a package or a GPU."""


def self_test() -> list[Finding]:
    """Every check that this installation can do; the others say what they lack."""
    return [_found(name, check) for name, check in CHECKS.items()]


def _found(name: str, check: Callable[[], tuple[bool, str]]) -> Finding:
    try:
        right, detail = check()
    except _Skip as reason:
        return Finding(name, "skipped", str(reason))
    return Finding(name, "ok" if right else "FAILED", detail)


def _distance(real: Tensor, fake: Tensor) -> float:
    metric = metrics.FrechetDistance()
    metric.update(real, real=True)
    metric.update(fake, real=False)
    return float(metric.compute())


def _normal(n: int, dims: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, dims, generator=generator)


def _closed_form() -> tuple[bool, str]:
    dims = 16
    scale = torch.linspace(0.5, 2.0, dims, dtype=torch.float64)
    exact = dims * 9.0 + (scale - 1).square().sum().item()
    unit, zero = torch.eye(dims, dtype=torch.float64), torch.zeros(dims, dtype=torch.float64)
    found = float(functional.frechet_distance(zero, unit, zero + 3, torch.diag(scale.square())))
    return abs(found - exact) < 1e-9 * exact, f"{found:.9f}, exactly {exact:.9f}"


def _identical() -> tuple[bool, str]:
    rows = _normal(500, 64, 0)
    found = _distance(rows, rows)
    return found < 1e-4, f"{found:.1e}, exactly 0"


def _torch_fidelity() -> tuple[bool, str]:
    if find_spec("torch_fidelity") is None:
        raise _Skip("torch-fidelity is not installed")
    from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

    one, other = _normal(1000, 64, 1), _normal(1000, 64, 2) * 1.5 + 1
    theirs = fid_statistics_to_metric(
        fid_features_to_statistics(one), fid_features_to_statistics(other), verbose=False
    )["frechet_inception_distance"]
    ours = _distance(one, other)
    return abs(ours - theirs) <= 1e-4 + 1e-6 * theirs, f"{ours:.6f}, theirs {theirs:.6f}"


def _digits(split: str, first: int, last: int, below: int = 10) -> Dataset:
    """Some digits in seeded order: the file alternates between two populations of writers."""
    whole = load_data("mnist", (1, 28, 28), split)
    order = torch.randperm(len(whole), generator=torch.Generator().manual_seed(0))[first:last]
    order = order[whole.columns["label"][order] < below]
    columns = {key: rows[order] for key, rows in whole.columns.items()}
    return Dataset(f"mnist {split} {first}-{last}", columns)


def _dropped_modes() -> tuple[bool, str]:
    protocol = replace(find_protocol("mnist-lenet"), metrics=("prdc",))
    reference = _digits("train", 0, 5000)
    whole, dropped = (
        evaluate_data(
            _digits("train", 5000, 10_000, below), protocol=protocol, data=reference
        ).values
        for below in (10, 7)
    )
    lower = all(dropped[f"{m}-lenet"] < whole[f"{m}-lenet"] for m in ("recall", "coverage"))
    names = ("recall-lenet", "coverage-lenet")
    detail = ", ".join(f"{name} {whole[name]:.3f} to {dropped[name]:.3f}" for name in names)
    return lower, detail


def _real_halves() -> tuple[bool, str]:
    protocol = replace(find_protocol("mnist-lenet"), metrics=("fd",))
    halves = _digits("train", 0, 30_000), _digits("train", 30_000, 60_000)
    found = evaluate_data(halves[1], protocol=protocol, data=halves[0]).values["FD-lenet"]
    return abs(found - HALVES) < 0.02 * HALVES, f"{found:.4f}, known {HALVES}"


HALVES = 0.672
"""FD-lenet of 30,000 training digits against the other 30,000."""


def _inception() -> tuple[bool, str]:
    device = resolve_device("auto")
    if device.type == "cpu":
        raise _Skip("60,000 images through Inception: only where there is a GPU")
    protocol = replace(find_protocol("nv50k-full"), metrics=("fd", "is"))
    try:
        train, test = (load_data("cifar10", (3, 32, 32), split) for split in ("train", "test"))
        found = evaluate_data(train, protocol=protocol, data=test, floor=False, device=device)
    except (DataError, WeightsError) as error:
        raise _Skip(f"{INCEPTION} or cifar10 is not here: {error}") from None
    scores = found.values
    right = abs(scores["IS"] - 11.24) < 0.15 and abs(scores["FID"] - 3.2) < 0.2
    return right, f"IS {scores['IS']:.2f} (11.24), FID {scores['FID']:.2f} (3.2)"


CHECKS = {
    "distance of two Gaussians": _closed_form,
    "a set against itself": _identical,
    "torch-fidelity on the same features": _torch_fidelity,
    "digits 7 to 9 left out: recall and coverage fall": _dropped_modes,
    "one half of MNIST against the other": _real_halves,
    "CIFAR-10, train against test, by Inception": _inception,
}
