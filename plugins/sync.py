"""List the first-party plugins in the root's pyproject.toml: ``python plugins/sync.py [--check]``.

A new plugin needs its folder and this command. The root ships every plugin's package, offers its
entry points, and names it to mypy and import-linter.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    parser = argparse.ArgumentParser(description="List the plugins in the root's pyproject.toml.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if stale")
    check = parser.parse_args().check
    file = ROOT / "pyproject.toml"
    before = file.read_text(encoding="utf-8")
    after = synced(before, ROOT / "plugins")
    if check and after != before:
        print("pyproject.toml does not list the plugins: python plugins/sync.py", file=sys.stderr)
        return 1
    if not check:
        file.write_text(after, encoding="utf-8")
    return 0


def synced(text: str, plugins: Path) -> str:
    """The root's pyproject.toml with the plugins of a folder.

    Args:
        text: the root's pyproject.toml.
        plugins: folder of the plugins' folders.
    """
    found = {file.parent.name: _read(file) for file in sorted(plugins.glob("*/pyproject.toml"))}
    packages = {name: _packages(content) for name, content in found.items()}
    modules = sorted(package for each in packages.values() for package in each)
    wheel = ["ganzoo", *(f"plugins/{name}/{each}" for name in found for each in packages[name])]
    path = "$MYPY_CONFIG_FILE_DIR"
    paths = [path, f"{path}/docs", *(f"{path}/plugins/{name}" for name in found)]
    lines = "".join(f"    {json.dumps(each)},\n" for each in sorted(wheel))
    text = _replaced(text, r"^packages = \[\n(?:    .*\n)+\]", f"packages = [\n{lines}]")
    text = _replaced(text, r"^mypy_path = .*", f"mypy_path = {json.dumps(paths)}")
    text = _replaced(
        text, r"^root_packages = .*", f"root_packages = {json.dumps(['ganzoo', *modules])}"
    )
    text = _replaced(text, r"^forbidden_modules = .*", f"forbidden_modules = {json.dumps(modules)}")
    groups: dict[str, dict[str, str]] = {}
    for content in found.values():
        for group, entries in content["project"].get("entry-points", {}).items():
            groups.setdefault(group, {}).update(entries)
    for group, entries in groups.items():
        header = f'[project.entry-points."{group}"]\n'
        rows = "".join(f"{name} = {json.dumps(entries[name])}\n" for name in sorted(entries))
        text = _replaced(text, rf"{re.escape(header)}(?:\S.*\n)*", header + rows)
    return text


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _packages(content: dict[str, Any]) -> list[str]:
    packages: list[str] = content["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    return packages


def _replaced(text: str, pattern: str, new: str) -> str:
    """Text with the one place that matches replaced."""
    text, count = re.subn(pattern, lambda _: new, text, flags=re.MULTILINE)
    if count != 1:
        raise SystemExit(f"pyproject.toml: {count} places match {pattern!r}, must be one")
    return text


if __name__ == "__main__":
    raise SystemExit(main())
