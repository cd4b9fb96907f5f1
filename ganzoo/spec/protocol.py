"""Evaluation protocol as data: scores are comparable only if their protocol hashes are equal."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Literal

from ganzoo.spec.config import to_json

INCEPTION = "inception-v3-compat"
"""The only network whose distance may be called FID, with the resize of 2017."""
PIXELS = ("l1", "psnr", "ssim")
"""Metrics that compare a sample with its target, pixel by pixel; see `ganzoo.metrics.paired`."""
UNTRAINED = "projection"
"""Random directions: distances show progress, but neighborhoods say nothing of the samples."""
NEIGHBORHOODS = ("precision", "recall", "density", "coverage")
"""Metrics of the neighborhoods of features; see `ganzoo.metrics.neighborhood`."""

Resize = Literal[
    "", "tf1-bilinear", "torch-bilinear", "torch-bilinear-aa", "torch-bicubic-aa", "pil-bicubic"
]


@dataclass(frozen=True)
class Protocol:
    """All settings that a score depends on, besides the samples."""

    name: str
    extractor: Annotated[str, "network whose features are compared"]
    n: Annotated[int, "generated samples"]
    metrics: Annotated[tuple[str, ...], "what is computed from the features"]
    data: Annotated[str, "reference; empty: what the model is trained on"] = ""
    data_sha256: Annotated[str, "hash of its rows; empty until they are known"] = ""
    split: Annotated[Literal["train", "test"], "reference split"] = "train"
    extractor_sha256: Annotated[str, "hash of its weights; empty until known, or for none"] = ""
    quantise: Annotated[Literal["uint8", "none"], "what samples are rounded to first"] = "uint8"
    resize: Annotated[Resize, "how images reach the network's size; empty: its own way"] = ""
    reference_n: Annotated[int, "rows of the reference, in seeded order; 0: all"] = 0
    sets: Annotated[int, "independent sets of samples"] = 1
    kid_subsets: int = 100
    kid_subset_size: int = 1000
    is_splits: int = 10
    precision_neighbours: Annotated[int, "k of precision and recall"] = 3
    density_neighbours: Annotated[int, "k of density and coverage"] = 5
    summary: str = ""

    @property
    def hash(self) -> str:
        """Hash of all settings that the score of one set depends on, 12 hexadecimal digits."""
        import hashlib

        facts = to_json(self)
        for key in ("name", "sets", "summary"):
            del facts[key]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]

    def label(self, metric: str) -> str:
        """Displayed name of a metric.

        ``FID`` is the distance of the published Inception features of images that TensorFlow 1
        would have resized so; any other network, or any other resize, is named: ``FD-lenet``.
        What compares pixels alone asks no network.
        """
        if metric in PIXELS:
            return metric.upper()
        if self.extractor == INCEPTION and self.resize == "tf1-bilinear":
            return {"fd": "FID", "mifid": "MiFID", "intra": "intra-FID"}.get(
                metric, _written(metric)
            )
        network = self.extractor.rpartition("/")[2].split("-")[0]
        return f"{_written(metric)}-{network}"


def is_meaningful(label: str) -> bool:
    """False for neighborhoods of untrained features, which are not computed.

    Earlier versions stored them. Gray noise has a precision near 1 there.

    Args:
        label: displayed name of a metric, see `Protocol.label`.
    """
    metric, _, network = label.partition("-")
    return not (network == UNTRAINED and metric in NEIGHBORHOODS)


def _written(metric: str) -> str:
    """Name of a metric: abbreviations in capitals, words unchanged."""
    return {"mifid": "MiFD", "intra": "intra-FD"}.get(
        metric, metric.upper() if len(metric) < 4 else metric
    )
