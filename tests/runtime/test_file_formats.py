"""Upgrades of file formats."""

from pathlib import Path

import pytest

from ganzoo.errors import FormatError
from ganzoo.runtime import file_formats as formats


def test_upgrades_start_at_the_format_of_the_file():
    steps = [lambda content, n=n: {**content, n: True} for n in (2, 3, 4)]
    assert formats.current_format(steps) == 4
    assert formats.upgrade({}, 2, steps, Path("x")) == {3: True, 4: True}
    assert formats.upgrade({}, 4, steps, Path("x")) == {}
    for version in (0, 5, "2", None):
        with pytest.raises(FormatError, match="x has format"):
            formats.upgrade({}, version, steps, Path("x"))
