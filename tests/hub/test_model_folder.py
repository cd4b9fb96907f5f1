"""Model folders that are damaged, odd, or of another model."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import constants
from invoke import refused, run
from safetensors.torch import load_file, save_file

from ganzoo import hub as hubs

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


def changed(files: dict[str, bytes], **facts: object) -> dict[str, bytes]:
    config = {**json.loads(files["config.json"]), **facts}
    return {**files, "config.json": json.dumps(config).encode()}


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"model": "nobody.knows", "distribution": "ganzoo-nobody"}, "pip install ganzoo-nobody"),
        ({"ganzoo_format": 99}, "format 99"),
        ({"config": {"hidden": [16, 16, 16]}}, "of another model"),
        ({"config": {"hidden": [10**9, 8, 8]}}, "GiB"),
        ({"config": {"widht": 3}}, "widht"),
        ({"config": "os.system('rm')"}, "config"),
    ],
    ids=["plugin", "format", "shapes", "giant", "key", "type"],
)
def test_a_config_that_lies_is_refused(hub, files, facts, reason):
    hub.add("a/b", changed(files, **facts))
    assert reason in refused("sample", "hf-hub:a/b", "-o", Path(constants.HF_HUB_CACHE) / "x.png")
    assert not (Path(constants.HF_HUB_CACHE) / "x.png").exists()


def test_a_config_that_is_no_json(hub, files):
    hub.add("a/b", {**files, "config.json": b"\x80\x04pickle"})
    assert "no model config" in refused("sample", "hf-hub:a/b")


def test_weights_that_are_no_safetensors(hub, files):
    hub.add("a/b", {**files, "model.safetensors": b"PK\x03\x04 pickled"})
    assert "damaged" in refused("sample", "hf-hub:a/b")


def test_missing_and_unexpected_keys_are_named(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "copy")
    path = tmp_path / "copy" / "model.safetensors"
    tensors = load_file(path)
    name, value = next(iter(tensors.items()))
    del tensors[name]
    save_file({**tensors, "other": value}, path)
    line = refused("sample", f"local-dir:{tmp_path / 'copy'}")
    assert f"missing {name}" in line
    assert "unexpected other" in line


def test_verify_reproduces_a_score_and_notices_a_lie(folder, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    score = ("eval", f"local-dir:{copy}", "--protocol", "quick", "-n", 200, "--sets", 2)
    assert "states no score" in refused("verify", f"local-dir:{copy}")
    assert run(*score, "--against", "mnist", "--write")[0] == 0
    code, output, _ = run("verify", f"local-dir:{copy}")
    assert code == 0
    metrics = json.loads((copy / "metrics.json").read_text())
    assert output.count("yes") == len(metrics["values"]) >= 2
    metrics["values"]["FD-projection"] /= 2
    (copy / "metrics.json").write_text(json.dumps(metrics))
    code, output, _ = run("verify", f"local-dir:{copy}")
    assert code == 1
    assert "NO" in output


def test_a_config_that_an_editor_saved_anew_is_read(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "copy")
    path = tmp_path / "copy" / "config.json"
    config = path.read_bytes()
    for content in (b"\xef\xbb\xbf" + config, config.replace(b"\n", b"\r\n")):
        path.write_bytes(content)
        assert hubs.run_config(f"local-dir:{tmp_path / 'copy'}").model == "vanilla.mnist"
    path.write_bytes(config.decode().encode("utf-16"))
    assert "it is no UTF-8 text" in refused("sample", f"local-dir:{tmp_path / 'copy'}")


def test_weights_and_samples_that_are_not_finite_are_reported(folder, tmp_path, caplog):
    shutil.copytree(folder, tmp_path / "copy")
    path = tmp_path / "copy" / "model.safetensors"
    tensors = load_file(path)
    next(value for value in tensors.values() if value.ndim > 1).view(-1)[:3] = float("nan")
    save_file(tensors, path)
    source = f"local-dir:{tmp_path / 'copy'}"
    assert run("sample", source, "-n", 4, "-o", tmp_path / "x.png")[0] == 0
    assert "holds NaN or infinity (3 of" in caplog.text
    assert "4 of 4 samples hold NaN or infinity" in caplog.text
    assert "not finite" in refused("eval", source, "--protocol", "quick", "-n", 20)


def test_classes_have_names(folder, tmp_path):
    """Kept in config.json and the card, and taken by --label; older files have none."""
    shutil.copytree(folder, tmp_path / "copy")
    assert "classes" not in json.loads((folder / "config.json").read_text())
    named = replace(hubs.read_config(folder / "config.json"), classes=("10", "2", "a|b"))
    hubs.write_config(tmp_path / "copy", named)
    hubs.write_card(tmp_path / "copy")
    read = hubs.run_config(f"local-dir:{tmp_path / 'copy'}")
    assert read == named
    assert [read.label(text) for text in ("2", "10", "a|b", "0", "7")] == [1, 0, 2, 0, 7]
    assert [read.class_name(label) for label in (0, 2, 7)] == ["0 (10)", "2 (a|b)", "7"]
    assert "0: 10, 1: 2, 2: a\\|b" in (tmp_path / "copy" / "README.md").read_text()
    line = refused("sample", f"local-dir:{tmp_path / 'copy'}", "--label", "dog", code=2)
    assert "no class 'dog': there is 10, 2, a|b" in line
