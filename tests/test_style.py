"""Style rules that a machine can check: docstrings, sizes, module names, US spelling."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "ganzoo"
TEMPLATE = PACKAGE / "registry" / "template"
CODE = [
    path
    for folder in ("ganzoo", "plugins", "benchmarks", "docs")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "tests" not in path.parts
]
MODULES = [path for path in CODE if PACKAGE in path.parents]
PROSE = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "ganzoo").rglob("*.md")]
PROSE += [*(ROOT / "benchmarks").glob("*.md"), *(ROOT / "plugins").glob("*/*.md")]
PROSE += [path for path in TEMPLATE.iterdir() if path.is_file()]

OPENING = re.compile(r"\s*(What|How|Whether|Of|Where|Who|Whom|Whose|Which)\b")
BRITISH = re.compile(
    r"colour|grey|behaviour|neighbour|favour|licence|centre|fibre|catalogue|programme"
    r"|(?:optim|normal|initial|synchron|regular|minim|maxim|quant|token|general|serial|recogn|memor"
    r"|summar|stabil|real|organ|visual|random|factor|final|util|character|standard|categor)is(?:e|ed"
    r"|er|ers|es|ing|ation|able)\b"
    r"|analys(?:e|ed|es|ing)\b|modell(?:ed|ing)|labell(?:ed|ing)|travell|artefact|judgement|whilst",
    re.IGNORECASE,
)
STORED = {
    "quantise": "a field of `Protocol`, part of its hash",
    "neighbours": "the option `--neighbours` and the field `Protocol.precision_neighbours`",
    "centre": "a stored value of configs",
}
"""British words that stay, because files or commands contain them."""


def relative(path):
    return str(path.relative_to(ROOT))


def lines(path):
    return len(path.read_text().splitlines())


def docstrings(path):
    """Line and text of each string that stands alone, after a definition or an assignment."""
    for node in ast.walk(ast.parse(path.read_text())):
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) else ():
            value = statement.value if isinstance(statement, ast.Expr) else None
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield statement.lineno, value.value


def test_docstrings_open_with_the_thing():
    """ "Image folder as a data set.", not "What is in a folder"."""
    mannered = [
        f"{relative(path)}:{line}: {text.strip().splitlines()[0]}"
        for path in CODE
        for line, text in docstrings(path)
        if OPENING.match(text)
    ]
    assert mannered == []


def british(text):
    """British words of a text; stored names only where they are an identifier or quoted."""
    found = {word.group().lower() for word in BRITISH.finditer(text)}
    return found - STORED.keys() - {word.removesuffix("s") for word in STORED}


@pytest.mark.parametrize("folder", ["ganzoo", "plugins", "benchmarks", "docs", "."])
def test_us_spelling(folder):
    paths = {path for path in (*CODE, *PROSE) if relative(path.parent).split("/")[0] == folder}
    assert paths
    found = {relative(path): sorted(british(path.read_text())) for path in sorted(paths)}
    assert {path: words for path, words in found.items() if words} == {}


def test_the_spelling_check_finds_british_words():
    assert british("The Colour of a normaliser") == {"colour", "normaliser"}
    assert british("--neighbours, quantise, exercise, otherwise, a wise noise") == set()


def test_no_module_over_300_lines():
    assert {str(path): lines(path) for path in MODULES if lines(path) > 300} == {}


def test_no_function_over_60_lines():
    long = {}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = node.end_lineno - node.lineno + 1
                if length > 60:
                    long[f"{path.relative_to(PACKAGE)}:{node.name}"] = length
    assert long == {}


def test_no_two_modules_of_one_name():
    names = [path.stem for path in MODULES if path.stem[:2] != "__"]
    names += [path.parent.name for path in MODULES if path.name == "__init__.py"]
    assert [name for name, count in Counter(names).items() if count > 1] == []
