"""Cards of model folders."""

from __future__ import annotations

import pytest
from invoke import refused, run

from ganzoo import hub as hubs
from ganzoo.data.catalog import license_of
from ganzoo.spec import Weights

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


def test_the_card_says_how_to_load_and_what_it_is(hub, folder):
    run("push", folder, "tester/digits", "--yes")
    card = hub.read("tester/digits", "README.md").decode()
    for text in ("library_name: ganzoo", "license: cc-by-sa-3.0", "- mnist", "pipeline_tag"):
        assert text in card
    assert 'ganzoo.load("hf-hub:tester/digits")' in card


def test_a_license_is_the_one_that_was_asked_for_and_stays(hub, folder, tmp_path):
    copy = tmp_path / "mine"
    assert "SPDX" in refused("export", folder, "-o", copy, "--license", "do what", code=2)
    assert not copy.exists()
    code, _, _ = run("export", folder, "-o", copy, "--license", "CC-BY-4.0")
    assert code == 0
    hubs.write_card(copy)
    _, output, _ = run("push", copy, "tester/mine", "--yes")
    assert "license cc-by-4.0" in output.splitlines()[0]
    assert eval(output.splitlines()[-1], {"Weights": Weights}).license == "cc-by-4.0"
    assert "\nlicense: cc-by-4.0\n" in hub.read("tester/mine", "README.md").decode()
    assert "SPDX" in refused("push", copy, "tester/mine", "--yes", "--license", "do what", code=2)


@pytest.mark.parametrize(
    ("data", "stated"),
    [
        ("mnist", "CC-BY-SA-3.0"),
        ("celeba", "other"),
        ("tones", "Apache-2.0"),
        ("folder:mine", "unknown"),
        ("hf:user/name", "unknown"),
    ],
)
def test_weights_are_under_the_license_of_their_data(data, stated):
    assert license_of(data) == stated
