"""``ganzoo list`` and ``ganzoo info``."""

import json

from commands import (
    done,
)

from ganzoo import registry


def test_list_as_json():
    rows = json.loads(done("list", "--json"))
    assert {row["model"] for row in rows} >= {"vanilla.mnist", "dcgan.celeba64", "wgan-gp.cifar10"}
    for row in rows:
        assert set(row) >= {"model", "weights", "data", "distribution", "version", "summary"}
    assert {row["model"] for row in json.loads(done("list", "dcgan.*", "--json"))} == {
        row["model"] for row in rows if row["model"].startswith("dcgan.")
    }


def test_list_of_what_is_trained(monkeypatch):
    rows = json.loads(done("list", "--json"))
    trained = [row for row in rows if row["weights"]]
    assert json.loads(done("list", "--pretrained", "--json")) == trained
    monkeypatch.setattr(registry.Model, "pretrained", True)
    assert len(json.loads(done("list", "--pretrained", "--json"))) == len(rows)
    monkeypatch.setattr(registry.Model, "pretrained", False)
    assert json.loads(done("list", "--pretrained", "--json")) == []


def test_list_in_columns():
    header, *rows = done("list", "*.*").splitlines()
    assert header.split() == ["MODEL", "WEIGHTS", "DATA", "PROVIDED", "BY", "SUMMARY"]
    assert any(row.split()[:3:2] == ["vanilla.mnist", "mnist"] for row in rows)


def test_info_names_paper_deviations_and_every_key():
    stdout = done("info", "wgan-gp")
    for part in ("Gulrajani et al. (2017)", "because", "critic_updates", "optimizer.betas", "0.0,"):
        assert part in stdout


def test_info_as_json():
    facts = json.loads(done("info", "dcgan.celeba64", "--json"))
    assert facts["model"] == "dcgan.celeba64"
    assert facts["spec"]["presets"]["celeba64"]["config"]["size"] == 64
    assert facts["spec"]["paper"]["year"] == 2015
