"""ganzoo with its own run loop, and the same algorithm as a loop written by hand."""

from __future__ import annotations

import logging
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import ganzoo as library
from benchmarks.peers.clock import Clock, Task
from benchmarks.peers.data import pictures
from ganzoo.data import Dataset
from ganzoo.runtime.malloc import keep_freed_memory
from ganzoo.spec.config import to_json
from ganzoo.training import Plan, Trainer, plan, train


def planned(task: Task) -> Plan:
    """Plan of a workload, with the peers' update rule."""
    recipe = to_json(task.workload.recipe)
    settings = {key: f"{recipe[key]}" for key in ("batch", "ema_kimg", "fresh_fakes")}
    return plan(task.workload.model, data="random", kimg=100_000, settings=settings)


def ganzoo(task: Task) -> None:
    """Like `ganzoo train`: log, health, sample images and checkpoints; freed memory is kept."""
    keep_freed_memory()
    logging.disable()  # the pictures are noise: health will say so
    step = Trainer.step

    def ticking(trainer: Trainer) -> None:
        task.clock.tick(task.workload.critic)
        step(trainer)

    Trainer.step = ticking  # type: ignore[assignment, method-assign] # slices
    data = Dataset("random", {"real": pictures(task)})
    train(planned(task), data=data, out=task.scratch / "run", device=str(task.device))


def lean_malloc(task: Task) -> None:
    """`lean` with glibc set to keep freed memory, as ganzoo's command line does."""
    keep_freed_memory()
    lean(task)


def lean(task: Task) -> None:
    """A loop written by hand for this one model."""
    gan = planned(task).build().train().to(task.device)
    if any(isinstance(part, nn.Conv2d) for part in gan.modules()):
        gan = gan.to(memory_format=torch.channels_last)
    loop = _Loop(task, gan)
    step = loop.wasserstein if task.workload.critic > 1 else loop.classical
    while True:
        step(task.clock)


class _Loop:
    """Rows in memory as uint8, fused Adam, discriminator frozen during generator updates."""

    def __init__(self, task: Task, gan: library.GAN) -> None:
        self.task, self.batch, self.device = task, task.workload.batch, task.device
        self.generator, self.discriminator = gan.generator, gan.discriminator
        self.opinions: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]] = getattr(
            gan, "opinions", lambda real, fake: (gan.discriminator(real), gan.discriminator(fake))
        )
        self.latent = gan.config.latent
        self.rows = pictures(task).to(self.device)
        rule = task.workload.recipe.optimizer
        self.adams = [
            torch.optim.Adam(each.parameters(), rule.lr, betas=rule.betas, eps=rule.eps, fused=True)
            for each in (self.discriminator, self.generator)
        ]

    def real(self) -> Tensor:
        chosen = self.rows[torch.randint(len(self.rows), (self.batch,), device=self.device)]
        return chosen.permute(0, 3, 1, 2).float().div_(127.5).sub_(1)

    def fake(self) -> Tensor:
        output: Tensor = self.generator(torch.randn(self.batch, self.latent, device=self.device))
        return output

    def update(self, number: int, loss: Tensor) -> None:
        self.adams[number].zero_grad()
        loss.backward()  # type: ignore[no-untyped-call] # torch's
        self.adams[number].step()

    def classical(self, clock: Clock) -> None:
        """One update each; both use the same fakes unless the workload requests fresh ones."""
        clock.tick()
        with torch.set_grad_enabled(not self.task.workload.fresh):
            fake = self.fake()
        real, made = self.opinions(self.real(), fake.detach())
        self.update(0, F.softplus(-real).mean() + F.softplus(made).mean())
        self.discriminator.requires_grad_(False)
        fake = self.fake() if self.task.workload.fresh else fake
        self.update(1, F.softplus(-self.discriminator(fake)).mean())
        self.discriminator.requires_grad_(True)

    def wasserstein(self, clock: Clock) -> None:
        """Several updates of the critic with its penalty, then one of the generator."""
        for _ in range(self.task.workload.critic):
            clock.tick()
            with torch.no_grad():
                fake = self.fake()
            batch = self.real()
            real, made = self.opinions(batch, fake)
            self.update(0, made.mean() - real.mean() + 10 * self.penalty(batch, fake))
        self.discriminator.requires_grad_(False)
        self.update(1, -self.discriminator(self.fake()).mean())
        self.discriminator.requires_grad_(True)

    def penalty(self, real: Tensor, fake: Tensor) -> Tensor:
        mix = torch.rand(len(real), 1, 1, 1, device=self.device)
        between = torch.lerp(real, fake, mix).requires_grad_(True)
        total = self.discriminator(between).sum()
        (slope,) = torch.autograd.grad(total, between, create_graph=True)
        penalty: Tensor = (slope.flatten(1).norm(2, 1) - 1).square().mean()
        return penalty
