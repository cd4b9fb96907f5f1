"""Durations as text."""

import pytest

from ganzoo.errors import ConfigError
from ganzoo.runtime.durations import clock, in_kimg, parse_duration, rounded, speed_text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("5m", 300), ("1.5h", 5400), ("2d", 172800)],
)
def test_a_duration_is_parsed(text, seconds):
    assert parse_duration(text) == parse_duration(seconds) == seconds


@pytest.mark.parametrize("text", ["", "m", "-1s", "inf", "nan", "5 weeks", True, None])
def test_other_spellings_are_refused(text):
    with pytest.raises(ConfigError, match="a duration is written 90s, 5m or 1h"):
        parse_duration(text)


def test_a_duration_is_written_for_people():
    assert [clock(5), clock(65), clock(7265)] == ["0:05", "1:05", "2:01:05"]
    assert [rounded(0.2), rounded(700), rounded(12_000), rounded(276_480)] == [
        "1 s",
        "12 min",
        "3.3 hours",
        "3.2 days",
    ]


def test_few_images_and_slow_models_are_not_written_as_zero():
    assert [in_kimg(images) for images in (8, 100, 54_400)] == ["0.008", "0.1", "54.4"]
    assert [speed_text(speed) for speed in (0.2718, 4.0, 512.4)] == ["0.27", "4", "512"]
