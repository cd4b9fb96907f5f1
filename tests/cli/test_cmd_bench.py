"""``ganzoo bench``."""

import csv
import json
from dataclasses import replace

import pytest
from commands import (
    SMALL,
    done,
    fails,
    run,
    words,
)

from ganzoo import registry
from ganzoo.bench import speed
from ganzoo.evaluation import protocols
from ganzoo.evaluation.protocols import find_protocol


@pytest.fixture
def untrained(monkeypatch):
    """No model has published weights, whose rows would take long."""
    monkeypatch.setattr(registry.Model, "pretrained", False)


@pytest.fixture
def quick(monkeypatch):
    """Speeds measured over a moment instead of seconds."""
    repeat = speed.repeat
    monkeypatch.setattr(speed, "repeat", lambda action, seconds: repeat(action, 0.02))


def test_a_bench_under_no_protocol_does_not_train_first(here):
    options = ("--budget", "1s", "--protocol", "mnist-lennet", "--out", "b")
    assert "did you mean mnist-lenet?" in fails(2, "bench", "vanilla", *options)
    assert not (here / "b" / "vanilla.mnist").exists()


def test_a_bench_of_less_than_two_samples_does_not_train_first(here):
    fails(2, "bench", "vanilla", "--budget", "1s", "-n", "1", "--out", "b")
    assert not (here / "b" / "vanilla.mnist").exists()


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["no-such-*"], "no model that matches 'no-such-*'"),
        (["vanilla", "no-such"], "no model 'no-such'"),
        (["vanilla", "--budget", "soon"], "90s, 5m or 1h"),
        (["vanilla", "--device", "toaster"], "auto, cpu"),
        (["vanilla", "--seeds", "0"], "at least 1 seed"),
        (["vanilla", "--sweep", "optimizer.lr=-1,1e-3"], "optimizer.lr=-1"),
        (["vanilla", "--sweep", "batch=8", "--set", "batch=8"], "both set and swept"),
        (["vanilla", "--sweep", "batch=8,8"], "different values"),
        (["vanilla", "--shard", "3/2"], "1/4 to 4/4"),
    ],
    ids=words,
)
def test_a_bench_that_cannot_be_meant(arguments, answer):
    assert answer in fails(2, "bench", *arguments, "--out", "b")


def test_a_bench_that_cannot_be_written(here):
    (here / "file").write_text("")
    assert "cannot write file/b" in fails(1, "bench", "vanilla", "--out", "file/b")


def test_a_bench_goes_on_after_a_row_that_fails(quick, untrained, offline):
    """cifar10 cannot be had here: its row says so, the next is measured, the exit code tells."""
    result = run("bench", "dcgan.cifar10", "vanilla", "--budget", "0", "--out", "b", "--json")
    assert result.exit_code == 1
    failed, measured = json.loads(result.stdout)
    assert "cifar10" in failed["error"]
    assert measured["error"] == ""
    assert measured["train_images_per_second"] > 0
    first, failure, line, second, *_ = result.stderr.splitlines()
    assert first.startswith("1 of 2: dcgan.cifar10 (untrained), about ")
    assert failure == "dcgan.cifar10 (untrained): failed"
    assert line.startswith("error: dcgan.cifar10")
    assert second.startswith("2 of 2: vanilla.mnist")


def test_bench_trains_scores_and_draws(quick, untrained, here, monkeypatch):
    few = replace(find_protocol("mnist-lenet"), reference_n=2000)
    monkeypatch.setitem(protocols.PROTOCOLS, "mnist-lenet", few)
    result = run("bench", "vanilla", "--budget", "1s", "-n", "200", "--out", "b", "--device", "cpu")
    assert result.exit_code == 0, result.output
    assert "FD-lenet" in result.stdout
    assert "real test data" in result.stdout
    told = result.stderr
    assert told.startswith("1 of 1: vanilla.mnist (trained), about ")
    assert "\nvanilla.mnist (trained): FD-lenet " in told
    assert "\nwarning: vanilla.mnist: 200 samples for 120 features: the distance is" in told
    (row,) = map(json.loads, (here / "b" / "rows.jsonl").read_text().splitlines())
    assert (row["model"], row["error"], row["n"]) == ("vanilla.mnist", "", 200)
    assert (row["distribution"], row["protocol"]) == ("ganzoo-core", "mnist-lenet")
    assert {"FD-lenet", "KID-lenet", "IS-lenet"} < set(row["values"]) <= set(row["floor"])
    assert row["values"]["FD-lenet"] > row["floor"]["FD-lenet"] > 0
    assert row["generator_parameters"] == 1_486_352
    assert row["seconds"] >= 1
    assert row["kimg"] > 0
    assert (here / "b" / row["picture"]).is_file()
    assert "| FD-lenet |" in (here / "b" / "table.md").read_text()
    assert "samples" in done("sample", "local-dir:b/vanilla.mnist", "-o", "grid.png")


