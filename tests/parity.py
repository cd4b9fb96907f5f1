"""Compare ganzoo's networks with answers of official code.

    python tests/parity.py FOLDER... [--json FILE]

A folder holds ``official.safetensors`` (tensors under the official names), ``io.safetensors``
(``in.*`` inputs and ``out.*`` answers) and ``config.json`` (``family``, constructor arguments and,
for each output, ``max_diff_f32_f64`` and ``abs_max``). A plugin answers for its families in
``plugins/NAME/tests/parity.py``: ``FAMILIES`` maps a family to a function of a `Case` that returns
outputs by name, without ``out.``, or None for a network of another plugin.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

import torch
from safetensors.torch import load_file
from torch import Tensor

from ganzoo import GAN, registry
from ganzoo.errors import GanzooError, WeightsError
from ganzoo.gan import build
from ganzoo.hub.conversion import Converted, ForeignState

PLUGINS = Path(__file__).parents[1] / "plugins"


@dataclass(frozen=True)
class Case:
    """One folder: official weights, inputs and answers."""

    folder: Path

    @cached_property
    def config(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / "config.json").read_text())
        return content

    @cached_property
    def tensors(self) -> dict[str, Tensor]:
        """Official tensors by the names in the file."""
        return load_file(self.folder / "official.safetensors")

    @cached_property
    def inputs(self) -> dict[str, Tensor]:
        """Inputs without ``in.``; float16 is made float32."""
        return {
            name.removeprefix("in."): value.float() if value.dtype == torch.float16 else value
            for name, value in self._io.items()
            if name.startswith("in.")
        }

    @cached_property
    def answers(self) -> dict[str, Tensor]:
        """Official answers without ``out.``."""
        return {
            name.removeprefix("out."): value
            for name, value in self._io.items()
            if name.startswith("out.")
        }

    @cached_property
    def _io(self) -> dict[str, Tensor]:
        return load_file(self.folder / "io.safetensors")

    def tolerance(self, output: str) -> float:
        """Largest difference allowed: ten times the official rounding, or 1e-5 of the range."""
        facts = self.config["outputs"].get(output, {})
        largest = float(facts.get("abs_max", self.answers[output].abs().max()))
        rounding = float(facts.get("max_diff_f32_f64", 0.0))
        return max(10 * rounding, 1e-5 * max(1.0, largest))

    def state(self, arguments: Mapping[str, Any] | None = None, prefix: str = "") -> ForeignState:
        """The official tensors as a file of the official program states them.

        Args:
            arguments: facts that the published file states beside the tensors.
            prefix: key of the published file that the names lack.
        """
        tensors = {f"{prefix}{name}": value for name, value in self.tensors.items()}
        return ForeignState(tensors, arguments or {}, self.folder.name)


def load(
    model: str, converter: Callable[[ForeignState], Converted | None], state: ForeignState
) -> GAN:
    """The model of a converted state, in evaluation mode; every tensor must have its place.

    Args:
        model: an architecture, e.g. ``"cyclegan"``.
        converter: a function of its plugin.
        state: from `Case.state`.
    """
    converted = converter(state)
    if converted is None:
        raise WeightsError(f"{state.name}: not recognized by {converter.__name__}")
    gan = build(registry.resolve(model), converted.config)
    gan.generator.load_state_dict(dict(converted.generator))
    if converted.rest:
        missing, unexpected = gan.load_state_dict(dict(converted.rest), strict=False)
        started = {name.partition(".")[0] for name in converted.rest}
        missing = [name for name in missing if name.partition(".")[0] in started]
        if missing or unexpected:
            raise WeightsError(f"{state.name}: missing {missing[:3]}, unexpected {unexpected[:3]}")
    return gan.eval()


@dataclass(frozen=True)
class Difference:
    """Largest difference of one output."""

    output: str
    found: float
    allowed: float

    @property
    def ok(self) -> bool:
        return self.found <= self.allowed


Answer: TypeAlias = Callable[[Case], "Mapping[str, Tensor] | None"]


@cache
def modules() -> tuple[ModuleType, ...]:
    """The files ``plugins/*/tests/parity.py``, imported."""
    found = []
    for file in sorted(PLUGINS.glob("*/tests/parity.py")):
        spec = importlib.util.spec_from_file_location(f"parity_{file.parts[-3]}", file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found.append(module)
    return tuple(found)


def families() -> dict[str, list[Answer]]:
    """Functions that answer for a family, of all plugins."""
    found: dict[str, list[Answer]] = {}
    for module in modules():
        for family, answer in module.FAMILIES.items():
            found.setdefault(family, []).append(answer)
    return found


class NotAnsweredError(GanzooError):
    """No plugin has the network of a folder."""


def compare(case: Case) -> Iterator[Difference]:
    """Differences of all outputs of a folder.

    Raises:
        NotAnsweredError: no plugin has this network.
        WeightsError: an output is missing, or tensors do not fit.
    """
    family = case.config["family"]
    with torch.no_grad():
        found = (answer(case) for answer in families().get(family, []))
        answers = next((each for each in found if each is not None), None)
    if answers is None:
        raise NotAnsweredError(f"no plugin answers for this network of the family {family!r}")
    for output, official in case.answers.items():
        if output not in answers:
            raise WeightsError(f"output {output} is not compared")
        ours = answers[output]
        if ours.shape != official.shape:
            raise WeightsError(f"{output} is {tuple(ours.shape)}, must be {tuple(official.shape)}")
        found = (ours.double() - official.double()).abs().max().item()
        yield Difference(output, found, case.tolerance(output))


def main(folders: list[Path], json_file: Path | None) -> int:
    """Print a line for each output and a summary; 1 if one differs."""
    torch.set_num_threads(1)
    agreed: dict[str, dict[str, Any]] = {}
    for folder in folders:
        case = Case(folder)
        try:
            differences = list(compare(case))
        except (GanzooError, OSError, RuntimeError, KeyError) as error:
            print(f"{folder.name:32} FAILED {type(error).__name__}: {str(error).splitlines()[0]}")
            continue
        for each in differences:
            verdict = "ok" if each.ok else "DIFFERS"
            allowed = f"{each.found:.1e} of {each.allowed:.1e}"
            print(f"{folder.name:32} {each.output:40} {allowed} {verdict}")
        if all(each.ok for each in differences):
            worst = max(differences, key=lambda each: each.found / each.allowed)
            agreed[folder.name] = {
                "family": case.config["family"],
                "official": case.config.get("official", ""),
                "outputs": len(differences),
                "difference": worst.found,
                "allowed": worst.allowed,
            }
    if json_file:
        json_file.write_text(json.dumps(agreed, indent=1) + "\n")
    print(f"{len(agreed)} of {len(folders)} folders agree")
    return int(len(agreed) < len(folders))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--json", type=Path, help="write the largest difference of each folder")
    arguments = parser.parse_args()
    sys.exit(main(arguments.folders, arguments.json))
