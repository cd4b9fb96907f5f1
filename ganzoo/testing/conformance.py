"""Requirements that every model meets, and the check of one model against one of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ganzoo import registry
from ganzoo.data import Dataset
from ganzoo.errors import ConfigError, GanzooError, UnknownNameError
from ganzoo.runtime import seeds
from ganzoo.spec import ModelSpec
from ganzoo.testing import sample_checks, spec_checks, training_checks
from ganzoo.testing.checked_model import CPU, CheckedModel


@dataclass(frozen=True)
class Requirement:
    """One thing that must hold for every model, described by the docstring of its function."""

    name: str
    problems: Callable[[CheckedModel], Iterator[str]]
    """Yields the problems of a model; nothing if the requirement is met."""
    needs: tuple[str, ...] = ()
    """Names of earlier requirements; a model that fails one of them fails this one as well."""

    @property
    def meaning(self) -> str:
        """The requirement in one sentence."""
        return self._paragraphs[0]

    @property
    def fix(self) -> str:
        """Advice for a model that does not meet it."""
        return self._paragraphs[-1]

    @property
    def _paragraphs(self) -> list[str]:
        text = inspect.getdoc(self.problems) or ""
        return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]


class CheckFailed(GanzooError):  # noqa: N818 # the name says what happened
    """A requirement that a model does not meet: the requirement, the problem and a fix in one line.

    Args:
        requirement: the requirement.
        reason: the problem.
    """

    def __init__(self, requirement: Requirement, reason: str) -> None:
        self.reason = " ".join(reason.split())
        super().__init__(
            f"{requirement.meaning} Found: {self.reason.rstrip('.')}. {requirement.fix}"
        )


@dataclass(frozen=True)
class Check:
    """A requirement and the model to check."""

    requirement: Requirement
    model: CheckedModel
    waived: str = ""
    """Reason why the model does not meet it; such a check passes."""

    @property
    def name(self) -> str:
        """Name of the requirement."""
        return self.requirement.name

    def __str__(self) -> str:
        return self.name

    def run(self) -> None:
        """Check the model; the random state afterwards is that of before.

        Raises:
            CheckFailed: the requirement is not met, or the model raised an error.
        """
        if self.waived:
            return
        try:
            with seeds.fork_rng(CPU, 0):
                problem = next(self.requirement.problems(self.model), "")
        except Exception as error:
            raise CheckFailed(self.requirement, self.model.describe(error)) from error
        if problem:
            raise CheckFailed(self.requirement, problem)


def checks(
    spec: ModelSpec | registry.Model,
    *,
    data: Dataset | None = None,
    waive: Mapping[str, str] | None = None,
) -> list[Check]:
    """One check per requirement; nothing is built before they run.

    Args:
        spec: the model to check: a spec (its first preset), or what `registry.resolve` returned.
            The other presets are only built, without memory.
        data: the data to train on; left out, 64 digits where the recipe says MNIST, else random
            images with labels, sources and masks (untrained samples where these are no images).
        waive: by name of a requirement, the reason why this model does not meet it.

    Raises:
        UnknownNameError: a waiver for a requirement that does not exist.
        ConfigError: a waiver without a reason.
    """
    waive = waive or {}
    names = [requirement.name for requirement in REQUIREMENTS]
    for name, reason in waive.items():
        if name not in names:
            raise UnknownNameError("check", name, names)
        if not reason.strip():
            raise ConfigError(f"the check {name!r} is waived without a reason")
    model = CheckedModel(_model(spec) if isinstance(spec, ModelSpec) else spec, data)
    return [Check(each, model, waive.get(each.name, "")) for each in REQUIREMENTS]


def _model(spec: ModelSpec) -> registry.Model:
    """The first preset of a spec, with the plugin that provides it if that is installed."""
    package = spec.model.partition(":")[0].partition(".")[0]
    unknown = registry.Plugin(package, package, "not installed", spec)
    plugin = next((each for each in registry.discover() if each.spec is spec), unknown)
    return registry.Model(plugin, spec, next(iter(spec.presets)))


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement("origin", spec_checks.origin),
    Requirement("listing", spec_checks.listing),
    Requirement("config", spec_checks.config),
    Requirement("protocol", spec_checks.protocol),
    Requirement("meta", spec_checks.meta),
    Requirement("inputs", sample_checks.inputs),
    Requirement("samples", sample_checks.samples, needs=("inputs",)),
    Requirement("latents", sample_checks.latents, needs=("samples",)),
    Requirement("losses", training_checks.losses, needs=("inputs",)),
    Requirement("update", training_checks.update, needs=("losses",)),
    Requirement("apart", training_checks.apart, needs=("losses",)),
    Requirement("batches", sample_checks.batches, needs=("samples", "losses")),
    Requirement("trace", sample_checks.trace, needs=("samples", "losses")),
    Requirement("weights", sample_checks.weights, needs=("samples", "losses")),
    Requirement("copy", sample_checks.copies, needs=("samples", "losses")),
    Requirement("seed", training_checks.seed, needs=("update",)),
    Requirement("state", training_checks.state, needs=("update",)),
    Requirement("resume", training_checks.resume, needs=("update",)),
    Requirement("bfloat16", training_checks.bfloat16, needs=("update",)),
    Requirement("compile", training_checks.compiles, needs=("update",)),
    Requirement("learn", training_checks.learns, needs=("update",)),
)
"""All requirements, in the order of the checks."""
