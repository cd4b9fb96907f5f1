"""Threads that sample one model: results as in one thread, and nothing else is changed."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from ganzoo_vanilla.model import Vanilla
from tiny_runs import SMALL, rows

import ganzoo
from ganzoo.training import Trainer, plan

THREADS, SEEDS = 8, range(48)


@pytest.fixture(autouse=True)
def switching(monkeypatch):
    """Let the threads switch in the middle of a prior."""

    def prior(gan, n):
        first = torch.randn(n, 2)
        time.sleep(1e-3)
        return {"latent": torch.cat([first, torch.randn(n, 2)], 1)}

    monkeypatch.setattr(Vanilla, "prior", prior)


def tiny_plan():
    return plan("vanilla", settings=SMALL, batch=16)


def test_eight_threads_sample_as_one_does():
    gan = tiny_plan().build()
    gan.discriminator.eval()
    modes = [module.training for module in gan.modules()]
    expected = [gan.sample(5, seed=seed) for seed in SEEDS]
    torch.manual_seed(3)
    host = torch.get_rng_state()
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda seed: gan.sample(5, seed=seed), SEEDS))
    assert all(torch.equal(one, other) for one, other in zip(found, expected, strict=True))
    assert torch.equal(torch.get_rng_state(), host)
    assert [module.training for module in gan.modules()] == modes


def test_samples_without_a_seed_differ_between_threads():
    gan = ganzoo.create("vanilla", size=8, hidden=(8,), latent=4)
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda _: gan.sample(1), range(64)))
    assert len({tuple(each.flatten().tolist()) for each in found}) == 64


def test_a_model_is_sampled_while_another_is_trained():
    def train():
        torch.manual_seed(0)
        made = tiny_plan()
        return Trainer(made.build(), made.recipe, rows(), seed=1, device=torch.device("cpu"))

    alone, beside, gan = train(), train(), tiny_plan().build()
    expected = [gan.sample(5, seed=seed) for seed in SEEDS]
    for _ in range(20):
        alone.step()
    with ThreadPoolExecutor(4) as pool:
        sampling = [pool.submit(gan.sample, 5, seed=seed) for seed in SEEDS]
        for _ in range(20):
            beside.step()
    found = [each.result() for each in sampling]
    assert all(torch.equal(one, other) for one, other in zip(found, expected, strict=True))
    states = alone.gan.state_dict(), beside.gan.state_dict()
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
