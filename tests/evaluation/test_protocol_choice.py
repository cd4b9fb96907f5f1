"""Protocol of a run: the preset's, unless the run's data is of another kind."""

from __future__ import annotations

import pytest

from ganzoo import registry
from ganzoo.evaluation.protocol_choice import choose_protocol
from ganzoo.spec import SampleSpec

GRAY, COLOR = SampleSpec((1, 28, 28)), SampleSpec((3, 32, 32))


@pytest.mark.parametrize(
    ("model", "data", "spec", "protocol"),
    [
        ("dcgan.mnist", "mnist", GRAY, "mnist-lenet"),
        ("dcgan.mnist", "folder:photos", GRAY, "quick"),
        ("dcgan.mnist", "mnist", COLOR, "quick"),
        ("dcgan.mnist", "fashionmnist", GRAY, "quick"),
        ("dcgan.cifar10", "folder:photos", COLOR, "quick"),
        ("context-encoder.mnist", "folder:photos", GRAY, "context-encoder-images"),
        ("context-encoder.mnist", "hf:user/photos", GRAY, "context-encoder-images"),
        ("pix2pix.edges2digits", "pairs:maps", GRAY, "pix2pix-pairs"),
        ("pix2pix.facades", "pairs:maps", SampleSpec((3, 256, 256)), "pix2pix-pairs"),
    ],
)
def test_the_protocol_fits_the_data(model, data, spec, protocol):
    assert choose_protocol(registry.resolve(model), data, spec).name == protocol
