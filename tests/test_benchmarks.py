"""The benchmarks of speed run and leave what the documentation is made from; no time is judged."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def run(script, *arguments):
    return subprocess.run(
        [sys.executable, "-m", f"benchmarks.{script}", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize("script", ["train", "sample", "startup", "limit"])
def test_help(script, monkeypatch, capsys):
    monkeypatch.syspath_prepend(ROOT)
    monkeypatch.setattr(sys, "argv", [script, "--help"])
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(f"benchmarks.{script}").main()
    assert ended.value.code == 0
    assert "--quick" in capsys.readouterr().out


@pytest.mark.slow
def test_ganzoo_beside_a_loop_by_hand_and_a_peer_that_is_not_here(tmp_path):
    out = tmp_path / "train.json"
    rows = ["--rows", "ganzoo", "lean", "pytorch-gan"]
    given = ["--quick", "--only", "mlp28", "--peers", tmp_path, "--out", out]
    done = run("train", *given, *rows)
    assert done.returncode == 0, done.stderr
    (workload,) = json.loads(out.read_text())["workloads"]
    assert workload["name"] == "mlp28"
    assert {"device", "torch", "threads", "date", "seed"} <= set(workload)
    found = {row["name"]: row for row in workload["rows"]}
    assert found["ganzoo"]["ganzoo_is_faster"] == 1
    for name in ("ganzoo", "lean"):
        assert len(found[name]["seconds"]) == 2
        assert found[name]["images_per_second"] > 0
    assert "git clone" in found["pytorch-gan"]["reason"]


def test_a_workload_measured_again_leaves_the_others(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks.train import keep

    out = tmp_path / "train.json"
    for name, value in (("mlp28", 1), ("dcgan64", 2), ("mlp28", 3)):
        keep(out, {"name": name, "value": value})
    kept = json.loads(out.read_text())["workloads"]
    assert [(each["name"], each["value"]) for each in kept] == [("dcgan64", 2), ("mlp28", 3)]
