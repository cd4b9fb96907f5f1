"""One sound toy and, for each requirement of `ganzoo.testing`, one that breaks it and no other.

Without torch, so that listing them is as light as it must be. A value of `BROKEN` is the spec of
the toy that breaks the requirement of that name.
"""

from dataclasses import dataclass, replace

from ganzoo import Deviation, ModelConfig, ModelSpec, Optimizer, Paper, Preset, Recipe


@dataclass(frozen=True)
class Config(ModelConfig):
    """What all of them are built from."""

    latent: int = 5
    width: int = 16


@dataclass(frozen=True)
class Listed(Config):
    """A config with a list, which JSON knows and `ganzoo.spec.config` does not."""

    widths: "list[int] | None" = None


RECIPE = Recipe(data="none", kimg=1, optimizer=Optimizer(lr=2e-3), ema_kimg=0.1)
TWO = {"small": Preset(Config(), RECIPE), "large": Preset(Config(width=32), RECIPE)}


def spec_of(name: str) -> ModelSpec:
    """The spec of a class in `broken.model`."""
    return ModelSpec(
        model=f"broken.model:{name}",
        summary="A toy.",
        paper=Paper("Nobody et al.", 2020, "Toys", "https://example.org"),
        license="MIT",
        presets=TWO,
        deviations=(Deviation("it is a toy", "it shall be quick"),),
    )


SOUND = spec_of("Sound")

BROKEN = {
    "origin": replace(SOUND, deviations=()),
    "listing": replace(SOUND, model="broken_heavy:Sound"),
    "config": replace(SOUND, presets={"only": Preset(Listed(widths=[3]), RECIPE)}),
    "protocol": replace(SOUND, presets={"only": Preset(Config(), RECIPE, protocol="none")}),
    "meta": spec_of("ReadsTensorsWhenBuilt"),
    "inputs": spec_of("ReadsWhatIsNotDeclared"),
    "samples": spec_of("Unbounded"),
    "latents": spec_of("DoublesItsStyles"),
    "batches": spec_of("CentredByBatch"),
    "trace": spec_of("CountsItsSamples"),
    "weights": spec_of("ShiftOutsideTheGenerator"),
    "copy": spec_of("KeepsTheLastFake"),
    "losses": spec_of("Unreduced"),
    "update": spec_of("ClipsTheOther"),
    "apart": spec_of("TrainedTwice"),
    "seed": spec_of("DrawnElsewhere"),
    "state": spec_of("HiddenProjection"),
    "resume": spec_of("CountsInPython"),
    "bfloat16": spec_of("RemembersLogits"),
    "compile": spec_of("BranchesOnItsLoss"),
    "learn": spec_of("ClimbsItsLoss"),
}
