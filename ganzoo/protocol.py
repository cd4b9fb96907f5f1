"""How a score is made, as data: two scores compare only if their protocols have one hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from ganzoo.config import to_json
from ganzoo.errors import UnknownNameError

LENET_SHA256 = "585e0cd5aa974fb668fd34a6dbbc028620d0db2af8197c5eb5334c1ad6ce000f"
"""Of the digit classifier that ships with ganzoo; `benchmarks/train_lenet.py` makes it."""
MNIST_SHA256 = "ed70a7f7c2b64088c082a2c5bbd2266781f24a6a944908cd1c6beb67b235c8b1"
"""Of the training set as ganzoo reads it: 60,000 digits and their labels."""


@dataclass(frozen=True)
class Protocol:
    """Everything that a score depends on, besides the samples themselves."""

    name: str
    data: Annotated[str, "reference data set; empty: the one that the model is trained on"]
    data_sha256: Annotated[str, "hash of its rows; empty until they are known"]
    split: Annotated[Literal["train", "test"], "reference split"]
    n: Annotated[int, "generated samples"]
    extractor: Annotated[str, "network whose features are compared"]
    extractor_sha256: Annotated[str, "hash of its weights; empty if it has none"]
    quantise: Annotated[Literal["uint8", "none"], "what samples are rounded to first"]
    metrics: Annotated[tuple[str, ...], "what is computed from the features"]
    kid_subsets: int = 100
    kid_subset_size: int = 1000
    is_splits: int = 10
    summary: str = ""

    @property
    def hash(self) -> str:
        """Twelve hexadecimal digits over all that matters; the summary does not."""
        facts = {key: value for key, value in to_json(self).items() if key != "summary"}
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]

    def label(self, metric: str) -> str:
        """How a metric is called where it is shown: never a bare FID, which names one network."""
        return f"{metric.upper()}-{self.extractor.split('-')[0]}"


PROTOCOLS: Mapping[str, Protocol] = {
    protocol.name: protocol
    for protocol in (
        Protocol(
            name="mnist-lenet",
            data="mnist",
            data_sha256=MNIST_SHA256,
            split="train",
            n=10_000,
            extractor="lenet-mnist",
            extractor_sha256=LENET_SHA256,
            quantise="uint8",
            metrics=("fd", "kid", "is"),
            summary="digits: 120 features of ganzoo's own LeNet, against the 60,000 of MNIST train",
        ),
        Protocol(
            name="quick",
            data="",
            data_sha256="",
            split="train",
            n=2_000,
            extractor="projection",
            extractor_sha256="",
            quantise="uint8",
            metrics=("fd", "kid"),
            summary="any data: 64 random projections; tells progress, says nothing of perception",
        ),
    )
}


def find(name: str) -> Protocol:
    """A protocol by name.

    Raises:
        UnknownNameError: there is none.
    """
    if name not in PROTOCOLS:
        raise UnknownNameError("protocol", name, PROTOCOLS)
    return PROTOCOLS[name]
