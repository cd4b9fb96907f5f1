"""Shared config bases: allowed sizes and messages."""

from __future__ import annotations

import pytest

from ganzoo.errors import ConfigError
from ganzoo.spec.configs import ResidualConfig, StridedConfig, halvings


@pytest.mark.parametrize(("size", "count"), [(7, 0), (8, 1), (14, 1), (28, 2), (64, 4), (112, 4)])
def test_sizes_are_halved_down_to_4_to_7_pixels(size, count):
    assert halvings(size) == count
    assert size < 8 or StridedConfig(size=size).halvings == count


@pytest.mark.parametrize("size", [-64, 0, 4, 7, 9, 18, 30, 31, 33, 100])
def test_other_sizes_are_refused(size):
    with pytest.raises(ConfigError, match=f"size={size}"):
        StridedConfig(size=size)


def test_the_message_names_the_nearest_sizes():
    with pytest.raises(ConfigError, match="nearest: 96, 112"):
        StridedConfig(size=100)


@pytest.mark.parametrize(
    "wrong",
    [
        {"widths": (4,)},
        {"widths": (4, 0)},
        {"discriminator_halvings": 5},
        {"size": 20},
        {"latent": 0},
    ],
    ids=str,
)
def test_residual_networks_that_do_not_fit_are_refused(wrong):
    (name,) = wrong
    with pytest.raises(ConfigError, match=f"{name}="):
        ResidualConfig(**wrong)


def test_residual_sizes_are_doubled_by_the_generator():
    config = ResidualConfig(size=28, widths=(8, 4, 2))
    assert config.doublings == 2
