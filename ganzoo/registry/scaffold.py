"""New plugins: a complete distribution that trains, made from templates."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from ganzoo import registry
from ganzoo.errors import ConfigError, GanzooError, PluginError
from ganzoo.runtime.version import VERSION

TEMPLATE = Path(__file__).parent / "template"

FILES = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "LICENSE": "LICENSE",
    ".gitignore": "gitignore",
    ".github/workflows/check.yml": "check.yml",
    "$module/__init__.py": "spec.py",
    "$module/model.py": "model.py",
    "$module/py.typed": "py.typed",
    "tests/test_$module.py": "test.py",
}
"""Files of a plugin, and the template of each. The suffix keeps Python tools from reading
templates as code."""


@dataclass(frozen=True)
class Names:
    """Names of a new plugin and of its parts."""

    architecture: str

    @property
    def distribution(self) -> str:
        """Name for pip."""
        return f"{self.architecture}-gan"

    @property
    def module(self) -> str:
        """Name of the package."""
        return self.distribution.replace("-", "_")

    @property
    def cls(self) -> str:
        """Name of the model's class."""
        return "".join(part.capitalize() for part in self.architecture.split("-")) + "GAN"


def names(asked: str) -> Names:
    """Names for ``acme`` or ``acme-gan``: the model acme in the distribution acme-gan.

    Raises:
        ConfigError: not a valid name.
        PluginError: the name is taken, by a model or by a package that can be imported.
    """
    found = Names(asked.removesuffix("-gan"))
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", found.architecture):
        raise ConfigError(
            f"a plugin cannot be called {asked!r}: lower-case letters and digits, with single"
            " hyphens between them, e.g. acme or acme-gan"
        )
    for plugin in registry.discover():
        if plugin.name == found.architecture:
            raise PluginError(
                f"there is a model {plugin.name!r} already, of {plugin.distribution}"
                f" {plugin.version}: choose another name (`ganzoo list` shows all)"
            )
    if importlib.util.find_spec(found.module) is not None:
        raise PluginError(
            f"there is a package {found.module!r} already: choose another name than {asked!r}"
        )
    return found


def files(called: Names) -> Mapping[str, str]:
    """The text of each file of a plugin, by its path."""
    words = {
        "architecture": called.architecture,
        "distribution": called.distribution,
        "module": called.module,
        "cls": called.cls,
        "ganzoo": VERSION.partition("+")[0],
    }

    def filled(text: str) -> str:
        return Template(text).substitute(words)

    return {
        filled(path): filled((TEMPLATE / f"{source}.template").read_text(encoding="utf-8"))
        for path, source in FILES.items()
    }


def new(asked: str, out: Path | None = None) -> tuple[Names, Path]:
    """Write a new plugin; returns its names and its folder.

    Args:
        asked: its name.
        out: the folder; left out, the distribution's name, here.

    Raises:
        ConfigError: not a valid name.
        PluginError: the name is taken.
        GanzooError: the folder exists.
        OSError: it cannot be written.
    """
    called = names(asked)
    folder = out or Path(called.distribution)
    if folder.exists():
        raise GanzooError(f"{folder} exists: choose another --out, or remove it")
    for path, text in files(called).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return called, folder
