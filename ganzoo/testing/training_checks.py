"""Checks of losses, updates and runs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import torch
from torch import Tensor

from ganzoo.gan import GAN, Batch, Phase
from ganzoo.runtime import checkpoint, seeds
from ganzoo.runtime.text import first_items
from ganzoo.testing.checked_model import (
    CPU,
    CheckedModel,
    advance,
    changed,
    phase_losses,
    total,
    trained_alone,
    values,
)

UPDATES = (5, 15, 40)
"""Numbers of updates by one of which a loss must have fallen."""
LEARN_ROWS = 8
"""Rows of the one batch that is learned."""


def losses(model: CheckedModel) -> Iterator[str]:
    """Each loss is a finite scalar with a gradient for its phase.

    The batch is the same afterwards.

    Fix: return a mapping of means over the batch, {"adv": loss}; a phase that does not run all
    the time has a `start` or an `end`. A changed entry is a new tensor, `value * 2`, not
    `value.mul_(2)`.
    """
    gan = model.build()
    batch = model.batch(gan)
    before = {key: value.clone() for key, value in batch.items()}
    for phase in gan.phases():
        with trained_alone(gan, phase):
            named = phase_losses(gan, phase, batch)
        for name, value in named.items():
            yield from _no_loss(f"{phase.name}/{name}", value)
        for name in changed(before, dict(batch)):
            yield f"phase {phase.name} changes {name} of its batch, which other phases get as well"
            return


def _no_loss(name: str, value: object) -> Iterator[str]:
    if not isinstance(value, Tensor):
        yield f"{name} is {type(value).__name__}, not a tensor"
    elif value.ndim or not value.is_floating_point():
        yield f"{name} is {value.dtype} of shape {tuple(value.shape)}, not a scalar"
    elif not value.isfinite():
        yield f"{name} is {value.item()}"
    elif not value.requires_grad:
        yield f"{name} depends on no parameter of its phase"


def update(model: CheckedModel) -> Iterator[str]:
    """An update changes the parameters of its phase's module and no others.

    Fix: a loss only computes; it neither writes to parameters nor steps an optimizer. Parameters
    are clipped in `after_update` of the phase.
    """
    for number in range(len(model.untrained.phases())):
        gan = model.build()
        phase, trainer = model.single_phase(gan, number)
        own = set(map(id, phase.module.parameters()))
        others = [name for name, value in gan.named_parameters() if id(value) not in own]
        before = values(gan)
        trainer.step()
        wrong = sorted(set(changed(before, values(gan))) & set(others))
        if wrong:
            yield f"an update of phase {phase.name} changed {first_items(wrong, separator=', ')}"


def apart(model: CheckedModel) -> Iterator[str]:
    """Phases of different modules share no parameter.

    Fix: put each parameter into one module; waive this check if two phases train it on purpose
    (InfoGAN).
    """
    owners: dict[int, Phase] = {}
    for phase in model.untrained.phases():
        for name, parameter in phase.module.named_parameters():
            owner = owners.setdefault(id(parameter), phase)
            if owner.module is not phase.module:
                yield f"phases {owner.name} and {phase.name} both train {name}"


def seed(model: CheckedModel) -> Iterator[str]:
    """The same seed gives the same weights and the same losses.

    Fix: draw random numbers with torch only, never with random, numpy, the clock or the order of
    a set.
    """
    _, one, _ = model.run.stages
    torch.manual_seed(1)
    other = advance(model.trainer(model.build()), 2)
    if one.losses != other.report():
        yield "two runs with one seed have different losses"
    if changed(one.weights, values(other.gan)):
        yield "two runs with one seed have different weights"


def state(model: CheckedModel) -> Iterator[str]:
    """A fresh model that loads the state dict continues identically.

    Fix: register every tensor that is drawn or learned as a parameter or a buffer.
    """
    start, one, _ = model.run.stages
    fresh = model.build(seed=1)
    fresh.load_state_dict(start.state_dict)
    other = advance(model.trainer(fresh), 2)
    if one.losses != other.report() or changed(one.weights, values(fresh)):
        yield "it continues differently from the model whose state dict it loaded"


def resume(model: CheckedModel) -> Iterator[str]:
    """A resumed run equals an uninterrupted one, bit for bit.

    Fix: keep state that changes in training in buffers, not in Python attributes; schedules use
    `self.step` or `self.images`.
    """
    _, before, after = model.run.stages
    rest = model.trainer(model.build())
    with tempfile.TemporaryDirectory() as folder:
        checkpoint.save(Path(folder), before.tensors, before.numbers)
        found = checkpoint.load(Path(folder))
    assert found is not None
    rest.load_state(*found)
    same_losses = rest.report() == before.losses
    tensors, numbers = advance(rest, 2).state()
    names = changed(after.tensors, tensors)
    if names or numbers != after.numbers or not same_losses:
        what = first_items(names, separator=", ") or "numbers"
        yield f"after 2 steps, a checkpoint and 2 more steps, different {what}"


def bfloat16(model: CheckedModel) -> Iterator[str]:
    """Training in bfloat16 gives finite losses and weights.

    Weights of bfloat16 or of half precision sample as well: `gan.bfloat16()`, `gan.half()`.

    Fix: convert tensors of a loss to one dtype (`value.float()`, `value.to(other.dtype)`).
    """
    gan = model.build()  # on few rows: many processors take long for convolutions in bfloat16
    trainer = advance(model.trainer(gan, precision="bf16", rows=2), 2)
    for name, value in trainer.report().items():
        if not torch.tensor(value).isfinite().all():
            yield f"{name} is {value}"
    for name, parameter in gan.named_parameters():
        if not parameter.isfinite().all():
            yield f"{name} is not finite"
    gan = model.build().bfloat16()
    if not gan.sample(2, seed=0, **model.conditions(gan, 2)).isfinite().all():
        yield "a sample of weights in bfloat16 is not finite"


def compiles(model: CheckedModel) -> Iterator[str]:
    """Generator and losses compile to one graph; gradient penalties are exempt.

    Tested as `--compile` does, with a backend that only traces; the last phase is also
    differentiated.

    Fix: no .item(), print or Python branch on a tensor's value: use torch.where.
    """
    gan = model.build()
    batch = model.batch(gan)
    phases = [phase for phase in gan.phases() if not _differentiates_twice(gan, phase, batch)]
    for phase in phases:
        # aot_eager also compiles gradients, for twice the time: once is enough for the networks.
        backend = "aot_eager" if phase is phases[-1] else "eager"
        torch.compiler.reset()
        with trained_alone(gan, phase):
            terms = torch.compile(phase_losses, backend=backend, fullgraph=True)(gan, phase, batch)
            torch.autograd.backward(total(terms))
        if any(not value.isfinite().all() for value in terms.values()):
            yield f"a loss of phase {phase.name} is not finite when it is compiled"


def _differentiates_twice(gan: GAN, phase: Phase, batch: Batch) -> bool:
    """True if the loss contains a gradient, which torch.compile does not support."""
    gradients = mock.patch.object(torch.autograd, "grad", wraps=torch.autograd.grad)
    with trained_alone(gan, phase), gradients as gradient:
        phase_losses(gan, phase, batch)
    return any(call.kwargs.get("create_graph") for call in gradient.call_args_list)


def learns(model: CheckedModel) -> Iterator[str]:
    """A few dozen updates lower the loss of discriminator or generator on one batch.

    Each phase is trained alone, while the other networks are fixed.

    Fix: check the sign of the losses, detached tensors, and the learning rate.
    """
    results = []
    for number in range(len(model.untrained.phases())):
        gan = model.build()
        phase, trainer = model.single_phase(gan, number, LEARN_ROWS)
        before = _on_one_batch(model, gan, phase)
        done = 0
        for updates in UPDATES:
            advance(trainer, updates - done)
            done = updates
            after = _on_one_batch(model, gan, phase)
            if after < before:
                return
        results.append(f"{phase.name} from {before:.3g} to {after:.3g}")
    yield f"in {UPDATES[-1]} updates on {LEARN_ROWS} rows: {'; '.join(results)}"


def _on_one_batch(model: CheckedModel, gan: GAN, phase: Phase) -> float:
    """Loss of a phase at the start of the schedule, on the rows of `learn`."""
    gan.step = gan.images = 0
    buffers = {name: value.clone() for name, value in gan.named_buffers()}
    with trained_alone(gan, phase), seeds.fork_rng(CPU, 0):
        terms = phase_losses(gan, phase, model.batch(gan, LEARN_ROWS))
    for name, value in gan.named_buffers():
        value.copy_(buffers[name])
    return total(terms).item()
