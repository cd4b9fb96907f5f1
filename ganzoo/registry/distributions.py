"""Entry points of installed distributions, read so that damaged metadata stop nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path

UNKNOWN = "unknown"
"""Version of a distribution whose metadata state none."""
OBJECT = re.compile(r"[\w.]+\s*:\s*[\w.]+(\s*\[.*\])?")


@dataclass(frozen=True)
class Origin:
    """Distribution that an entry point belongs to."""

    distribution: str
    version: str
    editable: bool = False
    problem: str = ""
    """Damage to its metadata; empty if there is none."""


def entries(group: str) -> Iterator[tuple[EntryPoint, Origin]]:
    """Entry points of one group over all distributions; of two with one name the first counts.

    A line that is no entry point comes with a problem.
    """
    seen = set()
    for distribution in distributions():
        text = _read(distribution, "entry_points.txt")
        if f"[{group}]" not in text:  # nearly all: not worth reading their names
            continue
        origin = _origin(distribution, text)
        canonical = re.sub(r"[-_.]+", "-", origin.distribution).lower()
        if canonical in seen:
            continue
        seen.add(canonical)
        for name, value in _section(text, group):
            if not OBJECT.fullmatch(value) and not origin.problem:
                line = f"{name} = {value}".rstrip(" =")
                problem = f"its entry_points.txt has the line {line!r}, not NAME = module:object"
                yield EntryPoint(name, value, group), replace(origin, problem=problem)
            else:
                yield EntryPoint(name, value, group), origin


def _section(text: str, group: str) -> Iterator[tuple[str, str]]:
    """Names and values below one header of an entry_points.txt."""
    header = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            header = line
        elif header == f"[{group}]" and line and line[0] not in "#;":
            name, _, value = line.partition("=")
            yield name.strip(), value.strip()


def _origin(distribution: Distribution, entry_points: str) -> Origin:
    """Name and version from the head of its metadata; parsing it whole takes long."""
    text = _read(distribution, "METADATA") or _read(distribution, "PKG-INFO")
    head = text.partition("\n\n")[0]
    facts = dict(re.findall(r"^(Name|Version):[ \t]*(\S.*?)\s*$", head, re.MULTILINE))
    name = facts.get("Name") or _folder_name(distribution, entry_points)
    lacking = [key for key in ("Name", "Version") if key not in facts]
    problem = f"its metadata lack {' and '.join(lacking)}" if lacking else ""
    return Origin(name, facts.get("Version", UNKNOWN), _is_editable(distribution), problem)


def _folder_name(distribution: Distribution, entry_points: str) -> str:
    """Folder of a distribution's metadata, by which one without a name can be found."""
    try:
        for file in Path(str(distribution.locate_file(""))).glob("*-info/entry_points.txt"):
            if file.read_text(encoding="utf-8") == entry_points:
                return file.parent.name
    except (OSError, ValueError):
        pass
    return UNKNOWN


def _is_editable(distribution: Distribution) -> bool:
    """True if pip's record of the installation says so (PEP 610)."""
    try:
        origin = json.loads(_read(distribution, "direct_url.json") or "{}")
        return bool(origin["dir_info"]["editable"])
    except (ValueError, KeyError, TypeError):
        return False


def _read(distribution: Distribution, file: str) -> str:
    """One file of the metadata; empty if it is missing or unreadable."""
    try:
        return distribution.read_text(file) or ""
    except (OSError, ValueError):
        return ""
