"""Preset that is proposed for images that another one makes gray or small."""

import pytest

from ganzoo import registry

GRAY, SMALL = (1, 28, 28), (3, 32, 32)


@pytest.mark.parametrize(
    ("model", "shape", "original", "channels", "size"),
    [
        ("dcgan.mnist", GRAY, (3, 480, 640), 3, 64),
        ("dcgan.mnist", GRAY, (3, 40, 40), 3, 32),
        ("pix2pix.edges2digits", GRAY, (3, 480, 640), 3, 256),
        ("r3gan.cifar10", SMALL, (3, 480, 640), 3, 256),
        ("cgan.cifar10", SMALL, (3, 40, 40), None, None),
        ("dcgan.mnist", GRAY, (1, 40, 40), None, None),
        ("vanilla.mnist", GRAY, (3, 480, 640), None, None),
    ],
)
def test_a_preset_that_keeps_colors_and_size_is_proposed(model, shape, original, channels, size):
    found = registry.closer_preset(registry.resolve(model), shape, original)
    if size is None:
        assert found is None
    else:
        config = found.preset.config
        assert (config.channels, config.size) == (channels, size)
