"""Presets that fit data and a device, with memory and time from a short measure."""

from __future__ import annotations

import math
import shlex
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch

from ganzoo import registry
from ganzoo.data import Dataset
from ganzoo.data.data_facts import DataFacts
from ganzoo.data.images.folder_report import FEW
from ganzoo.gan import GAN
from ganzoo.registry.models import LARGE
from ganzoo.runtime import seeds
from ganzoo.runtime.devices import without_memory
from ganzoo.runtime.progress import say
from ganzoo.training import Trainer, plan
from ganzoo.training.estimate import available, quick_estimate
from ganzoo.training.preflight import rows_per_part

MOST = 4
"""Presets that are measured and shown."""
LEAST = 2
"""Presets that are measured however long that takes, so that there is a choice."""
GENERATION = "unconditional-image-generation"
LARGEST: Mapping[str, int] = {"cpu": 64}
"""Pixels of the largest images that train in days, by device; others: `LARGE`."""
ROWS = 8
LONG_WAVE = 16384
"""Values of a waveform where a model takes any length."""
CPU_PARAMETERS = 15e6
"""Parameters of the largest models that are proposed for a CPU, where smaller ones fit."""
PATIENCE = 30.0
"""Seconds of measuring after which no further preset is measured."""
LONG = 2 * 86400.0
"""Seconds of a recipe that is shown after shorter ones."""


@dataclass(frozen=True)
class Recommendation:
    """A preset for some data, on a device."""

    model: registry.Model
    settings: Mapping[str, str]
    """Changes that make the preset fit the data, for ``--set``."""
    data: str
    memory: float
    """Bytes of a step."""
    seconds: float
    """Time of the whole recipe; 0 if it was not measured, because nothing of it fits."""
    fits: bool
    """True if a step fits into the memory that is available."""
    unmet_need: str = ""
    """Installation or download that training needs first, in words."""

    @property
    def command(self) -> str:
        """The command that trains it."""
        pairs = [("--set", f"{key}={value}") for key, value in self.settings.items()]
        changes = [part for pair in pairs for part in pair]
        return shlex.join(["ganzoo", "train", self.model.name, "--data", self.data, *changes])


def recommend(facts: DataFacts, device: torch.device) -> list[Recommendation]:
    """Presets that fit data, the most suitable one first; each is measured for a second or so.

    Args:
        facts: on the data.
        device: to train on.
    """
    found: list[Recommendation] = []
    start = time.monotonic()
    for model, settings in _small_first(candidates(registry.models(), facts, device.type), device):
        if len(found) >= LEAST and time.monotonic() - start > PATIENCE:
            break
        say(f"measuring {model.name}")
        try:
            found.append(_measured(model, settings, facts, device))
        except Exception as error:  # a plugin that fails is no recommendation
            say(f"{model.name} is left out: {error}")
    return sorted(found, key=lambda each: (not each.fits, each.seconds > LONG))


def _small_first(
    found: Sequence[tuple[registry.Model, dict[str, str]]], device: torch.device
) -> list[tuple[registry.Model, dict[str, str]]]:
    """The first few; on a CPU those with few parameters, if there are any."""
    if device.type != "cpu":
        return [*found[:MOST]]
    small = [each for each in found[: 2 * MOST] if _parameters(each[0]) <= CPU_PARAMETERS]
    return (small or [*found])[:MOST]


def _parameters(model: registry.Model) -> int:
    """Parameters that are trained, counted without allocating them; 0 if the plugin fails."""
    try:
        with without_memory(), seeds.fork_rng(torch.device("cpu"), 0):
            gan = plan(model).build()
    except Exception:  # `recommend` reports it
        return 0
    return sum(each.numel() for each in gan.parameters() if each.requires_grad)


def candidates(
    models: Iterable[registry.Model], facts: DataFacts, device: str
) -> list[tuple[registry.Model, dict[str, str]]]:
    """Presets and the settings that make them fit, one of each architecture, in order."""
    room = _room(facts, device)
    best: dict[str, tuple[registry.Model, dict[str, str]]] = {}
    scored = [
        (_rank(model, facts, device), model) for model in models if _suits(model, facts, room)
    ]
    for _, model in sorted(scored, key=lambda each: each[0]):
        best.setdefault(model.plugin.qualified, (model, _settings(model, facts)))
    return list(best.values())


