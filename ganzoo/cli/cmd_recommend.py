"""``ganzoo recommend``."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from ganzoo.cli import completion
from ganzoo.cli.options import AsJson, Device
from ganzoo.cli.typer_app import app
from ganzoo.errors import DataError
from ganzoo.runtime.durations import in_bytes, rounded
from ganzoo.runtime.text_table import format_table

if TYPE_CHECKING:
    from ganzoo.bench.recommend import Recommendation
    from ganzoo.data.data_facts import DataFacts


@app.command()
def recommend(
    data: Annotated[
        str,
        typer.Argument(
            help="Data as for --data: folder:PATH, pairs:PATH, mnist, ...",
            autocompletion=completion.data_sets,
        ),
    ],
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Name models that fit your data and device, with memory and time.

    Reads names and headers of files, and measures each preset for about a second.

    \b
    ganzoo recommend folder:PATH
    ganzoo recommend unpaired:HORSES,ZEBRAS --device cpu
    ganzoo recommend audio:PATH --json
    """  # noqa: D301
    from ganzoo.bench import recommend as choice
    from ganzoo.data.data_facts import data_facts
    from ganzoo.data.images.folder_report import FEW
    from ganzoo.runtime.devices import resolve_device

    place, facts = resolve_device(device), data_facts(data)
    found = choice.recommend(facts, place)
    if as_json:
        print(json.dumps([_as_json(each) for each in found], indent=2))
        return
    print(facts.describe())
    if not found:
        raise DataError(
            f"data {facts.name}: no installed model fits; `ganzoo list '*.*'` shows all presets"
        )
    print(f"\n{_table(found, facts)}\n")
    for each in found:
        print(each.command)
    for each in found:
        if each.unmet_need:
            print(f"\nFirst, to train {each.model.name}: {each.unmet_need}")
    tuned = choice.fine_tuning(facts, place.type)
    if facts.count is not None and facts.count < FEW and facts.kind == "folder":
        print(_few(facts, tuned.name if tuned else ""))


def _table(found: list[Recommendation], facts: DataFacts) -> str:

    rows = []
    for each in found:
        memory = in_bytes(each.memory) + ("" if each.fits else ", too much here")
        sounds = facts.kind == "audio"  # the preset's summary tells of its own sounds
        summary = each.model.spec.summary if sounds else each.model.summary
        needed = rounded(each.seconds) if each.seconds else "-"
        rows.append([each.model.name, memory, needed, summary])
    return format_table(["MODEL", "MEMORY", "TIME", "SUMMARY"], rows)


def _few(facts: DataFacts, tuned: str) -> str:
    """Advice for few images."""
    from ganzoo.data.images.folder_report import FEW

    lines = [
        f"\n{facts.count} images are few: a GAN soon memorizes fewer than {FEW:,}."
        " `ganzoo eval RUN --neighbours FILE` shows it, `--augment ada` of `train` delays it."
    ]
    if tuned:
        command = shlex.join(["ganzoo", "train", tuned, "--init", tuned, "--data", facts.name])
        lines.append(f"The other way is to fine-tune trained weights:\n{command}")
    return "\n".join(lines)


def _as_json(each: Recommendation) -> dict[str, object]:
    return {
        "model": each.model.name,
        "settings": dict(each.settings),
        "bytes": each.memory,
        "seconds": each.seconds,
        "fits": each.fits,
        "needs": each.unmet_need,
        "command": each.command,
    }
