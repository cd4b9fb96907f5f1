"""Checks of samples, and of saving and copying a model."""

from __future__ import annotations

import copy
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from ganzoo import hub
from ganzoo.errors import ConfigError
from ganzoo.gan import GAN, evaluating
from ganzoo.runtime.text import first_items
from ganzoo.testing.checked_model import CheckedModel, changed, differ, values

CONDITIONS = ("label", "source", "mask")
"""Entries of a batch that data sets have as columns."""
EXTREME = 100
"""Factor of the latents: an image must be in range for large ones too."""


def samples(model: CheckedModel) -> Iterator[str]:
    """Samples have the shape, dtype and range of `sample_spec` and of the data, and are finite.

    Fix: end the generator with tanh, or clamp in `decode`; write `sample_spec`.
    """
    gan, n = model.build(), 3
    spec = gan.sample_spec
    made = gan.sample(n, seed=0, **model.conditions(gan, n))
    real = model.batch(gan, n)["real"]
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
    if model.data.columns["real"].dtype == torch.uint8:
        yield from _out_of_range(model, gan)


def _out_of_range(model: CheckedModel, gan: GAN) -> Iterator[str]:
    batch = dict(model.batch(gan, 8))
    for scale in (1, EXTREME):
        if "latent" in batch and batch["latent"].is_floating_point():
            batch["latent"] = batch["latent"] * scale
        inputs = {key: rows for key, rows in batch.items() if key != "real"}
        with torch.no_grad(), evaluating(gan):
            largest = gan.decode(gan.generate(inputs)).abs().max().item()
        if not largest <= 1:
            yield f"with latents scaled by {scale}, a pixel is {largest:.3g}"


def inputs(model: CheckedModel) -> Iterator[str]:
    """`inputs` declares what `sample` accepts; anything else is refused.

    Fix: declare each condition that `generate` reads as a `SampleInput` with a description, with
    `required=True` if `prior` does not draw it.
    """
    gan, n = model.build(), 2
    drawn, declared = gan.prior(n), [each.name for each in gan.inputs]
    if len(set(declared)) < len(declared) or {"n", "seed", "real"} & set(declared):
        yield f"names of inputs are unique, and not n, seed or real: {', '.join(declared)}"
    yield from (f"{each.name} has no description" for each in gan.inputs if not each.description)
    for name in CONDITIONS:
        if name in drawn and name not in declared:
            yield f"prior draws {name}, inputs does not declare it"
    if "latent" in declared and "latent" not in drawn:
        yield "inputs declares latent, prior does not draw it"
    conditions = model.conditions(gan, n)
    required = {each.name: conditions[each.name] for each in gan.inputs if each.required}
    gan.sample(n, seed=0, **required)
    try:
        gan.sample(n, seed=0, **required, no_such_input=0)
    except ConfigError:
        return
    yield "sample(no_such_input=0) is not refused"


def latents(model: CheckedModel) -> Iterator[str]:
    """A model with intermediate latents w returns them from `styles` and accepts them as input `w`.

    Fix: declare the input `w`, return (N, layers, w) from `styles`, and let `generate` use the rows
    `w` of its batch, (N, w) or (N, layers, w), instead of the latents, with their gradient.
    """
    gan, n = model.build(), 2
    declared = "w" in [each.name for each in gan.inputs]
    with torch.no_grad(), evaluating(gan):
        w = gan.styles(gan.prior_rows(n, 0))
    if (w is None) == declared:
        yield f"inputs {'declares' if declared else 'does not declare'} w, styles returns {_of(w)}"
    if w is None:
        return
    if w.ndim != 3 or len(w) != n:
        yield f"styles returns {_of(w)} for {n} rows"
    expected = gan.sample(n, seed=0)
    for given in (w, w[:, 0]):
        if differ(expected, gan.sample(seed=0, w=given)):
            yield f"sample(w=styles) with {_of(given)} differs from the sample of the latents"
    rows = {**gan.prior_rows(n, 0), "w": w.clone().requires_grad_()}
    with evaluating(gan):
        made = gan.generate(rows)
    if not (made.requires_grad and torch.autograd.grad(made.sum(), rows["w"])[0].any()):
        yield "the output of generate has no gradient for w"


def _of(tensor: Tensor | None) -> str:
    return "None" if tensor is None else f"a tensor of shape {tuple(tensor.shape)}"


def batches(model: CheckedModel) -> Iterator[str]:
    """Sample i depends on the seed and on i, not on the batch that it is generated in.

    Fix: draw everything random in `prior`; in evaluation mode rows must be independent, e.g. use
    running statistics instead of batch statistics.
    """
    gan, n = model.build(), 6
    given = model.conditions(gan, n)
    whole = gan.sample(n, seed=0, **given)
    for size in (6, 4, 1):
        parts = torch.cat(list(gan.samples(n, seed=0, batch=size, given=given)))
        if differ(whole, parts):
            yield f"{n} samples in batches of {size} differ from those in one batch"


def trace(model: CheckedModel) -> Iterator[str]:
    """Sampling changes no weights, buffers, modes or random states.

    Fix: write buffers only `if self.training`, and draw from torch in `prior` alone.
    """
    gan = model.build()
    given = model.conditions(gan, 3)
    model.trainer(gan).step()
    before, modes, states = values(gan), _modes(gan), _random_states()
    gan.sample(3, seed=0, **given)
    if names := changed(before, values(gan)):
        yield f"sampling changed {first_items(names, separator=', ')}"
    if modes != _modes(gan):
        yield "sampling changed the mode of a module, or which parameters require gradients"
    for library, state in _random_states().items():
        if state != states[library]:
            yield f"sampling changed the random state of {library}"


def _modes(gan: GAN) -> list[bool]:
    training = [module.training for module in gan.modules()]
    return training + [parameter.requires_grad for parameter in gan.parameters()]


def _random_states() -> dict[str, str]:
    """States of the random generators that a model might use."""
    return {
        "torch": repr(torch.get_rng_state().tolist()),
        "random": repr(random.getstate()),
        "numpy": repr(np.random.get_state()),
    }


def weights(model: CheckedModel) -> Iterator[str]:
    """Weights of the generator survive safetensors: a fresh model generates the same samples.

    Fix: keep everything that `generate` and `decode` need in `self.generator`, as parameters or
    buffers.
    """
    gan, fresh = model.run.gan, model.build(seed=1)
    with tempfile.TemporaryDirectory() as folder:
        hub.save_weights(Path(folder), gan.generator, {})
        fresh.generator.load_state_dict(load_file(Path(folder) / hub.WEIGHTS))
    given = model.conditions(gan, 4)
    if differ(gan.sample(4, seed=0, **given), fresh.sample(4, seed=0, **given)):
        yield "a fresh model with the saved weights generates other samples"


def copies(model: CheckedModel) -> Iterator[str]:
    """A model in training can be deep-copied; the copy is independent.

    Fix: store no tensor with a graph, no lock, file or lambda as an attribute.
    """
    gan = model.run.gan
    copy_of_it = copy.deepcopy(gan)
    given = model.conditions(gan, 3)
    if differ(gan.sample(3, seed=0, **given), copy_of_it.sample(3, seed=0, **given)):
        yield "the copy generates other samples"
    before = values(gan)
    model.trainer(copy_of_it, seed=1).step()
    if names := changed(before, values(gan)):
        yield f"training the copy changed the original's {first_items(names, separator=', ')}"
    if not changed(before, values(copy_of_it)):
        yield "training the copy did not change it"
