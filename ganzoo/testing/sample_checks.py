"""Promises about samples, and about the model as a thing that is saved and copied."""

from __future__ import annotations

import copy
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from ganzoo import hub
from ganzoo.errors import ConfigError
from ganzoo.gan import GAN, evaluating
from ganzoo.testing.subject import Subject, changed, differ, shown, values

CONDITIONS = ("label", "source", "mask")
"""Entries of a batch that data sets have, too."""
EXTREME = 100
"""Times a usual latent: an image must be in range whatever the latents are."""


def samples(subject: Subject) -> Iterator[str]:
    """Samples are what `sample_spec` says and what the data is: shape, dtype, range, finite.

    To mend: end the generator in tanh, or clamp in `decode`; write `sample_spec`.
    """
    gan, n = subject.build(), 3
    spec = gan.sample_spec
    made = gan.sample(n, seed=0, **subject.conditions(gan, n))
    real = subject.batch(gan, n)["real"]
    if not spec.fits(tuple(made.shape[1:])):
        yield f"samples are {tuple(made.shape[1:])}, sample_spec says {spec.shape}"
    if made.shape != real.shape:
        yield f"{n} samples are {tuple(made.shape)}, {n} rows of data {tuple(real.shape)}"
    if made.dtype != real.dtype:
        yield f"samples are {made.dtype}, the data is {real.dtype}"
    if not made.isfinite().all():
        yield "a sample is not finite"
    if spec.kind in ("images", "waveforms") and spec.range != (-1, 1):
        yield f"sample_spec.range is {spec.range}: {spec.kind} are in (-1, 1)"
    if subject.data.columns["real"].dtype == torch.uint8:
        yield from _out_of_range(subject, gan)


def _out_of_range(subject: Subject, gan: GAN) -> Iterator[str]:
    batch = dict(subject.batch(gan, 8))
    for scale in (1, EXTREME):
        if "latent" in batch and batch["latent"].is_floating_point():
            batch["latent"] = batch["latent"] * scale
        inputs = {key: rows for key, rows in batch.items() if key != "real"}
        with torch.no_grad(), evaluating(gan):
            largest = gan.decode(gan.generate(inputs)).abs().max().item()
        if not largest <= 1:
            yield f"with latents {scale} times as large as usual, a pixel is {largest:.3g}"


def inputs(subject: Subject) -> Iterator[str]:
    """`inputs` declares what samples are made from; anything else is refused.

    To mend: declare each condition that `prior` draws or `generate` reads, with a sentence;
    `required=True` where `prior` does not draw it.
    """
    gan, n = subject.build(), 2
    drawn, declared = gan.prior(n), [each.name for each in gan.inputs]
    if len(set(declared)) < len(declared) or {"n", "seed", "real"} & set(declared):
        yield f"two inputs have one name, or are called n, seed or real: {', '.join(declared)}"
    yield from (f"{each.name} has no description" for each in gan.inputs if not each.description)
    for name in CONDITIONS:
        if name in drawn and name not in declared:
            yield f"prior draws {name}, inputs does not declare it"
    if "latent" in declared and "latent" not in drawn:
        yield "inputs declares latent, prior does not draw it"
    conditions = subject.conditions(gan, n)
    required = {each.name: conditions[each.name] for each in gan.inputs if each.required}
    try:
        gan.sample(n, seed=0, **required)
    except KeyError as error:
        yield f"generate reads {error}, which is neither drawn by prior nor a required input"
    try:
        gan.sample(n, seed=0, **required, no_such_input=0)
    except ConfigError:
        return
    yield "sample(no_such_input=0) is not refused"


def batches(subject: Subject) -> Iterator[str]:
    """Sample i depends on the seed and i, not on the batch that it is made in.

    To mend: draw all that is random in `prior`, and let no row see another one in evaluation mode:
    running statistics instead of those of the batch.
    """
    gan, n = subject.build(), 6
    given = subject.conditions(gan, n)
    whole = gan.sample(n, seed=0, **given)
    for size in (6, 4, 1):
        parts = torch.cat(list(gan.samples(n, seed=0, batch=size, given=given)))
        if differ(whole, parts):
            yield f"{n} samples in batches of {size} are others than in one of {n}"


def trace(subject: Subject) -> Iterator[str]:
    """Sampling leaves no trace: weights, buffers, modes and random states stay.

    To mend: write buffers only `if self.training`, and draw from torch in `prior` alone.
    """
    gan = subject.build()
    given = subject.conditions(gan, 3)
    subject.trainer(gan).step()
    before, modes, states = values(gan), _modes(gan), _random_states()
    gan.sample(3, seed=0, **given)
    if changed(before, values(gan)):
        yield f"sampling changed {shown(changed(before, values(gan)))}"
    if modes != _modes(gan):
        yield "sampling changed which modules train or which parameters require gradients"
    for library, state in _random_states().items():
        if state != states[library]:
            yield f"sampling moved the random state of {library}"


def _modes(gan: GAN) -> list[bool]:
    training = [module.training for module in gan.modules()]
    return training + [parameter.requires_grad for parameter in gan.parameters()]


def _random_states() -> dict[str, str]:
    """Of whatever a model might draw from."""
    return {
        "torch": repr(torch.get_rng_state().tolist()),
        "random": repr(random.getstate()),
        "numpy": repr(np.random.get_state()),
    }


def weights(subject: Subject) -> Iterator[str]:
    """The generator's weights survive safetensors: a fresh model makes the same samples.

    To mend: keep all that `generate` and `decode` need in `self.generator`, as parameters or
    buffers.
    """
    gan, fresh = subject.build(), subject.build(seed=1)
    trainer = subject.trainer(gan)
    for _ in range(2):
        trainer.step()
    with tempfile.TemporaryDirectory() as folder:
        hub.save_weights(Path(folder), gan.generator, {})
        fresh.generator.load_state_dict(load_file(Path(folder) / hub.WEIGHTS))
    given = subject.conditions(gan, 4)
    if differ(gan.sample(4, seed=0, **given), fresh.sample(4, seed=0, **given)):
        yield "a fresh model with the saved weights makes other samples"


def copied(subject: Subject) -> Iterator[str]:
    """A model in training can be deep-copied, and copy and original share nothing.

    To mend: keep no tensor with a graph, no lock, file or lambda as an attribute; use methods.
    """
    gan = subject.build()
    subject.trainer(gan).step()
    copy_of_it = copy.deepcopy(gan)
    given = subject.conditions(gan, 3)
    if differ(gan.sample(3, seed=0, **given), copy_of_it.sample(3, seed=0, **given)):
        yield "the copy makes other samples"
    before = values(gan)
    subject.trainer(copy_of_it, seed=1).step()
    if changed(before, values(gan)):
        yield f"training the copy changed the original's {shown(changed(before, values(gan)))}"
    if not changed(before, values(copy_of_it)):
        yield "training the copy did not change it"
