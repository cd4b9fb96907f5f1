"""A promise that every model makes, and the check that holds one model to it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ganzoo import registry
from ganzoo.data import Dataset
from ganzoo.errors import ConfigError, GanzooError, UnknownNameError
from ganzoo.runtime import seeds
from ganzoo.spec import ModelSpec
from ganzoo.testing import sample_checks as sampled
from ganzoo.testing import spec_checks as stated
from ganzoo.testing import training_checks as trained
from ganzoo.testing.subject import CPU, Subject, brief


@dataclass(frozen=True)
class Promise:
    """One thing that must hold of every model, told by the docstring of what looks for problems."""

    name: str
    problems: Callable[[Subject], Iterator[str]]
    """Yields what is wrong; nothing if the promise is kept."""

    @property
    def meaning(self) -> str:
        """One sentence: what holds."""
        return self._paragraphs[0]

    @property
    def mend(self) -> str:
        """What to do where it does not hold."""
        return self._paragraphs[-1]

    @property
    def _paragraphs(self) -> list[str]:
        text = inspect.getdoc(self.problems) or ""
        return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]


class CheckFailed(GanzooError):  # noqa: N818 # says what happened
    """A promise that is not kept; one line that says which, what is wrong and how to mend it.

    Args:
        promise: which.
        reason: what is wrong.
    """

    def __init__(self, promise: Promise, reason: str) -> None:
        self.reason = " ".join(reason.split())
        super().__init__(f"{promise.meaning} But {self.reason.rstrip('.')}. {promise.mend}")


@dataclass(frozen=True)
class Check:
    """A promise, and the model that is to keep it."""

    promise: Promise
    subject: Subject
    waived: str = ""
    """Why the model does not keep it; such a check passes."""

    @property
    def name(self) -> str:
        return self.promise.name

    def __str__(self) -> str:
        return self.name

    def run(self) -> None:
        """Hold the model to the promise, and leave the random state as it was.

        Raises:
            CheckFailed: it is not kept, or the model fails on the way.
        """
        if self.waived:
            return
        try:
            with seeds.fork_rng(CPU, 0):
                problem = next(self.promise.problems(self.subject), "")
        except Exception as error:
            raise CheckFailed(self.promise, brief(error)) from error
        if problem:
            raise CheckFailed(self.promise, problem)


def checks(
    spec: ModelSpec | registry.Model,
    *,
    data: Dataset | None = None,
    waive: Mapping[str, str] | None = None,
) -> list[Check]:
    """A check for each promise; nothing is built before they run.

    Args:
        spec: what is checked: a spec's first preset, or the one that `registry.resolve` found.
            The other presets are only built, without memory.
        data: what to train on; left out, 64 digits where the recipe says MNIST, else random
            images with labels, sources and masks (untrained samples where these are no images).
        waive: by name of a promise, why this model does not keep it.

    Raises:
        UnknownNameError: a waiver for a promise that does not exist.
        ConfigError: a waiver without a reason.
    """
    waive = waive or {}
    for name, reason in waive.items():
        if name not in {promise.name for promise in PROMISES}:
            raise UnknownNameError("check", name, [promise.name for promise in PROMISES])
        if not reason.strip():
            raise ConfigError(f"the check {name!r} is waived without a reason")
    subject = Subject(_model(spec) if isinstance(spec, ModelSpec) else spec, data)
    return [Check(promise, subject, waive.get(promise.name, "")) for promise in PROMISES]


def _model(spec: ModelSpec) -> registry.Model:
    """The first preset of a spec, with the plugin that provides it if that is installed."""
    package = spec.model.partition(":")[0].partition(".")[0]
    stranger = registry.Plugin(package, package, "not installed", spec)
    plugin = next((each for each in registry.discover() if each.spec is spec), stranger)
    return registry.Model(plugin, spec, next(iter(spec.presets)))


PROMISES: tuple[Promise, ...] = (
    Promise("origin", stated.origin),
    Promise("listing", stated.listing),
    Promise("config", stated.config),
    Promise("protocol", stated.scoring),
    Promise("meta", stated.meta),
    Promise("inputs", sampled.inputs),
    Promise("samples", sampled.samples),
    Promise("losses", trained.losses),
    Promise("update", trained.update),
    Promise("apart", trained.apart),
    Promise("batches", sampled.batches),
    Promise("trace", sampled.trace),
    Promise("weights", sampled.weights),
    Promise("copy", sampled.copied),
    Promise("seed", trained.seed),
    Promise("state", trained.state),
    Promise("resume", trained.resume),
    Promise("bfloat16", trained.bfloat16),
    Promise("compile", trained.compiled),
    Promise("learn", trained.learn),
)
"""All of them; where several are not kept, the first is usually the reason for the others."""
