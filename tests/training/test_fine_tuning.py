"""Fine-tuning: a run that starts from trained weights, with layers frozen."""

from __future__ import annotations

import json

import pytest
import torch
from commands import done
from invoke import refused

import ganzoo
from ganzoo import hub
from ganzoo.data import Dataset
from ganzoo.errors import ConfigError, WeightsError
from ganzoo.training import Trainer, plan, train
from ganzoo.training.fine_tuning import freeze, start_from

SMALL = {"hidden": "8,8,8"}


@pytest.fixture(scope="module")
def digits():
    rows = torch.randint(256, (64, 28, 28, 1), generator=torch.Generator().manual_seed(0))
    return Dataset("digits", {"real": rows.to(torch.uint8)})


@pytest.fixture(scope="module")
def source(digits, tmp_path_factory):
    """A short run."""
    out = tmp_path_factory.mktemp("source")
    train("vanilla", data=digits, out=out, kimg=0.064, batch=16, settings=SMALL, device="cpu")
    return out


def started(source, settings=SMALL):
    gan = plan("vanilla", settings=settings).build()
    whole = start_from(gan, f"local-dir:{source}")
    return gan, whole


def test_a_run_starts_from_the_averaged_generator_and_the_discriminator(source):
    from ganzoo.runtime import checkpoint

    gan, whole = started(source)
    assert whole
    trained = ganzoo.load(f"local-dir:{source}")
    assert torch.equal(gan.sample(3, seed=0), trained.sample(3, seed=0))
    tensors, _ = checkpoint.load(source)
    for name, value in gan.discriminator.state_dict().items():
        assert torch.equal(value, tensors[f"gan.discriminator.{name}"])


def test_a_model_folder_without_discriminator_gives_the_generator_alone(source, tmp_path):
    for name in (hub.CONFIG, hub.WEIGHTS):
        (tmp_path / name).write_bytes((source / name).read_bytes())
    gan, whole = started(tmp_path)
    assert not whole
    trained = ganzoo.load(f"local-dir:{source}")
    assert torch.equal(gan.sample(3, seed=0), trained.sample(3, seed=0))


def test_other_sizes_are_refused_by_name(source):
    with pytest.raises(
        WeightsError, match=r"cannot start from local-dir:.*generator.*\(8, 8\) there"
    ):
        started(source, {"hidden": "9,8,8"})


def test_frozen_layers_do_not_change_and_the_others_do(digits):
    made = plan("vanilla", settings=SMALL, batch=16)
    gan = made.build()
    freeze(gan, ["discriminator:2"])
    before = [each.clone() for each in gan.discriminator.parameters()]
    trainer = Trainer(gan, made.recipe, digits)
    for _ in range(2):
        trainer.step()
    same = [
        torch.equal(old, new)
        for old, new in zip(before, gan.discriminator.parameters(), strict=True)
    ]
    assert same[:4] == [True] * 4
    assert not any(same[4:])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("discriminator", "write NETWORK:LAYERS"),
        ("discriminator:0", "write NETWORK:LAYERS"),
        ("critic:1", "no network 'critic', but generator, discriminator"),
        ("discriminator:99", "at most"),
    ],
)
def test_what_cannot_be_frozen_is_refused(text, message):
    with pytest.raises(ConfigError, match=message):
        freeze(plan("vanilla", settings=SMALL).build(), [text])


def test_a_fine_tuned_run_resumes_without_its_source(source, tmp_path):
    for name in (hub.CONFIG, hub.WEIGHTS):
        (tmp_path / "from").mkdir(exist_ok=True)
        (tmp_path / "from" / name).write_bytes((source / name).read_bytes())
    out = tmp_path / "run"
    command = ["train", "vanilla", "--init", f"local-dir:{tmp_path / 'from'}", "--out", str(out)]
    command += ["--freeze", "discriminator:1", "--batch", "16", "--set", "hidden=8,8,8"]
    command += ["--set", "optimizer.schedule=constant", "--device", "cpu"]
    done(*command, "--kimg", "0.032")
    config = json.loads((out / "config.json").read_text())
    assert config["init"] == f"local-dir:{tmp_path / 'from'}"
    assert config["freeze"] == ["discriminator:1"]
    (tmp_path / "from" / hub.WEIGHTS).unlink()
    done(*command, "--kimg", "0.064")
    other = [each for each in command if each not in ("--freeze", "discriminator:1")]
    assert "holds another run" in refused(*other, "--kimg", "0.064")


def test_a_source_that_does_not_exist_is_one_line(tmp_path):
    line = refused("train", "vanilla", "--init", "local-dir:nowhere", "--out", str(tmp_path / "x"))
    assert "no such folder" in line


@pytest.mark.parametrize(
    ("content", "message"), [(None, "has no model.safetensors"), (b"x", "is damaged")]
)
def test_a_source_without_readable_weights_is_one_line(source, tmp_path, content, message):
    (tmp_path / hub.CONFIG).write_bytes((source / hub.CONFIG).read_bytes())
    if content:
        (tmp_path / hub.WEIGHTS).write_bytes(content)
    with pytest.raises(WeightsError, match=message):
        started(tmp_path)
