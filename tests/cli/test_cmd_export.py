"""``ganzoo export``."""

import importlib.util
import json
import re
from pathlib import Path

import pytest
import torch
from commands import (
    done,
    run,
)

from ganzoo import hub


def test_an_exported_folder_is_a_model_without_its_checkpoints(trained, here):
    done("export", trained, "-o", "whole")
    done("export", trained, "-o", "half", "--half")
    assert {path.name for path in (here / "whole").iterdir()} >= {"config.json", "README.md"}
    assert not list((here / "whole").glob("checkpoint*"))
    sizes = [(here / name / "model.safetensors").stat().st_size for name in ("whole", "half")]
    assert sizes[1] < 0.6 * sizes[0]
    one, other = (hub.load(f"local-dir:{name}").sample(4, seed=0) for name in ("whole", "half"))
    assert one.dtype == other.dtype == torch.float32
    torch.testing.assert_close(one, other, atol=0.02, rtol=0)
    result = run("export", trained, "-o", "half")
    assert result.exit_code == 1
    assert "not empty" in result.stderr


def test_a_network_file_makes_the_samples_of_the_model(here):
    done("export", "vanilla.mnist", "--to", "safetensors", "-o", "digits.safetensors")
    facts = json.loads((here / "digits.json").read_text())
    assert facts["check"] == {"difference": 0.0, "relative": 0.0}
    assert [each["name"] for each in facts["inputs"]] == ["latent"]
    assert facts["inputs"][0]["shape"] == ["n", 100]
    assert facts["output"]["shape"] == ["n", 1, 28, 28]
    for arguments, reason in (
        (("--to", "safetensors", "-o", "digits.safetensors"), "exists already"),
        (("--to", "onnx", "-o", "a.onnx", "--half"), "--half belongs to --to folder"),
        (("--to", "safetensors", "-o", "a.x", "--size", "8x8"), "has a fixed size"),
    ):
        assert reason in run("export", "vanilla.mnist", *arguments).stderr


def test_a_graph_has_no_fixed_number_of_rows(here):
    done("export", "vanilla.mnist", "--to", "torch-export", "-o", "digits.pt2")
    network = torch.export.load(here / "digits.pt2").module()
    gan = hub.load("vanilla.mnist")
    samples = network(gan.prior_rows(5, 3)["latent"])
    torch.testing.assert_close(samples, gan.sample(5, seed=3))


def test_the_example_of_the_guide_runs_an_onnx_file_without_ganzoo(here):
    for package in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(package, reason=f"{package} is not installed: ganzoo-core[onnx]")
    printed = done("export", "vanilla.mnist", "--to", "onnx", "-o", "digits.onnx")
    assert "largest difference from the model" in printed
    guide = (Path(__file__).resolve().parents[2] / "docs/howto/export.md").read_text()
    (example,) = [
        text for text in re.findall(r"```python\n(.*?)```", guide, re.S) if "onnxr" in text
    ]
    assert "ganzoo" not in example
    names: dict[str, object] = {}
    exec(compile(example, "export.md", "exec"), names)
    samples = names["samples"]
    assert samples.shape == (16, 1, 28, 28)
    latent = torch.from_numpy(names["latent"])
    wanted = hub.load("vanilla.mnist").sample(latent=latent).numpy()
    assert abs(samples - wanted).max() < 1e-4
    assert (here / "digits.png").exists()


def test_onnx_without_its_packages_says_what_to_install(here, monkeypatch):
    found = importlib.util.find_spec
    hidden = ("onnx", "onnxruntime")
    monkeypatch.setattr(
        "importlib.util.find_spec",
        lambda name, *rest: None if name in hidden else found(name, *rest),
    )
    result = run("export", "vanilla.mnist", "--to", "onnx", "-o", "digits.onnx")
    assert result.exit_code == 2
    assert 'pip install "ganzoo-core[onnx]"' in result.stderr
