"""Compare time, memory and values of evaluators: ``python -m benchmarks.evaluator``.

Every program is a process that is stopped (SIGSTOP) during the turn of another, so that all see the
same phases of a machine; ratios are taken within one round, and their median is reported. All use
the same Inception file with random weights, images and batch size. A program that is not installed
is a row with the reason: ``pip install torch-fidelity pytorch-fid clean-fid scipy requests``.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

from ganzoo.evaluation.extractors.inception import Inception
from ganzoo.runtime.devices import device_name

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("ganzoo", "torchmetrics", "torch-fidelity", "pytorch-fid", "clean-fid")
SAME_STEP = "clean-fid"
"""Not timed twice: its Fréchet step is pytorch-fid's."""
CASES = {
    "64 features, 1,000 rows": (64, 1000, 0.0),
    "the same + 100": (64, 1000, 1e2),
    "the same + 10,000": (64, 1000, 1e4),
    "192 features, 100 rows": (192, 100, 0.0),
    "768 features, 300 rows": (768, 300, 0.0),
    "one set twice, 768 features, 300 rows": (768, 300, 0.0),
}


class Child:
    """A program that runs on request; ``error`` is the reason if it cannot run."""

    def __init__(self, name: str, folder: Path, batch: int, threads: int) -> None:
        self.name = name
        command = [sys.executable, "-m", "benchmarks.scorers.child", name, str(folder)]
        environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
        self.log = folder / f"{name}.log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [*command, str(batch), str(threads)],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        first = self._answer()
        self.does = str(first.get("value", ""))
        self.error = str(first.get("error", ""))
        self._stop()

    def ask(self, **order: object) -> dict[str, Any]:
        """Continue the process until it answers."""
        if self.error or self.process.stdin is None:
            return {"error": self.error}
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer = self._answer()
        self._stop()
        return answer

    def _answer(self) -> dict[str, Any]:
        line = self.process.stdout.readline() if self.process.stdout else ""
        if line:
            return dict(json.loads(line))
        said = self.log.read_text().strip().splitlines() or ["it died"]
        self.error = said[-1]
        return {"error": self.error}

    def _stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGSTOP)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--images", type=int, default=120, help="generated plus real images")
    parser.add_argument("--size", type=int, default=64, help="image size in pixels")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5, help="rounds after a warm-up")
    parser.add_argument("--features", type=int, default=2048, help="features in the Fréchet step")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--programs", nargs="*", default=NAMES, choices=NAMES)
    folder = ROOT / "benchmarks/results/evaluator"
    parser.add_argument("--out", type=Path, default=folder / f"{date.today()}.json")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    chosen = [name for name in NAMES if name in (NAMES[0], *options.programs)]
    with tempfile.TemporaryDirectory() as scratch:
        exact = prepare(Path(scratch), options.images // 2, options.size, options.features)
        children = [Child(n, Path(scratch), options.batch, options.threads) for n in chosen]
        try:
            tables = {
                "extraction": extraction(children, options.images // 2, options.rounds),
                "frechet": frechet(children, options.rounds, exact["frechet"]),
                "values": values(children, exact),
            }
        finally:
            for child in children:
                child.end()
    facts = about(options)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps({**facts, **tables}, indent=1) + "\n")
    for title, rows in tables.items():
        show(title, rows)
    print(f"\n{options.out}")


def prepare(folder: Path, n: int, size: int, dims: int) -> dict[str, float]:
    """Write weights, images, Gaussians and features; return the exact distances by name."""
    torch.manual_seed(0)
    torch.save(random_weights(), folder / "weights.pth")
    random = np.random.default_rng(0)
    coarse = random.integers(0, 256, (2, n, 3, size // 4, size // 4))
    fine = coarse.repeat(4, 3).repeat(4, 4) // 2 + random.integers(0, 96, (2, n, 3, size, size))
    real, fake = fine.astype(np.uint8)
    np.savez(folder / "images.npz", real=real, fake=fake // 8 * 7 + 10)
    exact = {"frechet": gaussians(folder / "gaussians.npz", dims, random)}
    sets: dict[str, Any] = {}
    for case, (width, rows, offset) in CASES.items():
        one, other = random.standard_normal((2, rows, width)) * [[[1.0]], [[1.3]]]
        pair = [(one + offset).astype(np.float32), (other + 0.3 + offset).astype(np.float32)]
        if case.startswith("one set twice"):
            pair[1] = pair[0]
        sets |= {f"{case}/{i}": rows for i, rows in enumerate(pair, 1)}
        exact[case] = distance(*pair)
    np.savez(folder / "features.npz", allow_pickle=False, **sets)
    return exact


def random_weights() -> dict[str, torch.Tensor]:
    """Random weights with the published names and shapes, scaled to keep the signal's variance."""
    made = {}
    for name, value in Inception().published().items():
        noise = torch.randn(value.shape)
        if value.ndim > 1:
            made[name] = noise * (2 / value[0].numel()) ** 0.5
        elif name.endswith(("running_var", "bn.weight")):
            made[name] = 1 + noise.clamp(-2, 2) / 4
        else:
            made[name] = noise / 10
    return made


def gaussians(path: Path, dims: int, random: np.random.Generator) -> float:
    """Two means and covariances with decaying spectra; the distance of their rows."""
    decay = np.geomspace(1, 1e-3, dims)
    mixing = random.standard_normal((dims, dims)) / dims**0.5 + np.eye(dims)
    one, other = random.standard_normal((2, 2 * dims, dims)) * decay @ mixing
    other = other * 1.1 + 0.01
    np.savez(
        path,
        allow_pickle=False,
        mean1=one.mean(0),
        mean2=other.mean(0),
        covariance1=np.cov(one, rowvar=False),
        covariance2=np.cov(other, rowvar=False),
    )
    return distance(one, other)


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Fréchet distance in float64, without a covariance, which would halve the digits of small
    values: if C = R'R and C' = S'S, the trace of (C C')^1/2 is the sum of the singular values of
    R S', and R and S are factors of the centered rows."""
    exact = [rows.astype(np.float64) for rows in (one, other)]
    centered = [(rows - rows.mean(0)) / (len(rows) - 1) ** 0.5 for rows in exact]
    first, second = (np.asarray(np.linalg.qr(rows, mode="r")) for rows in centered)
    crossed = np.linalg.svd(first @ second.T, compute_uv=False).sum()
    traces = sum((rows**2).sum() for rows in centered)
    shift = ((exact[0].mean(0) - exact[1].mean(0)) ** 2).sum()
    return float(shift + traces - 2 * crossed)


def turns(children: Sequence[Child], orders: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Answers of each process to a request; the order rotates with each round."""
    answers: dict[str, list[Any]] = {child.name: [] for child in children}
    for number, order in enumerate(orders):
        first = number % len(children)
        for child in [*children[first:], *children[:first]]:
            answers[child.name].append(child.ask(**order))
    return answers


def row(child: Child, answers: list[Any], own: list[Any], skip: int = 0) -> dict[str, Any]:
    """Seconds of a program, and their ratio to ganzoo's."""
    error = next((answer["error"] for answer in answers if "error" in answer), "")
    if error:
        return {"program": child.name, "error": error}
    seconds = [answer["seconds"] for answer in answers[skip:]]
    ratios = [
        their / answer["seconds"]
        for their, answer in zip(seconds, own[skip:], strict=True)
        if "seconds" in answer
    ]
    timed = {"seconds": median(seconds), "fastest": min(seconds), "all_seconds": seconds}
    return {"program": child.name, **timed, "times_ganzoo": median(ratios) if ratios else None}


def extraction(children: Sequence[Child], n: int, rounds: int) -> list[dict[str, Any]]:
    """Features of n images of each kind, in slices; then all metrics, once."""
    size = n // (rounds + 1)
    spans = [(size * i, size * (i + 1)) for i in range(rounds + 1)]
    orders = [{"do": "extract", "file": "images.npz", "span": span} for span in spans]
    answers = turns(children, orders)
    rows = []
    for child in children:
        made = row(child, answers[child.name], answers["ganzoo"], skip=1)
        if "error" not in made:
            final = child.ask(do="finish")
            made |= {"does": child.does, "images_per_second": 2 * size / made["seconds"]}
            made |= {"megabytes": answers[child.name][-1]["megabytes"], "finish": final}
        rows.append(made)
    return rows


def frechet(children: Sequence[Child], rounds: int, exact: float) -> list[dict[str, Any]]:
    """The distance of two Gaussians."""
    timed = [child for child in children if child.name != SAME_STEP]
    answers = turns(timed, [{"do": "frechet", "file": "gaussians.npz"}] * rounds)
    rows = [row(child, answers[child.name], answers["ganzoo"]) for child in timed]
    for made in rows:
        if "error" not in made:
            value = answers[made["program"]][-1]["value"]
            made |= {"value": value, "exact": exact, "relative_error": abs(value / exact - 1)}
    return rows


def values(children: Sequence[Child], exact: Mapping[str, float]) -> list[dict[str, Any]]:
    """Fréchet distances of seeded features by each program, and the exact value."""
    rows = []
    for case in CASES:
        order = {"do": "of_features", "file": "features.npz", "case": case}
        found = {child.name: child.ask(**order) for child in children}
        told = {name: answer.get("value", answer.get("error")) for name, answer in found.items()}
        rows.append({"case": case, "exact": exact[case], **told})
    return rows


def about(options: argparse.Namespace) -> dict[str, Any]:
    """Device, date, versions and settings."""
    versions = {"numpy": np.__version__}
    for name in ("ganzoo-core", "torchmetrics", "torch-fidelity", "pytorch-fid", "clean-fid"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    used = {key: value for key, value in vars(options).items() if key != "out"}
    return {
        "what": "evaluators side by side, an Inception of random weights",
        "command": f"python -m benchmarks.evaluator {' '.join(sys.argv[1:])}".strip(),
        "date": str(date.today()),
        "device": device_name(torch.device("cpu")),
        "torch": torch.__version__,
        "versions": versions,
        **used,
    }


def show(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """One line per row, without the fields that only the file needs."""
    print(f"\n{title}")
    for made in rows:
        told = {key: value for key, value in made.items() if key != "all_seconds"}
        print("  " + "  ".join(f"{key}={_short(value)}" for key, value in told.items()))


def _short(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
