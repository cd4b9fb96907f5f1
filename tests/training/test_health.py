"""The trainer says in plain words when a training fails to thrive, and acts as it is told."""

from __future__ import annotations

import importlib.util
import json
import logging
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from toys import TOYS

import ganzoo
from ganzoo.data import Dataset, load_data
from ganzoo.training import ComputeConfig, Schedule, Trainer, TrainResult, loop, plan, train
from ganzoo.training.health import WARM_UP_IMAGES, Health


@pytest.fixture(scope="module")
def digits() -> Dataset:
    whole = load_data("mnist", (1, 28, 28), "test")
    return Dataset("digits", {key: rows[:512] for key, rows in whole.columns.items()})


class Copier(torch.nn.Module):
    """A generator that makes the rows of a data set, or one of them again and again."""

    def __init__(self, images: torch.Tensor, collapsed: bool) -> None:
        super().__init__()
        self.images, self.collapsed = images, collapsed

    def forward(self, latent):
        return (
            self.images[:1].expand(len(latent), -1, -1, -1)
            if self.collapsed
            else self.images[: len(latent)]
        )


def looked(digits: Dataset, collapsed: bool) -> Health:
    gan = ganzoo.create("vanilla")
    gan.generator = Copier(digits.rows(torch.arange(512))["real"], collapsed)
    health = Health(gan, digits, seed=0)
    for step in range(1, 5):
        health.measure(WARM_UP_IMAGES + 20_000 * step)
    return health


def test_samples_like_the_data_are_healthy(digits):
    health = looked(digits, collapsed=False)
    record = health.history[-1]
    assert 0.9 < record.diversity < 1.1
    assert record.coverage > 0.8
    assert record.duplicates == 0
    assert health.verdict({"adv": 1.0}) == ""


def test_one_sample_for_all_is_a_collapse(digits):
    health = looked(digits, collapsed=True)
    assert health.history[-1].duplicates == 1
    assert "collapsed" in health.verdict({"adv": 1.0})
    assert "lower the learning rates" in health.verdict({"adv": 1.0})


def test_samples_far_from_the_data_are_named_unless_they_come_nearer(digits):
    health = looked(digits, collapsed=False)
    far = replace(health.history[-1], coverage=0.0, accuracy=0.6)
    health.history = [replace(far, distance=distance) for distance in (2.0, 2.1)]
    assert "nowhere near the data" in health.verdict({})
    health.history = [replace(far, distance=distance) for distance in (2.0, 1.5)]
    assert health.verdict({}) == ""


def test_a_loss_that_is_not_finite_is_named(digits):
    verdict = looked(digits, collapsed=False).verdict({"generator/adv": math.nan})
    assert "generator/adv is not finite" in verdict


def test_a_gradient_that_is_not_finite_is_named(digits):
    health = looked(digits, collapsed=False)
    health.measure(200_000, {"discriminator": 1.0, "generator": math.inf})
    assert "the gradient of generator is not finite" in health.verdict({"generator/adv": 1.0})


@pytest.mark.parametrize("toy", TOYS, ids=lambda toy: toy.name)
def test_gradient_norms_are_those_of_the_last_update(toy):
    trainer = Trainer(toy.make(), toy.recipe, toy.dataset())
    assert trainer.gradient_norms() == {}
    trainer.step()
    norms = trainer.gradient_norms()
    for name, norm in norms.items():
        gradients = [p.grad for p in trainer.optimizers[name].parameters if p.grad is not None]
        assert norm == pytest.approx(sum(g.square().sum().item() for g in gradients) ** 0.5)
        assert norm > 0
    active = {id(trainer.optimizers[name.partition("/")[0]]) for name in trainer.report()}
    assert {id(trainer.optimizers[name]) for name in norms} <= active


def test_updates_that_fp16_skips_are_no_news(digits):
    run = plan("vanilla", batch=16)
    trainer = Trainer(run.build(), run.recipe, digits, compute=ComputeConfig(precision="fp16"))
    trainer.step()
    next(trainer.gan.discriminator.parameters()).grad.fill_(math.inf)
    assert set(trainer.gradient_norms()) == {"generator"}


