"""Networks beside the answers of official code, where ``GANZOO_PARITY`` names a folder of them."""

from __future__ import annotations

import os
from pathlib import Path

import parity
import pytest

ROOT = os.environ.get("GANZOO_PARITY", "")
CASES = [folder.parent for folder in sorted(Path(ROOT).glob("*/config.json"))] if ROOT else []
ANSWERED = [case for case in CASES if parity.Case(case).config["family"] in parity.families()]


@pytest.mark.skipif(not CASES, reason="GANZOO_PARITY names no folder with official answers")
@pytest.mark.parametrize("folder", ANSWERED, ids=lambda folder: folder.name)
def test_a_network_answers_as_the_official_one(folder):
    wrong = [each for each in parity.compare(parity.Case(folder)) if not each.ok]
    assert not wrong
