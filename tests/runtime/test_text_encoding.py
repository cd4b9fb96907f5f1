"""Every text file is read and written as UTF-8, whatever the locale (DeepSpeed#1921)."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [*ROOT.glob("ganzoo/**/*.py"), *ROOT.glob("plugins/*/ganzoo_*/**/*.py")]


def unspecified(call):
    """True if a call opens a text file in the encoding of the locale."""
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    stated = any(keyword.arg == "encoding" for keyword in call.keywords)
    if name in ("read_text", "write_text"):
        return not stated and len(call.args) < (1 if name == "read_text" else 2)
    if name == "open" and isinstance(function, ast.Name):
        mode = call.args[1].value if len(call.args) > 1 else "r"
        return not stated and "b" not in mode
    return False


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_text_files_state_their_encoding(file):
    calls = [node for node in ast.walk(ast.parse(file.read_bytes())) if isinstance(node, ast.Call)]
    assert [call.lineno for call in calls if unspecified(call)] == []


def test_names_that_the_terminal_cannot_show_are_escaped(tmp_path):
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "ganzoo", "plugin", "new", "acme", "--out", "\u65e5\u672c"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=True)
    assert rb"\u65e5\u672c" in done.stdout
    assert (tmp_path / "\u65e5\u672c").is_dir()