def test_measuring_leaves_no_trace(digits):
    gan = ganzoo.create("dcgan", width=4)
    health = Health(gan, digits, seed=0)
    before = {key: value.clone() for key, value in gan.state_dict().items()}
    torch.manual_seed(5)
    state = torch.get_rng_state()
    health.measure(0)
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(before[key], value) for key, value in gan.state_dict().items())
    assert gan.training


def test_a_discriminator_that_cannot_be_asked_is_said_once(caplog):
    toy = TOYS[0]
    gan = toy.make()
    gan.discriminator = torch.nn.Bilinear(1, 1, 1)  # takes two, and nobody says what they are
    health = Health(gan, toy.dataset(), seed=0)
    health.measure(0)
    health.measure(1)
    assert math.isnan(health.history[-1].accuracy)
    assert len(caplog.records) == 1
    assert "accuracy and margin are not measured" in caplog.text


def sick(digits, out, action: str) -> TrainResult:
    """A learning rate at which the first updates saturate every pixel of every sample."""
    return train(
        "vanilla",
        data=digits,
        out=out,
        kimg=0.32,
        batch=16,
        settings={"optimizer.lr": "30"},
        on_collapse=action,
        schedule=Schedule(health_images=1, warm_up_images=0),
    )


def test_a_collapse_is_warned_of_and_recorded(digits, tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        outcome = sick(digits, tmp_path, "warn")
    assert outcome.images == 320
    assert "vanilla.mnist at 0 kimg" in caplog.text
    lines = (tmp_path / "health.jsonl").read_text().splitlines()
    assert len(lines) == 20
    assert any(json.loads(line)["verdict"] for line in lines)
    for line in lines:
        assert set(json.loads(line)["gradients"]) == {"discriminator", "generator"}


def test_a_dcgan_that_collapses_is_named(digits, tmp_path):
    """Its discriminator learns at fifty times the rate of the recipe.

    In small, and at once: `benchmarks/collapse.py` looks as often, and as late, as users do.
    """
    small = Dataset("small", {"real": digits.columns["real"][:, ::2, ::2].contiguous()})
    rate = 50 * plan("dcgan.mnist").recipe.optimizer.lr
    settings = {"size": "14", "width": "8", "r1": "0", "optimizers.discriminator.lr": str(rate)}
    outcome = train(
        "dcgan.mnist",
        data=small,
        out=tmp_path,
        batch=32,
        settings=settings,
        budget=60,
        on_collapse="stop",
        schedule=Schedule(health_images=320, warm_up_images=320),
    )
    assert "the samples have collapsed" in outcome.verdict
    assert outcome.images <= 3200
    assert benchmark().check([tmp_path]) == 1


def benchmark():
    """The script, as a module."""
    path = Path(__file__).resolve().parents[2] / "benchmarks/collapse.py"
    spec = importlib.util.spec_from_file_location("collapse", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_run_in_which_nothing_was_found_is_not_flagged(tmp_path, capsys):
    looks = [json.dumps({"images": images, "verdict": ""}) for images in (20_000, 40_000)]
    (tmp_path / "health.jsonl").write_text("\n".join(looks) + "\n")
    assert benchmark().check([tmp_path]) == 0
    assert "0 of 2 looks found something" in capsys.readouterr().out


def test_looking_takes_less_than_a_hundredth_of_the_time():
    found = benchmark().cost("vanilla.mnist", steps=5, looks=3)
    assert found["share"] < 0.01


def test_a_collapse_stops_a_run_that_is_to_stop(digits, tmp_path):
    outcome = sick(digits, tmp_path, "stop")
    assert outcome.images < 320
    assert outcome.verdict


def test_a_collapse_goes_back_to_the_best_three_times(digits, tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        outcome = sick(digits, tmp_path, "rollback")
    assert caplog.text.count("back to") <= loop.ROLLBACKS
    assert "back to" in caplog.text or outcome.verdict
