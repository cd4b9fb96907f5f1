"""Promises about losses, updates and whole trainings."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from unittest import mock

import torch
from torch import Tensor

from ganzoo.gan import GAN, Batch, Phase
from ganzoo.runtime import checkpoint, seeds
from ganzoo.testing.subject import CPU, Subject, changed, play, shown, total, turn, values
from ganzoo.training import Trainer

UPDATES = 40
"""Within which a loss must fall."""
LEARN_ROWS = 8


def losses(subject: Subject) -> Iterator[str]:
    """Each loss is a finite scalar with a gradient for its phase.

    To mend: return a mapping of means over the batch, {"adv": loss}; a phase idles by its `start`
    and `end`.
    """
    gan = subject.build()
    batch = subject.batch(gan)
    for phase in gan.phases():
        with turn(gan, phase):
            named = play(gan, phase, batch)
        if not isinstance(named, Mapping):
            yield f"the loss of phase {phase.name} is {type(named).__name__}, not a mapping"
            continue
        if not named:
            yield f"the loss of phase {phase.name} is an empty mapping"
        for name, value in named.items():
            yield from _no_loss(f"{phase.name}/{name}", value)


def _no_loss(name: str, value: object) -> Iterator[str]:
    if not isinstance(value, Tensor):
        yield f"{name} is {type(value).__name__}, not a tensor"
    elif value.ndim or not value.is_floating_point():
        yield f"{name} is {value.dtype} of shape {tuple(value.shape)}, not a scalar"
    elif not value.isfinite():
        yield f"{name} is {value.item()}"
    elif not value.requires_grad:
        yield f"{name} depends on no parameter of its phase"


def update(subject: Subject) -> Iterator[str]:
    """An update changes the parameters of its phase's module and no others.

    To mend: a loss only computes: it neither writes to parameters nor steps an optimiser.
    """
    for number in range(len(subject.build().phases())):
        gan = subject.build()
        phase, trainer = subject.alone(gan, number)
        own = set(map(id, phase.module.parameters()))
        others = [name for name, value in gan.named_parameters() if id(value) not in own]
        before = values(gan)
        trainer.step()
        wrong = sorted(set(changed(before, values(gan))) & set(others))
        if wrong:
            yield f"an update of phase {phase.name} changed {shown(wrong)}"


def apart(subject: Subject) -> Iterator[str]:
    """Phases of different modules share no parameter.

    To mend: give each parameter to one module; where two are meant to train it (InfoGAN), waive
    this.
    """
    owners: dict[int, Phase] = {}
    for phase in subject.build().phases():
        for name, parameter in phase.module.named_parameters():
            owner = owners.setdefault(id(parameter), phase)
            if owner.module is not phase.module:
                yield f"phases {owner.name} and {phase.name} both train {name}"


def seed(subject: Subject) -> Iterator[str]:
    """The same seed gives the same weights and the same losses.

    To mend: draw from torch alone, never from random, numpy, the clock or the order of a set.
    """
    one = _trained(subject, 2)
    torch.manual_seed(1)
    other = _trained(subject, 2)
    if one.report() != other.report():
        yield "two runs with one seed have other losses"
    if changed(values(one.gan), values(other.gan)):
        yield "two runs with one seed have other weights"


def state(subject: Subject) -> Iterator[str]:
    """A fresh model that loads the state dict trains on identically.

    To mend: register every tensor that is drawn or learned as a parameter or a buffer.
    """
    gan, fresh = subject.build(), subject.build(seed=1)
    fresh.load_state_dict(gan.state_dict())
    one, other = _advance(subject.trainer(gan), 2), _advance(subject.trainer(fresh), 2)
    if one.report() != other.report() or changed(values(gan), values(fresh)):
        yield "it trains otherwise than the model whose state dict it has"


def resume(subject: Subject) -> Iterator[str]:
    """A run that is stopped and resumed is the run, bit for bit.

    To mend: keep what changes in training in buffers, not in Python attributes; schedules follow
    `self.step` or `self.images`.
    """
    whole = _trained(subject, 2)
    rest = subject.trainer(subject.build())
    with tempfile.TemporaryDirectory() as folder:
        checkpoint.save(Path(folder), *whole.state())
        found = checkpoint.load(Path(folder))
    assert found is not None
    rest.load_state(*found)
    (tensors, numbers), (others, other_numbers) = (
        _advance(trainer, 2).state() for trainer in (whole, rest)
    )
    if numbers != other_numbers or changed(tensors, others):
        yield f"after 2 steps, a checkpoint and 2 more, other: {shown(changed(tensors, others))}"


def bfloat16(subject: Subject) -> Iterator[str]:
    """It trains in bfloat16, with finite losses and weights.

    To mend: bring tensors of a loss to one dtype (`value.float()`, `value.to(other.dtype)`).
    """
    gan = subject.build()
    trainer = _advance(subject.trainer(gan, precision="bf16"), 2)
    for name, value in trainer.report().items():
        if not torch.tensor(value).isfinite().all():
            yield f"{name} is {value}"
    for name, parameter in gan.named_parameters():
        if not parameter.isfinite().all():
            yield f"{name} is not finite"


def compiled(subject: Subject) -> Iterator[str]:
    """Generator and losses compile to one graph, gradient penalties apart, which stay eager.

    Traced and differentiated as `--compile` does; what comes after is no model's matter.

    To mend: no .item(), print or Python branch on a tensor's value: use torch.where.
    """
    gan = subject.build()
    batch = subject.batch(gan)
    for phase in gan.phases():
        with turn(gan, phase):
            if not _differentiates_twice(gan, phase, batch):
                torch.compiler.reset()
                terms = torch.compile(play, backend="aot_eager", fullgraph=True)(gan, phase, batch)
                torch.autograd.backward(total(terms))
                if any(not value.isfinite().all() for value in terms.values()):
                    yield f"a loss of phase {phase.name} is not finite when it is compiled"


def _differentiates_twice(gan: GAN, phase: Phase, batch: Batch) -> bool:
    """Whether a loss has a gradient inside, which torch.compile refuses."""
    with mock.patch.object(torch.autograd, "grad", wraps=torch.autograd.grad) as gradient:
        play(gan, phase, batch)
    return any(call.kwargs.get("create_graph") for call in gradient.call_args_list)


def learn(subject: Subject) -> Iterator[str]:
    """A few dozen updates lower the loss of discriminator or generator on one batch.

    Each phase alone, the others standing still: what falls then, falls because it learns.

    To mend: look at the sign of the losses, at detached tensors, and at the learning rate.
    """
    courses = []
    for number in range(len(subject.build().phases())):
        gan = subject.build()
        phase, trainer = subject.alone(gan, number, LEARN_ROWS)
        before = _on_one_batch(subject, gan, phase)
        _advance(trainer, UPDATES)
        after = _on_one_batch(subject, gan, phase)
        if after < before:
            return
        courses.append(f"{phase.name} from {before:.3g} to {after:.3g}")
    yield f"in {UPDATES} updates on {LEARN_ROWS} rows: {'; '.join(courses)}"


def _on_one_batch(subject: Subject, gan: GAN, phase: Phase) -> float:
    """Loss of a phase at the start of the schedule, on the rows of `learn`."""
    gan.step = gan.images = 0
    buffers = {name: value.clone() for name, value in gan.named_buffers()}
    with turn(gan, phase), seeds.fork_rng(CPU, 0):
        terms = play(gan, phase, subject.batch(gan, LEARN_ROWS))
    for name, value in gan.named_buffers():
        value.copy_(buffers[name])
    return total(terms).item()


def _trained(subject: Subject, steps: int) -> Trainer:
    return _advance(subject.trainer(subject.build()), steps)


def _advance(trainer: Trainer, steps: int) -> Trainer:
    for _ in range(steps):
        trainer.step()
    return trainer
