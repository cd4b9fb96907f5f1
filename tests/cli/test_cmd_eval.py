"""``ganzoo eval`` and ``ganzoo protocols``."""

import json
from pathlib import Path

import pytest
from commands import (
    SMALL,
    done,
    fails,
    pixels,
    run,
)
from PIL import Image


@pytest.mark.parametrize("n", [1, 0, -4])
def test_a_score_of_less_than_two(n, folder):
    assert "at least 2 samples" in fails(2, "eval", "local-dir:run", "-n", n)


def test_a_protocol_that_is_none(folder):
    line = fails(2, "eval", "local-dir:run", "--protocol", "mnist-lennet")
    assert "did you mean mnist-lenet?" in line


def test_eval_as_json_says_what_was_measured(trained):
    command = ("eval", f"local-dir:{trained}", "-n", "200", "--protocol", "quick", "--json")
    result = run(*command)
    assert result.exit_code == 0
    scores = json.loads(result.stdout)
    assert (scores["n"], scores["seed"]) == (200, 0)
    protocol = scores["protocol"]
    assert (protocol["name"], protocol["data"], protocol["n"]) == ("quick", "mnist", 200)
    assert len(scores["protocol_hash"]) == 12
    assert set(scores["values"]) == set(scores["floor"])
    assert set(scores["values"]) == {"FD-projection", "KID-projection", "duplicates-projection"}
    assert scores["values"]["FD-projection"] > 10 * scores["floor"]["FD-projection"]
    assert any("200 samples" in warning for warning in scores["warnings"])
    assert json.loads(run(*command).stdout) == scores


def test_a_run_is_scored_against_its_own_data(images):
    done("train", "vanilla", *SMALL, "--kimg", "0.1", "--batch", "32", "--out", "r")
    result = run("eval", "local-dir:r", "-n", "50")
    assert result.exit_code == 0
    assert "protocol quick (" in result.stdout
    assert "against folder:images train" in result.stdout
    assert "FD-projection" in result.stdout
    assert "classes" not in result.stdout
    choice, work, kept, *warnings = result.stderr.splitlines()
    assert work == "scoring 1 x 50 samples under quick, against folder:images"
    assert "--write keeps them" in kept
    assert "the preset's mnist-lenet does not fit folder:images" in choice
    assert warnings
    assert all(line.startswith("warning: ") for line in warnings)
    scores = json.loads(done("eval", "local-dir:r", "-n", "50", "--protocol", "quick", "--json"))
    images.rename("moved")
    line = fails(1, "eval", "local-dir:r", "-n", "50", "--protocol", "quick")
    assert "say --against DATA" in line
    moved = ("--protocol", "quick", "--against", "folder:moved", "--json")
    again = json.loads(done("eval", "local-dir:r", "-n", "50", *moved))
    assert again["values"] == scores["values"]
    Path("moved").rename("images")
    assert "has changed" not in run("eval", "local-dir:r", "-n", "50").stderr
    Image.new("RGB", (8, 8)).save("images/new.png")
    changed = run("eval", "local-dir:r", "-n", "50")
    assert changed.exit_code == 0
    assert "warning: folder:images has changed since the training, when it had" in changed.stderr


def test_scores_that_mean_nothing_are_not_shown(trained):
    result = run("eval", f"local-dir:{trained}", "-n", "50", "--protocol", "quick")
    assert "FD-projection" in result.stdout
    assert "precision" not in result.stdout
    assert "its precision, recall, density and coverage mean nothing" in result.stderr


def test_a_folder_of_images_is_scored_and_drawn_beside_its_neighbours(trained, here):
    done("sample", f"local-dir:{trained}", "-n", "60", "-o", "made")
    result = run("eval", "folder:made", "--against", "mnist", "--protocol", "quick", "--json")
    assert result.exit_code == 0, result.output
    scores = json.loads(result.stdout)
    assert (scores["n"], scores["protocol"]["data"]) == (60, "mnist")
    done("eval", f"local-dir:{trained}", "-n", "50", "--protocol", "quick", "--neighbours", "n.png")
    assert pixels(here / "n.png").shape[1] > 6 * 28


def test_a_folder_is_scored_as_the_options_say(images, here):
    command = ("eval", "folder:images", "--against", "folder:images", "--protocol", "quick")
    result = run(*command, "-n", "15", "--sets", "2", "--seed", "3", "--neighbours", "n.png")
    assert result.exit_code == 0, result.output
    assert "2 x 15 samples, seed 3" in result.stdout
    assert "the reference folder:images has 40 rows for 64 features" in result.stderr
    assert pixels(here / "n.png").shape[1] > 6 * 8
    assert "folder:images has 40 samples, 50 are more" in fails(2, *command, "-n", "50")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((), "eval what?"),
        (("folder:nowhere",), "--against"),
        (("folder:nowhere", "--against", "mnist"), "no such folder"),
        (("dcgan", "--protocol", "mnist-lenett"), "did you mean mnist-lenet"),
        (("dcgan", "--protocol", "nv50k-full"), "ganzoo import"),
        (("dcgan", "--sets", "0"), "1 set"),
    ],
)
def test_an_evaluation_that_cannot_be_says_what_to_type(arguments, text, here, monkeypatch):
    monkeypatch.setenv("GANZOO_CACHE", str(here / "cache"))
    result = run("eval", *arguments)
    assert result.exit_code in (1, 2)
    assert text in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_protocols_are_listed_with_what_they_measure():
    listed = done("protocols")
    for name in ("mnist-lenet", "nv50k-full", "dinov2-50k", "quick"):
        assert name in listed
    facts = json.loads(done("protocols", "--json"))
    assert facts["clean"]["resize"] == "pil-bicubic"
    assert len({each["hash"] for each in facts.values()}) == len(facts)
