"""Networks beside the answers of official code, where ``GANZOO_PARITY`` names a folder of them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import parity
import pytest

ROOT = os.environ.get("GANZOO_PARITY", "")
CASES = [file.parent for file in sorted(Path(ROOT).glob("*/config.json"))] if ROOT else []
AGREED = json.loads((Path(__file__).parents[1] / "benchmarks" / "parity.json").read_text())


@pytest.mark.skipif(not CASES, reason="GANZOO_PARITY names no folder with official answers")
@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_a_network_answers_as_the_official_one(folder):
    try:
        wrong = [each for each in parity.compare(parity.Case(folder)) if not each.ok]
    except parity.NotAnsweredError as error:
        assert folder.name not in AGREED
        pytest.skip(str(error))
    assert not wrong
