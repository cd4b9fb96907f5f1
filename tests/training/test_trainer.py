"""Settings of the computation must not change its result: precision, parts, compilation."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from ganzoo.data import Dataset, load_data
from ganzoo.errors import ConfigError
from ganzoo.spec import Optimizer
from ganzoo.training import ComputeConfig, Trainer, plan


@pytest.fixture(scope="module")
def digits() -> Dataset:
    whole = load_data("mnist", (1, 28, 28), "test")
    return Dataset("digits", {key: rows[:256] for key, rows in whole.columns.items()})


def trained(
    name: str, digits: Dataset, steps: int, compute: ComputeConfig, **recipe: object
) -> Trainer:
    run = plan(name, batch=16)
    torch.manual_seed(0)
    recipe = {"optimizer": Optimizer("sgd", lr=0.01), **recipe}
    trainer = Trainer(run.build(), replace(run.recipe, **recipe), digits, compute=compute)
    for _ in range(steps):
        trainer.step()
    return trainer


def weights(trainer: Trainer) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in trainer.gan.parameters()])


def test_accumulated_parts_equal_the_whole_batch(digits):
    whole = trained("vanilla", digits, 4, ComputeConfig())
    parts = trained("vanilla", digits, 4, ComputeConfig(accumulate=4))
    torch.testing.assert_close(weights(parts), weights(whole), atol=1e-5, rtol=0)


def test_a_batch_that_cannot_be_split_is_refused(digits):
    with pytest.raises(ConfigError, match="cannot be split into 3 parts"):
        trained("vanilla", digits, 0, ComputeConfig(accumulate=3))


def test_bf16_stays_near_fp32(digits):
    exact = trained("vanilla", digits, 5, ComputeConfig(precision="fp32"))
    coarse = trained("vanilla", digits, 5, ComputeConfig(precision="bf16"))
    assert not torch.equal(weights(exact), weights(coarse))
    torch.testing.assert_close(weights(coarse), weights(exact), atol=2e-3, rtol=0)
    assert next(coarse.gan.parameters()).dtype == torch.float32


@pytest.mark.slow
def test_compiled_updates_equal_eager_ones(digits):
    """The tolerance of the documentation: 1e-4 after two updates of plain gradient descent."""
    rule = Optimizer("sgd", lr=1e-3)
    eager, compiled = (
        trained("wgan-gp", digits, 2, ComputeConfig(compile=flag), optimizer=rule)
        for flag in (False, True)
    )
    torch.testing.assert_close(weights(compiled), weights(eager), atol=1e-4, rtol=0)


def test_an_unknown_precision_is_named():
    with pytest.raises(ConfigError, match="no precision 'half'"):
        ComputeConfig(precision="half")


def test_learning_rates_follow_their_schedule(digits):
    linear = Optimizer("sgd", lr=0.1, schedule="linear", lr_end=0.02)
    trainer = trained("vanilla", digits, 3, ComputeConfig(), optimizer=linear, kimg=0.064)
    (rate,) = {group["lr"] for group in trainer.optimizers["generator"].optimizer.param_groups}
    assert rate == pytest.approx(0.1 - 0.08 * 2 / 4)
