"""``ganzoo train``: a run folder, and the same run again."""

import json
import re
import signal
import subprocess
import sys
import time

import pytest
import torch
from commands import (
    CONSTANT,
    DEFAULT,
    SMALL,
    assert_same_weights,
    done,
    pixels,
    run,
    write_photos,
)
from safetensors.torch import load_file
from torch import nn

from ganzoo import hub
from ganzoo.runtime import checkpoint


def test_a_run_leaves_a_model_folder(trained):
    assert {
        "README.md",
        "checkpoint.safetensors",
        "config.json",
        "metrics.jsonl",
        "model.safetensors",
        "samples.png",
    } <= {path.name for path in trained.iterdir()}
    config = json.loads((trained / "config.json").read_text())
    assert config["model"] == "vanilla.mnist"
    assert config["distribution"] == "ganzoo-core"
    assert config["recipe"]["kimg"] == 0.3
    assert pixels(trained / "samples.png").shape[0] > 8 * 28


def test_the_same_command_again_does_nothing_more(folder, trained):
    stdout = done(*DEFAULT, "--out", "run")
    assert "nothing was left to do" in stdout
    assert "done at 0.3 kimg" in stdout
    assert "local-dir:run" in stdout
    assert_same_weights(folder, trained)
    for name in ("config.json", "metrics.jsonl"):
        assert (folder / name).read_bytes() == (trained / name).read_bytes()


def test_a_longer_run_goes_on_and_equals_one_at_once(images):
    """Lines of the log included, but for the seconds that it took."""

    def log(folder):
        lines = (images.parent / folder / "metrics.jsonl").read_text().splitlines()
        return [{**json.loads(line), "seconds": 0} for line in lines]

    command = ("train", "vanilla", *SMALL, *CONSTANT, "--batch", "32", "--seed", "3")
    done(*command, "--kimg", "1.5", "--out", "twice")
    done(*command, "--kimg", "4", "--out", "twice")
    done(*command, "--kimg", "4", "--out", "once")
    assert_same_weights(images.parent / "twice", images.parent / "once")
    assert log("twice") == log("once")
    seen = [line["images"] for line in log("once")]
    assert seen == [32, 64, 128, 256, 512, 992, 1984, 2976, 3968]


def test_a_config_repeats_its_run(trained, here):
    done("train", trained / "config.json", "--out", "other", "--device", "cpu")
    assert_same_weights(trained, here / "other")
    theirs, ours = (each / "config.json" for each in (trained, here / "other"))
    assert theirs.read_text() == ours.read_text()


def test_another_seed_is_another_run(images):
    command = ("train", "vanilla", *SMALL, "--kimg", "0.1", "--batch", "32")
    done(*command, "--seed", "0", "--out", "zero")
    done(*command, "--seed", "1", "--out", "one")
    zero, one = (load_file(images.parent / name / hub.WEIGHTS) for name in ("zero", "one"))
    assert not any(torch.equal(zero[name], one[name]) for name in zero)


def test_the_default_folder_is_named_after_the_model(images):
    done("train", "vanilla", *SMALL, "--kimg", "0.1", "--batch", "32")
    assert (images.parent / "runs" / "vanilla.mnist" / hub.WEIGHTS).exists()


def test_a_budget_ends_a_run(images):
    stdout = done("train", "vanilla", *SMALL, "--kimg", "1000000", "--budget", "0.3s", "--out", "r")
    assert "done at" in stdout


def test_equal_weights_are_equal_files(here):
    """Same command, same bits: the header of a file of weights has one order."""
    layer, facts = nn.Linear(2, 2), {"model": "vanilla.mnist", "images": "320"}
    contents = set()
    for _ in range(20):
        hub.save_weights(here, layer, facts)
        contents.add((here / hub.WEIGHTS).read_bytes())
    assert len(contents) == 1


def test_a_dry_run_prints_the_whole_run_and_writes_nothing(here):
    plan = json.loads(
        done(
            *("train", "dcgan", "--dry-run", "--kimg", "2", "--batch", "16", "--seed", "7"),
            *("--set", "width=8", "--set", "optimizer.lr=1e-3", "--set", "mirror=true"),
        )
    )
    assert (plan["model"], plan["seed"]) == ("dcgan.mnist", 7)
    assert plan["config"]["width"] == 8
    recipe = plan["recipe"]
    assert (recipe["kimg"], recipe["batch"], recipe["mirror"]) == (2, 16, True)
    assert recipe["optimizer"]["lr"] == 1e-3
    assert recipe["data"] == "mnist"
    assert list(here.iterdir()) == []


@pytest.mark.slow
def test_an_interrupted_run_is_saved_and_goes_on_to_the_same_end(images):
    command = ("train", "vanilla", *SMALL, "--kimg", "12", "--batch", "32")
    interrupted = images.parent / "interrupted"
    process = subprocess.Popen(
        [sys.executable, "-m", "ganzoo", *command, "--out", interrupted],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    log = interrupted / "metrics.jsonl"
    while process.poll() is None and not (log.exists() and log.stat().st_size):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert re.search(r": stopped at [\d.]+ kimg.*; run the same command to resume$", stdout, re.M)
    assert "Traceback" not in stderr
    images_then = checkpoint.load(interrupted)[1]["trainer"]["steps"] * 32
    assert 0 < images_then < 12_000
    assert "done at 12.0 kimg" in done(*command, "--out", interrupted)
    done(*command, "--out", "at-once")
    assert_same_weights(interrupted, images.parent / "at-once")


def test_a_run_says_what_it_does_to_color_photos(here, caplog):
    write_photos(here / "photos", 80, 60, n=20)
    command = ("train", "dcgan", "--data", "folder:photos", "--kimg", "0.02", "--batch", "10")
    result = run(*command, "--set", "width=8", "--device", "cpu", "--out", "r")
    assert result.exit_code == 0, result.output
    done = (
        "color images are scaled from 80 x 60 to 28 x 28 pixels, cropped to the center, made gray"
    )
    assert caplog.messages[0] == f"data folder:photos: {done}"
    few, proposal, start, *_ = result.stderr.splitlines()
    assert few.startswith("20 images are few: a GAN soon memorizes fewer than 1,000; `--augment")
    assert "`ganzoo recommend folder:photos` names recipes for few images" in few
    wanted = "dcgan.cifar10 --data folder:photos"
    assert proposal == f"dcgan.cifar10 makes color images of 32 x 32: `ganzoo train {wanted}`"
    assert start.startswith("dcgan.mnist: 0.02 kimg of folder:photos (20 rows)")
