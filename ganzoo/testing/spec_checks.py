"""Checks of a plugin's spec, before anything is built."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Iterator

from ganzoo.errors import UnknownNameError
from ganzoo.evaluation.protocols import find_protocol
from ganzoo.runtime.devices import without_memory
from ganzoo.runtime.text import first_items
from ganzoo.spec import ModelConfig
from ganzoo.spec.config import from_json, to_json
from ganzoo.testing.checked_model import CheckedModel

HEAVY = ("torch", "numpy", "timm", "torchvision", "torchmetrics", "huggingface_hub")
"""Packages that listing models must not import."""


def origin(model: CheckedModel) -> Iterator[str]:
    """The spec states paper, license and deviations.

    Fix: set summary, paper, license and deviations of the ModelSpec; if there is no deviation,
    write Deviation("none", "...").
    """
    spec = model.registered.spec
    stated = {
        "summary": spec.summary,
        "license": spec.license,
        **{f"paper.{key}": str(value) for key, value in dataclasses.asdict(spec.paper).items()},
    }
    yield from (f"{name} is empty" for name, text in stated.items() if not text.strip())
    if not spec.paper.url.startswith(("https://", "http://")):
        yield f"paper.url is {spec.paper.url!r}"
    if not spec.deviations:
        yield "deviations are empty"
    for deviation in spec.deviations:
        if not deviation.what.strip() or not deviation.why.strip():
            yield f"{deviation} lacks what or why"


def listing(model: CheckedModel) -> Iterator[str]:
    """Listing the model imports neither torch nor numpy.

    Tested in a new interpreter that lists the plugin alone.

    Fix: keep spec and Config in a module that imports only `ganzoo`, `ganzoo.spec` and
    `ganzoo.errors`, and name the class by a string, "package.model:Class".
    """
    spec = model.registered.spec
    modules = {type(preset.config).__module__ for preset in spec.presets.values()}
    modules.add(spec.model.partition(":")[0].partition(".")[0])
    program = (
        "import importlib, sys\nfrom ganzoo import registry\nregistry.discover()\n"
        f"for name in {sorted(modules)}: importlib.import_module(name)\n"
        f"print(*[name for name in {HEAVY} if name in sys.modules])"
    )
    environment = {
        **os.environ,
        "GANZOO_PLUGINS": model.registered.plugin.qualified,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment
    )
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1]
        yield f"importing {', '.join(sorted(modules))} fails: {reason}"
    elif done.stdout.strip():
        yield f"it imports {', '.join(done.stdout.split())}"


def config(model: CheckedModel) -> Iterator[str]:
    """Config and recipe of each preset survive JSON.

    Fix: derive Config from `ganzoo.ModelConfig`, as a frozen dataclass of int, float, bool, str,
    Literal, tuples of these, optionals of these and such dataclasses.
    """
    for name, preset in model.registered.spec.presets.items():
        if not isinstance(preset.config, ModelConfig):
            yield f"preset {name}: its config is no ganzoo.ModelConfig"
        for part in (preset.config, preset.recipe):
            again = from_json(type(part), json.loads(json.dumps(to_json(part))))
            if again != part:
                yield f"preset {name}: {part} comes back as {again}"
        if getattr(type(preset.config), "__hash__", None) is None:
            yield f"preset {name}: its config is not frozen"


def protocol(model: CheckedModel) -> Iterator[str]:
    """The protocol of each preset exists.

    Fix: name one of `ganzoo protocols`, or give a `ganzoo.Protocol`.
    """
    for name, preset in model.registered.spec.presets.items():
        try:
            find_protocol(preset.protocol)
        except UnknownNameError as error:
            yield f"preset {name}: {error}"


def meta(model: CheckedModel) -> Iterator[str]:
    """Each preset can be built on the meta device, without memory.

    Fix: in `__init__`, compute numbers with plain Python, not with .item() or .tolist() of a
    tensor, and put no tensor on a named device.
    """
    seen: list[ModelConfig] = []
    for name, preset in model.registered.spec.presets.items():
        if preset.config in seen:
            continue
        seen.append(preset.config)
        try:
            with without_memory():
                gan = model.build(preset=name)
        except Exception as error:
            yield f"preset {name}: {model.describe(error)}"
            continue
        real = [key for key, value in gan.named_parameters() if not value.is_meta]
        if real:
            yield f"preset {name}: {first_items(real, separator=', ')} took real memory"