def test_a_sweep_is_a_grid_that_resumes_and_compares(quick, untrained, images, here):
    grid = ("--sweep", "optimizer.lr=1e-3,2e-3", "--seeds", "2", "--seed", "4")
    options = (*SMALL, *grid, "--budget", "0.1s", "-n", "30", "--out", "b")
    rows = json.loads(done("bench", "vanilla", *options, "--json", "--shard", "1/2"))
    assert [(row["seed"], row["settings"]["optimizer.lr"]) for row in rows] == [
        (4, "1e-3"),
        (4, "2e-3"),
    ]
    again = run("bench", "vanilla", *options)
    assert again.exit_code == 0, again.output
    told = again.stderr.splitlines()
    assert [line.endswith("was done before") for line in told if " of 4: " in line] == [
        *(True, False, True, False)
    ]
    assert "3 of 4: vanilla.mnist (trained, optimizer.lr=2e-3, seed 4)" in again.stderr
    header, first, second, *_ = again.stdout.splitlines()
    assert header.split() == ["model", "weights", "kimg", "FD-projection", "train", "img/s"]
    assert first.startswith("vanilla.mnist optimizer.lr=1e-3, 2 seeds")
    assert (" ± " in first, " ± " in second) == (True, True)
    assert len(list((here / "b").glob("*.png"))) == 4
    done("eval", "local-dir:b/vanilla.mnist.optimizer.lr-1e-3.seed4", "-n", "20", "--write")
    one, other = (f"b/vanilla.mnist.optimizer.lr-1e-3.seed{seed}" for seed in (4, 5))
    compared = run("compare", "b", one, other, "--format", "latex")
    assert compared.exit_code == 0, compared.output
    assert compared.stdout.startswith("\\begin{tabular}{llrrr}")
    assert compared.stdout.count("2 seeds") == 2
    unscored, unlike = compared.stderr.splitlines()
    assert unscored.startswith(f"left out: {other}: it has no scores yet: `ganzoo eval ")
    assert unlike.startswith(
        f"left out: {one} (vanilla.mnist): it was scored under quick with n=20"
    )
    assert "no protocol of these rows 'quik'" in fails(2, "compare", "b", "--protocol", "quik")


def test_bench_without_budget_measures_speed_alone(quick, untrained, here):
    (row,) = json.loads(done("bench", "vanilla", "--budget", "0", "--out", "b", "--json"))
    assert row["train_images_per_second"] > 0
    assert row["sample_images_per_second"] > 0
    assert (row["kimg"], row["values"], row["weights"]) == (None, {}, "untrained")
    assert not (here / "b" / "vanilla.mnist").exists()


def test_a_bench_on_own_data_keeps_each_row_once(quick, untrained, images, here):
    options = (*SMALL, "-n", "30", "--out", "b")
    result = run("bench", "vanilla", *options, "--budget", "0.2s", "--format", "csv")
    assert result.exit_code == 0, result.output
    (row,) = csv.DictReader(result.stdout.splitlines())
    assert (row["model"], row["data"]) == ("vanilla.mnist", "folder:images")
    assert (row["protocol"], row["n"]) == ("quick", "30")
    assert float(row["FD-projection"]) > 0
    (again,) = json.loads(done("bench", "vanilla", *options, "--budget", "0.2s", "--json"))
    assert again["kimg"] == float(row["kimg"])
    assert again["train_images_per_second"] == float(row["train_images_per_second"])
    table = done("bench", "local-dir:b/vanilla.mnist", "-n", "30", "--out", "b")
    header, trained, given, *_ = table.splitlines()
    assert header.split() == ["model", "weights", "kimg", "FD-projection", "train", "img/s"]
    assert trained.split()[:2] == ["vanilla.mnist", "trained"]
    assert given.split()[:2] == ["local-dir:b/vanilla.mnist", "given"]
    assert given.split()[2] == trained.split()[3]
    assert "| FD-projection |" in (here / "b" / "table.md").read_text()
    message = fails(2, "bench", "local-dir:b/vanilla.mnist", "--set", "latent=4", "--out", "b")
    assert "latent cannot be set: local-dir:b/vanilla.mnist is trained already" in message


def test_settings_that_fit_no_model_are_refused(here):
    assert "did you mean" in fails(2, "bench", "vanilla", "--set", "hiddn=8", "--out", "b")
    assert "trained weights" in fails(2, "bench", "local-dir:x", "--data", "mnist")
