"""Run the commands of a documentation page in a new environment.

A block after a line that ends in `` `PATH`: `` is written to that file. In a block of console, each
line that begins with ``$`` is a command; what stands below it is what it prints.
"""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BLOCK = re.compile(r"(?:`([^`\n]+)`:\n\n)?^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
WALKED = ("tutorial.md", "publishing.md")
"""In order: the second page continues the first one."""
MODULES = {"ganzoo": "ganzoo", "pip": "pip", "pytest": "pytest", "hatchling": "hatchling"}


class Environment:
    """A new virtual environment that sees the packages installed here, so that torch is there.

    Args:
        folder: where it lies, and where commands are run.
        variables: of the environment, beside those of this process.
    """

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        venv.create(folder / ".venv", symlinks=True)
        scripts = folder / ".venv" / "bin"
        (site,) = (folder / ".venv").glob("lib/python*/site-packages")
        here = sorted({sysconfig.get_path(kind) for kind in ("purelib", "platlib")})
        lines = "".join(f"import site; site.addsitedir({each!r})\n" for each in here)
        (site / "of_the_tests.pth").write_text(lines)
        for command, module in MODULES.items():
            script = scripts / command
            script.unlink(missing_ok=True)
            script.write_text(f'#!/bin/sh\nexec "{scripts}/python" -m {module} "$@"\n')
            script.chmod(0o755)
        self.variables = {
            **{key: value for key, value in os.environ.items() if not key.startswith("PIP_")},
            "PIP_NO_INDEX": "1",
            "PIP_NO_BUILD_ISOLATION": "0",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_ROOT_USER_ACTION": "ignore",
            "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": "100",
            "GANZOO_REPORT": "1",
            **variables,
        }

    def __call__(self, command: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run a shell command, with further arguments."""
        line = f'{command} "$@"' if arguments else command
        return subprocess.run(
            ["bash", "-c", line, "bash", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.folder,
            env=self.variables,
        )


def walk(page: str, environment: Environment) -> str:
    """The page with the present output of its commands."""

    def done(block: re.Match[str]) -> str:
        path, kind, text = block[1], block[2], block[3]
        if path is not None:
            file = environment.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        elif kind == "console":
            commands = [line for line in text.splitlines() if line.startswith("$ ")]
            printed = "".join(f"{line}\n{_printed(line[2:], environment)}" for line in commands)
            return block[0].replace(text, printed)
        return block[0]

    return BLOCK.sub(done, page)


def _printed(command: str, environment: Environment) -> str:
    shown = environment(command).stdout.replace(str(environment.folder), "~")
    shown = re.sub(r"http://127\.0\.0\.1:\d+", "https://huggingface.co", shown)
    lines = [line.rstrip() for line in shown.splitlines()]
    return "".join(f"{line}\n" for line in lines)


@contextmanager
def stranger(folder: Path) -> Iterator[Environment]:
    """A new environment with the local Hub server of the tests."""
    tests = Path(__file__).resolve().parents[1] / "tests"
    if str(tests) not in sys.path:
        sys.path.insert(0, str(tests))
    with importlib.import_module("hub_server").Hub() as hub:
        yield Environment(
            folder,
            HF_ENDPOINT=hub.url,
            HF_TOKEN="hf_test",
            HF_HOME=str(folder / ".cache" / "huggingface"),
            HF_HUB_DISABLE_PROGRESS_BARS="1",
            HF_HUB_DISABLE_XET="1",
            HF_HUB_DISABLE_TELEMETRY="1",
        )


VOLATILE = (
    (r"(batch \d+), [^;\n]*; in ", r"\1, DEVICE AND TIME; in "),
    (r"\b[0-9a-f]{12,64}\b", "HASH"),
    (r"\d+(?:\.\d+)+(?:\+\w+)?", "N"),
    (r"\d[\d,]*(?= (?:images/s|bytes|img/s))", "N"),
    (r"\d{3,}|\d+(?:,\d{3})+", "N"),
    (r"(?<=  )\d{1,2}(?=  |\n)", "N"),
    (r"-?N(?:e[+-]?\d+)?", "N"),
    (r"[ \t-]{2,}", " "),
)
"""Text that differs between runs: hashes, versions, times, scores, and so column widths."""


def settled(page: str) -> str:
    """A page without the text that differs between runs."""
    for pattern, word in VOLATILE:
        page = re.sub(pattern, word, page)
    return page
