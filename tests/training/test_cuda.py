"""What only a GPU can show; without one, all of this is skipped."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

import ganzoo
from ganzoo.data import Dataset
from ganzoo.evaluation.evaluator import evaluate
from ganzoo.spec import Optimizer
from ganzoo.training import ComputeConfig, Trainer, plan

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
NAMES = ["vanilla.mnist", "dcgan.mnist", "wgan-gp.mnist"]


@pytest.fixture(scope="module")
def digits() -> Dataset:
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (256, 28, 28, 1), dtype=torch.uint8, generator=generator)
    return Dataset("noise", {"real": images})


def trainer(name: str, digits: Dataset, device: str, compute: ComputeConfig) -> Trainer:
    run = plan(name, batch=32)
    torch.manual_seed(0)
    recipe = replace(run.recipe, optimizer=Optimizer("sgd", lr=1e-3))
    return Trainer(run.build(), recipe, digits, device=device, compute=compute)


def stepped(made: Trainer, steps: int) -> torch.Tensor:
    for _ in range(steps):
        made.step()
    return torch.cat([p.detach().flatten().cpu() for p in made.gan.parameters()])


@pytest.mark.parametrize("name", NAMES)
def test_a_step_never_waits_for_the_device(name, digits):
    made = trainer(name, digits, "cuda", ComputeConfig(precision="fp32"))
    made.step()
    torch.cuda.set_sync_debug_mode("error")
    try:
        for _ in range(4):
            made.step()
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert all(math.isfinite(value) for value in made.report().values())


@pytest.mark.parametrize("name", NAMES)
def test_cuda_computes_what_the_processor_does(name, digits):
    exact = stepped(trainer(name, digits, "cpu", ComputeConfig(precision="fp32")), 3)
    there = stepped(trainer(name, digits, "cuda", ComputeConfig(precision="fp32")), 3)
    torch.testing.assert_close(there, exact, atol=1e-4, rtol=0)


@pytest.mark.parametrize("precision", ["tf32", "bf16", "fp16"])
@pytest.mark.parametrize("name", NAMES)
def test_lower_precision_stays_near(name, precision, digits):
    exact = stepped(trainer(name, digits, "cuda", ComputeConfig(precision="fp32")), 3)
    coarse = stepped(trainer(name, digits, "cuda", ComputeConfig(precision=precision)), 3)
    torch.testing.assert_close(coarse, exact, atol=5e-3, rtol=0)


@pytest.mark.parametrize("name", NAMES)
def test_captured_graphs_compute_what_eager_updates_do(name, digits):
    eager = stepped(trainer(name, digits, "cuda", ComputeConfig(precision="fp32")), 6)
    graphs = stepped(
        trainer(name, digits, "cuda", ComputeConfig(precision="fp32", compile=True)), 6
    )
    torch.testing.assert_close(graphs, eager, atol=1e-4, rtol=0)


def test_data_that_does_not_fit_is_copied_from_pinned_memory(digits, monkeypatch):
    resident = stepped(trainer("vanilla.mnist", digits, "cuda", ComputeConfig(precision="fp32")), 3)
    monkeypatch.setattr("ganzoo.data.batches._fits", lambda dataset, device: False)
    copied = stepped(trainer("vanilla.mnist", digits, "cuda", ComputeConfig(precision="fp32")), 3)
    torch.testing.assert_close(copied, resident, atol=1e-6, rtol=0)


def test_samples_and_scores_are_those_of_the_processor(digits):
    scores = {}
    for device in ("cpu", "cuda"):
        torch.manual_seed(0)
        gan = ganzoo.create("vanilla.mnist").to(device)
        scores[device] = evaluate(gan, protocol="quick", data=digits, n=100).values
    assert scores["cuda"] == pytest.approx(scores["cpu"], rel=1e-2, abs=1e-2)
