"""Generators of other programs as model folders."""

import pytest
import torch
from typer.testing import CliRunner

import ganzoo
from ganzoo.cli import app


@pytest.fixture(scope="module")
def gan():
    """A narrow DCGAN with weights of its own."""
    torch.manual_seed(0)
    gan = ganzoo.create("dcgan", width=4)
    for value in gan.generator.state_dict().values():
        if value.is_floating_point():
            value.uniform_(0.1, 1)
    return gan


def of_examples(gan, prefix):
    """Its generator's tensors under the names of another training script."""
    tensors = gan.generator.state_dict()
    parts = {name: name.split(".") for name in tensors}
    return {f"{prefix}{int(n) - 1}.{key}": tensors[k] for k, (n, key) in parts.items()}


def imports(tensors, folder, *more):
    torch.save(tensors, folder / "netG.pth")
    words = ("import", folder / "netG.pth", "--model", "dcgan", "--set", "width=4")
    return CliRunner().invoke(app, [str(word) for word in (*words, "-o", folder / "out", *more)])


def assert_imported(result, folder, gan):
    assert result.exit_code == 0, result.output
    found = ganzoo.load(f"local-dir:{folder / 'out'}").generator.state_dict()
    for name, value in gan.generator.state_dict().items():
        assert torch.equal(found[name], value), name


@pytest.mark.parametrize("prefix", ["main.", "model.", "", "module.main.", "net."])
def test_other_names_are_matched_in_the_order_of_the_layers(prefix, gan, tmp_path):
    assert_imported(imports(of_examples(gan, prefix), tmp_path), tmp_path, gan)
    assert "not empty" in imports(of_examples(gan, prefix), tmp_path).stderr


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.module.", "G.", "netG.", "generator."])
def test_the_same_names_are_matched_whatever_their_order(prefix, gan, tmp_path):
    tensors = {f"{prefix}{name}": value for name, value in gan.generator.state_dict().items()}
    shuffled = dict(reversed(tensors.items()))
    assert_imported(imports(shuffled, tmp_path), tmp_path, gan)


def test_of_a_whole_gan_the_generator_is_taken(gan, tmp_path):
    assert_imported(imports(gan.state_dict(), tmp_path), tmp_path, gan)


@pytest.mark.parametrize("prefix", ["", "main."])
def test_buffers_that_old_versions_lack_are_filled_in(prefix, gan, tmp_path):
    tensors = of_examples(gan, prefix) if prefix else gan.generator.state_dict()
    old = {name: value for name, value in tensors.items() if "num_batches" not in name}
    assert len(old) < len(tensors)
    assert_imported(imports(old, tmp_path), tmp_path, gan)


@pytest.mark.parametrize("change", ["missing", "unexpected", "shape", "few"])
def test_tensors_of_another_model_are_named(change, gan, tmp_path):
    tensors = dict(gan.generator.state_dict())
    if change == "missing":
        del tensors["1.weight"]
    elif change == "unexpected":
        tensors["99.weight"] = torch.zeros(1)
    elif change == "shape":
        tensors["1.weight"] = torch.zeros(1)
    else:
        tensors = {"main.0.weight": torch.zeros(3)}
    result = imports(tensors, tmp_path)
    assert result.exit_code == 1
    assert "is of another model than dcgan.mnist" in result.stderr
    expected = {"missing": "missing 1.weight", "unexpected": "unexpected 99.weight"}
    assert expected.get(change, "must be") in result.stderr
    assert not (tmp_path / "out").exists()


def test_weights_that_are_not_finite_are_reported(gan, tmp_path, caplog):
    tensors = {name: value.clone() for name, value in gan.generator.state_dict().items()}
    tensors["1.weight"].view(-1)[:3] = float("nan")
    assert imports(tensors, tmp_path).exit_code == 0
    assert "3 of" in caplog.text
    caplog.clear()
    ganzoo.load(f"local-dir:{tmp_path / 'out'}")
    assert "holds NaN or infinity (3 of" in caplog.text
