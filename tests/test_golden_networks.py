"""Networks of published weights answer as they did when they agreed with the official code."""

from __future__ import annotations

import json

import golden_networks
import pytest

KNOWN = json.loads(golden_networks.FILE.read_text())


def test_every_small_network_has_an_answer():
    missing = golden_networks.small().keys() ^ KNOWN.keys()
    assert not missing, "python tests/golden_networks.py"


@pytest.mark.parametrize("name", KNOWN)
def test_a_network_answers_as_before(name):
    found, known = golden_networks.answer(name), KNOWN[name]
    assert found["shape"] == known["shape"]
    scale = max(known["std"], 1e-3)
    for key in ("mean", "std", "values"):
        assert found[key] == pytest.approx(known[key], rel=1e-4, abs=1e-4 * scale), key
