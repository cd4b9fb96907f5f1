"""Promises about what a plugin says of itself, before there is any weight."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Iterator

import torch

from ganzoo.errors import UnknownNameError
from ganzoo.evaluation import protocols as protocol
from ganzoo.spec.config import from_json, to_json
from ganzoo.testing.subject import Subject, brief, shown

HEAVY = ("torch", "numpy", "timm", "torchvision", "torchmetrics", "huggingface_hub")
"""What a list of models must not pay for."""


def origin(subject: Subject) -> Iterator[str]:
    """The spec states paper, licence and deviations.

    To mend: fill summary, paper, license and deviations of the ModelSpec; where there is truly no
    deviation, say so: Deviation("none", "...").
    """
    spec = subject.model.spec
    said = {
        "summary": spec.summary,
        "license": spec.license,
        **{f"paper.{key}": str(value) for key, value in dataclasses.asdict(spec.paper).items()},
    }
    yield from (f"{name} is empty" for name, text in said.items() if not text.strip())
    if not spec.paper.url.startswith(("https://", "http://")):
        yield f"paper.url is {spec.paper.url!r}"
    if not spec.deviations:
        yield "deviations are empty"
    for deviation in spec.deviations:
        if not deviation.what.strip() or not deviation.why.strip():
            yield f"{deviation} lacks what or why"


def listing(subject: Subject) -> Iterator[str]:
    """Listing the model imports neither torch nor numpy.

    A new interpreter lists the plugin alone, and is asked what it has imported.

    To mend: keep spec and Config in a module that imports only ganzoo's spec, config and errors,
    and name the class by a string, "package.model:Class".
    """
    spec = subject.model.spec
    modules = {type(preset.config).__module__ for preset in spec.presets.values()}
    modules.add(spec.model.partition(":")[0].partition(".")[0])
    program = (
        "import importlib, sys\nfrom ganzoo import registry\nregistry.discover()\n"
        f"for name in {sorted(modules)}: importlib.import_module(name)\n"
        f"print(*[name for name in {HEAVY} if name in sys.modules])"
    )
    environment = {
        **os.environ,
        "GANZOO_PLUGINS": subject.model.plugin.qualified,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment
    )
    if done.returncode:
        yield f"importing {shown(sorted(modules))} fails: {done.stderr.strip().splitlines()[-1]}"
    elif done.stdout.strip():
        yield f"it imports {', '.join(done.stdout.split())}"


def config(subject: Subject) -> Iterator[str]:
    """Config and recipe of each preset survive JSON.

    To mend: make Config a frozen dataclass of int, float, bool, str, Literal, tuples of these,
    optionals of these and such dataclasses.
    """
    for name, preset in subject.model.spec.presets.items():
        for part in (preset.config, preset.recipe):
            again = from_json(type(part), json.loads(json.dumps(to_json(part))))
            if again != part:
                yield f"preset {name}: {part} comes back as {again}"
        if getattr(type(preset.config), "__hash__", None) is None:
            yield f"preset {name}: its config is not frozen"


def scoring(subject: Subject) -> Iterator[str]:
    """Each preset is scored by a protocol that exists.

    To mend: name one that `ganzoo protocols` shows, or give a `ganzoo.spec.Protocol`.
    """
    for name, preset in subject.model.spec.presets.items():
        try:
            protocol.find_protocol(preset.protocol)
        except UnknownNameError as error:
            yield f"preset {name}: {error}"


def meta(subject: Subject) -> Iterator[str]:
    """Each preset can be built on the meta device, without memory.

    To mend: compute what `__init__` needs of numbers with plain Python, not with .item() or
    .tolist() of a tensor, and put no tensor on a device by name.
    """
    for name in subject.model.spec.presets:
        try:
            with torch.device("meta"):
                gan = subject.build(preset=name)
        except Exception as error:
            yield f"preset {name}: {brief(error)}"
            continue
        real = [key for key, value in gan.named_parameters() if not value.is_meta]
        if real:
            yield f"preset {name}: {shown(real)} took real memory"
