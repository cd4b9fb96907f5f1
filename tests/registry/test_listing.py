"""Models for programs: names, and facts as plain data."""

import json

import pytest

import ganzoo
from ganzoo.errors import UnknownNameError


def test_names_are_listed_by_glob_or_part():
    digits = ganzoo.list_models("*.mnist")
    assert {"vanilla.mnist", "dcgan.mnist"} <= set(digits) <= set(ganzoo.list_models())
    assert "dcgan.cifar10" in ganzoo.list_models("gan.cifar")
    trained = ganzoo.list_models("dcgan.*", pretrained=True)
    assert "dcgan.mnist" in trained
    assert "dcgan.cifar10" not in trained
    with pytest.raises(UnknownNameError, match=r"no model that matches 'dcgan\.mnst'"):
        ganzoo.list_models("dcgan.mnst")


def test_facts_are_plain_data():
    facts = ganzoo.info("dcgan")
    assert facts["model"] == "dcgan.mnist"
    assert facts["spec"]["paper"]["year"] == 2015
    assert json.loads(json.dumps(facts)) == facts
