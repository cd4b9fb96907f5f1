"""Troubleshooting: each message that the page lists is one that ganzoo prints."""

import ast
import inspect
import re
from pathlib import Path

from ganzoo import errors
from ganzoo.testing import CheckFailed

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/troubleshooting.md").read_text()


def text(node):
    """Source of a message: constants as they are, and a mark for each value."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(map(text, node.values))
    if isinstance(node, ast.BinOp):
        return text(node.left) + text(node.right)
    return "\0"


def printed():
    kinds = (ast.Constant, ast.JoinedStr, ast.BinOp)
    for path in (ROOT / "ganzoo").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, kinds) and len(found := text(node)) > 5:
                yield found


def listed():
    rows = re.findall(r"^\| `([^|]+?)` +\|", PAGE, re.MULTILINE)
    return [row for row in rows if not hasattr(errors, row) and row != CheckFailed.__name__]


def test_the_messages_that_the_page_lists_exist():
    known = "\n".join(each.replace("\n", " ") for each in printed())
    patterns = {row: ".*".join(map(re.escape, row.split("..."))) for row in listed()}
    assert len(patterns) > 50
    assert [row for row, pattern in patterns.items() if not re.search(pattern, known)] == []


def test_every_kind_of_error_is_explained():
    classes = [each for _, each in inspect.getmembers(errors, inspect.isclass)]
    for cls in (*classes, CheckFailed):
        if issubclass(cls, errors.GanzooError):
            row = re.search(rf"^\| `{cls.__name__}` +\| +(\d) \|", PAGE, re.MULTILINE)
            assert row, cls
            assert int(row[1]) == cls.exit_code