def fine_tuning(facts: DataFacts, device: str) -> registry.Model | None:
    """Preset with published weights of images of this kind and size; None if there is none."""
    room = _room(facts, device)
    if facts.kind != "folder":
        return None
    trained = [
        model
        for model in registry.models()
        if (weights := model.preset.weights)
        and _published(model)
        and weights.sha256
        and not (weights.page or weights.terms)
        and _suits(model, facts, room)
        and not getattr(model.preset.config, "classes", 0)
    ]
    return min(trained, key=lambda model: _rank(model, facts, device)[3:], default=None)


def _room(facts: DataFacts, device: str) -> int:
    """Size of images up to which presets are proposed."""
    return min(facts.side or LARGE, LARGEST.get(device, LARGE))


def _suits(model: registry.Model, facts: DataFacts, room: int) -> bool:
    """True if a preset makes samples of the kind of the data, and does not enlarge images."""
    config, own = model.preset.config, model.preset.recipe.data
    if not facts.kind:
        return own == facts.name
    if facts.kind == "audio":
        return bool(getattr(config, "rate", 0))
    if facts.kind not in ("folder", "hf"):
        return own.startswith(f"{facts.kind}:") and getattr(config, "size", 0) <= max(room, 256)
    size, channels = getattr(config, "size", 0), getattr(config, "channels", 0)
    if model.spec.task != GENERATION or not 0 < size <= room or channels < facts.channels:
        return False
    return facts.classes > 1 or not getattr(config, "classes", 0)


def _rank(model: registry.Model, facts: DataFacts, device: str) -> tuple[float, ...]:
    """Order of presets: the smaller, the better."""
    config, preset = model.preset.config, model.preset
    if facts.kind == "audio":
        rate = getattr(config, "rate", 0)
        distance = abs(math.log(rate / (facts.rate or rate)))
        return device == "cpu" and _published(model), distance, -model.spec.paper.year
    few = facts.count is not None and facts.count < FEW
    conditional = getattr(config, "classes", 0) > 0
    published = _published(model)
    return (
        few != preset.few,
        facts.classes > 1 and not conditional,
        published and not facts.kind,
        getattr(config, "channels", 0) != facts.channels,
        -getattr(config, "size", 0),
        published,
        -model.spec.paper.year,
    )


def _published(model: registry.Model) -> bool:
    """True if others trained the weights of a preset; its networks are of their size."""
    return model.preset.weights is not None and bool(model.preset.weights.converter)


def _settings(model: registry.Model, facts: DataFacts) -> dict[str, str]:
    """Changes of a preset that make it fit the data."""
    config = model.preset.config
    classes, rate = getattr(config, "classes", 0), getattr(config, "rate", 0)
    wanted = {}
    if classes not in (0, facts.classes):
        wanted["classes"] = str(facts.classes)
    if rate and facts.rate not in (None, rate):
        wanted["rate"] = str(facts.rate)
    return wanted


def _measured(
    model: registry.Model, settings: Mapping[str, str], facts: DataFacts, device: torch.device
) -> Recommendation:
    run = plan(model, settings=settings, data=facts.name)
    with seeds.fork_rng(torch.device("cpu"), 0):
        gan = run.build()
        data = gan.prepare_data(noise_rows(gan))
    trainer = Trainer(gan, run.recipe, data, seed=0, device=device)
    limit = available(device)
    found = quick_estimate(trainer, limit)
    memory = found.memory(rows_per_part(trainer))
    fits, need = memory <= limit, model.unmet_need()
    return Recommendation(model, settings, facts.name, memory, found.seconds, fits, need)


def noise_rows(gan: GAN) -> Dataset:
    """A few rows without meaning, in the form that a model learns."""
    if gan.sample_spec.kind == "waveforms":
        waves = torch.rand(ROWS, *(size or LONG_WAVE for size in gan.sample_spec.shape))
        return Dataset("noise", {"real": waves * 2 - 1})
    if gan.sample_spec.kind != "images":
        return Dataset("samples", {"real": gan.sample(ROWS, seed=0)})
    channels, height, width = (size or 64 for size in gan.sample_spec.shape)
    real, source = torch.randint(256, (2, ROWS, height, width, channels), dtype=torch.uint8)
    mask = torch.zeros(ROWS, 1, height, width)
    mask[:, :, : height // 2] = 1
    label = torch.arange(ROWS) % max(gan.num_classes, 1)
    return Dataset("noise", {"real": real, "source": source, "mask": mask, "label": label})
