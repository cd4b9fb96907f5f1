"""Generated pages of the command line: one per command, from the parser's own texts."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import typer.main
from markdown import table
from typer.core import TyperGroup

from ganzoo.cli import app

DOCS = Path(__file__).resolve().parent
FENCE = re.compile(r"```(?:bash|console)\n(.*?)```", re.DOTALL)
FACTS = re.compile(r"\s+\[([^\[\]]+)\]$")
"""Default, range and environment variable of an option, at the end of its text."""


def command_pages() -> Iterator[tuple[str, str]]:
    """File names in docs/commands and texts; a group and its commands share a page."""
    for name, command in _group().commands.items():
        parts = [f"# ganzoo {name}\n", *_described(command, name)]
        for below, each in getattr(command, "commands", {}).items():
            parts += [f"## ganzoo {name} {below}\n", *_described(each, f"{name} {below}")]
        guides = [f"[{title}](../{path})" for title, path in _uses(name)]
        parts.append(f"## Guides\n\n{', '.join(guides)}.\n" if guides else "")
        yield f"{name}.md", "\n".join(parts).strip() + "\n"


def command_list() -> str:
    """Page with the global options and one row per command."""
    group = _group()
    rows = [
        [f"[`ganzoo {name}`](commands/{name}.md)", _first_line(command)]
        for name, command in group.commands.items()
    ]
    head = "# The command line\n\n`ganzoo COMMAND --help` prints the same texts as these pages.\n\n"
    return f"{head}{table(['command', 'purpose'], rows)}\n\n## Options of `ganzoo`\n\n" + (
        f"{_options(group, 'ganzoo')}\n{COMPLETION}"
    )


COMPLETION = """
Options of `ganzoo` stand before the command: `ganzoo --debug train dcgan`.

## Completion

```bash
ganzoo --install-completion
```

installs completion for bash, zsh, fish or PowerShell: a new shell then completes commands, options
and their values, and the names of models, protocols and data sets.
"""


def _group() -> TyperGroup:
    return cast(TyperGroup, typer.main.get_command(app))


def _first_line(command: Any) -> str:
    return inspect.cleandoc(command.help or "").splitlines()[0]


def _described(command: Any, name: str) -> Iterator[str]:
    """Purpose, usage, examples and options of a command."""
    words, examples = _split(command.help or "")
    yield f"{words}\n"
    if hasattr(command, "commands"):
        return
    context = command.context_class(command, info_name=f"ganzoo {name}")
    usage = " ".join([f"ganzoo {name}", *command.collect_usage_pieces(context)])
    yield f"```text\n{usage}\n```\n"
    if examples:
        yield f"Examples:\n\n```bash\n{examples}\n```\n"
    arguments = [
        [f"`{each.name}`", _cell(each.help or "")]
        for each in command.params
        if each.param_type_name == "argument"
    ]
    if arguments:
        yield table(["argument", "description"], arguments) + "\n"
    yield _options(command, f"ganzoo {name}")


def _split(text: str) -> tuple[str, str]:
    """Prose and examples of a help text; examples are paragraphs that begin with a backspace."""
    paragraphs = inspect.cleandoc(text).split("\n\n")
    examples = [part[2:].strip("\n") for part in paragraphs if part.startswith("\b")]
    prose = [" ".join(part.split()) for part in paragraphs if not part.startswith("\b")]
    return "\n\n".join(map(_cell, prose)), "\n".join(examples)


def _options(command: Any, name: str) -> str:
    """Table of the options; those that every command has are left out."""
    context = command.context_class(command, info_name=name)
    rows = []
    for each in command.params:
        record = each.get_help_record(context) if each.param_type_name == "option" else None
        if record is None or each.name == "help":
            continue
        words, default = _default(record[1])
        names = record[0].replace("|", ", ")
        rows.append([f"`{names}`", _cell(words), f"`{default}`" if default else ""])
    return table(["option", "description", "default"], rows) + "\n" if rows else ""


def _default(text: str) -> tuple[str, str]:
    """Text and default of an option; a range and a variable become part of the text."""
    found = FACTS.search(text)
    if not found:
        return text, ""
    facts = [each.strip() for each in found[1].split(";")]
    defaults = [each.removeprefix("default: ") for each in facts if each.startswith("default: ")]
    others = [each.replace("env var", "environment variable") for each in facts]
    others = [each for each in others if not each.startswith("default: ")]
    text = FACTS.sub("", text)
    return (f"{text} ({'; '.join(others)})" if others else text), ", ".join(defaults)


def _cell(text: str) -> str:
    """Text of the parser as Markdown: brackets, stars and underscores mean themselves."""
    parts = " ".join(text.split()).replace("``", "`").split("`")
    parts[::2] = [re.sub(r"([>*_\[\]])", r"\\\1", part).replace("<", "&lt;") for part in parts[::2]]
    return "`".join(parts)


def _uses(name: str) -> Iterator[tuple[str, str]]:
    """Titles and paths of the written pages that show a command in a block of shell."""
    pages = [DOCS / "start.md", DOCS / "choose.md", *sorted((DOCS / "howto").glob("*.md"))]
    for path in pages:
        text = path.read_text()
        if any(re.search(rf"ganzoo {name}\b", block) for block in FENCE.findall(text)):
            yield text.partition("\n")[0].removeprefix("# "), str(path.relative_to(DOCS))
