"""Constraints of config fields, checked when a config is built."""

import math
from dataclasses import dataclass
from typing import Annotated, Literal

import pytest

from ganzoo import ModelConfig, Optimizer, Recipe, Weights
from ganzoo.errors import ConfigError
from ganzoo.spec.config import override
from ganzoo.spec.fields import (
    Above,
    AtLeast,
    AtMost,
    Below,
    Between,
    Doubled,
    MultipleOf,
    OneOf,
)


@dataclass(frozen=True)
class Config(ModelConfig):
    """One field of each kind."""

    size: Annotated[int, Doubled(4, 7), "pixels"] = 28
    length: Annotated[int, Doubled(16, 16, times=3), "of a waveform"] = 128
    height: Annotated[int, MultipleOf(4), AtLeast(4)] = 8
    channels: Annotated[int, OneOf(1, 3)] = 3
    widths: Annotated[tuple[int, ...], AtLeast(1)] = (8, 4)
    shift: Annotated[int | None, Between(1, 15)] = None
    rate: Annotated[float, Above(0), AtMost(2)] = 1
    dropout: Annotated[float, AtLeast(0), Below(1)] = 0.5
    norm: Literal["batch", "none"] = "batch"
    free: float = 0.0

    def check(self) -> None:
        if self.channels == 1 and self.rate == 2:
            raise ConfigError("rate=2: too much for channels=1")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"size": 100},
            "size=100: is not allowed. Allowed: 8, 10, 12, 14, 16, 20, ...; nearest: 96, 112",
        ),
        ({"size": 7}, "size=7: is not allowed. Allowed: 8, 10, 12, 14, 16, 20, ...; nearest: 8"),
        ({"size": 0}, "size=0: is not allowed. Allowed: 8, 10, 12, 14, 16, 20, ...; nearest: 8"),
        (
            {"length": 100},
            "length=100: is not allowed. Allowed: 128, 256, 512, 1024, 2048, 4096, ...;"
            " nearest: 128",
        ),
        ({"height": 30}, "height=30: must be a multiple of 4, e.g. 28 or 32"),
        ({"height": 0}, "height=0: must be at least 4"),
        ({"channels": 2}, "channels=2: must be 1 or 3"),
        ({"widths": (8, 0)}, "widths=8,0: each must be at least 1"),
        ({"shift": 16}, "shift=16: must be between 1 and 15"),
        ({"rate": 0}, "rate=0: must be above 0"),
        ({"rate": 2.5}, "rate=2.5: must be at most 2"),
        ({"dropout": 1.0}, "dropout=1.0: must be below 1"),
        ({"norm": "layer"}, "norm=layer: must be batch or none"),
        ({"free": math.inf}, "free=inf: must be a finite number"),
        ({"rate": math.nan}, "rate=nan: must be a finite number"),
        ({"size": "28"}, "size=28: must be a whole number"),
        ({"size": 28.0}, "size=28.0: must be a whole number"),
        ({"channels": True}, "channels=True: must be a whole number"),
        ({"rate": "fast"}, "rate=fast: must be a number"),
        ({"channels": 1, "rate": 2}, "rate=2: too much for channels=1"),
    ],
    ids=str,
)
def test_a_value_that_is_not_allowed_is_named_with_what_is(given, message):
    with pytest.raises(ConfigError) as caught:
        Config(**given)
    assert str(caught.value) == message


def test_values_that_are_allowed():
    for size in (8, 10, 12, 14, 16, 28, 32, 64, 96, 256, 1024):
        assert Config(size=size).size == size
    Config(length=16_384, widths=(), shift=None, rate=2, dropout=0)


def test_settings_are_checked_as_well():
    with pytest.raises(
        ConfigError, match=r"^size=30: is not allowed. Allowed: .* nearest: 28, 32$"
    ):
        override(Config(), {"size": "30"})


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Recipe(data="x", kimg=0), "kimg=0: must be above 0"),
        (lambda: Recipe(data="x", kimg=math.inf), "kimg=inf: must be a finite number"),
        (lambda: Recipe(data="x", kimg=1, batch=0), "batch=0: must be at least 1"),
        (lambda: Recipe(data="x", kimg=1, ema_ramp=-1), "ema_ramp=-1: must be at least 0"),
        (lambda: Optimizer(lr=0), "lr=0: must be above 0"),
        (lambda: Optimizer(lr_end=-1), "lr_end=-1: must be at least 0"),
        (lambda: Optimizer(betas=(0.9, 1.0)), "betas=0.9,1.0: each must be below 1"),
        (lambda: Optimizer(name="lion"), "name=lion: must be adam, adamw, sgd or rmsprop"),
        (lambda: Weights("you/weights"), "must be 64 hexadecimal digits"),
        (lambda: Weights("0" * 64, repo="you/weights"), "a repository and its full commit"),
        (lambda: published("0" * 8, "http://example.com/a.pth"), "must begin with https://"),
    ],
)
def test_recipes_and_weights_are_checked(build, message):
    with pytest.raises(ConfigError, match=message.replace("(", "\\(")):
        build()


def published(sha256, url):
    return Weights(sha256, license="MIT", url=url, converter="some.module:function")


def test_a_file_that_is_never_downloaded_may_have_any_address_of_the_web():
    assert published("", "http://example.com/a.pth").url == "http://example.com/a.pth"


def test_a_nested_field_is_named_in_full():
    recipe = Recipe(data="x", kimg=1, optimizers={"critic": Optimizer()})
    with pytest.raises(ConfigError, match=r"^optimizer\.lr=-1\.0: must be above 0$"):
        override(recipe, {"optimizer.lr": "-1"})
    with pytest.raises(ConfigError, match=r"^optimizers\.critic\.betas=0\.5,1\.0: each must"):
        override(recipe, {"optimizers.critic.betas": "0.5,1"})
