"""The layout of ganzoo/: few units, a short heart, and a README that matches the tree."""

import re
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "ganzoo"
README = (PACKAGE / "README.md").read_text()
SECTIONS = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL))


def units():
    """Top-level modules and packages, dunder files apart."""
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    return packages | {path.stem for path in PACKAGE.glob("*.py") if path.stem[0] != "_"}


def heart():
    """Files of the reading order."""
    order = SECTIONS["The heart"].partition("\n1. ")[2]
    return [PACKAGE / name for name in re.findall(r"`([\w/]+\.py)`", order)]


def lines(path):
    return len(path.read_text().splitlines())


def test_at_most_16_units():
    assert len(units()) <= 16, sorted(units())


def test_the_heart_is_under_3000_lines():
    assert len(heart()) >= 10
    assert sum(map(lines, heart())) < 3000


def test_the_heart_visits_every_room_that_a_plugin_meets():
    rooms = {path.relative_to(PACKAGE).parts[0] for path in heart()}
    assert rooms >= {"spec", "gan", "losses", "data", "training", "registry", "hub", "runtime"}


def test_every_path_of_the_readme_exists():
    """Names with a slash or a suffix are paths."""
    named = re.findall(r"`([\w/.]+)`", SECTIONS["To change something"] + SECTIONS["The heart"])
    paths = [name for name in named if "/" in name or name.endswith((".py", ".md"))]
    other = {"tests", "plugins"}
    missing = [
        name
        for name in paths
        if not (PACKAGE.parent if name.split("/")[0] in other else PACKAGE).joinpath(name).exists()
    ]
    assert missing == []


def test_every_unit_is_in_the_table():
    cells = re.findall(r"\| ([^|]*?) +\|$", SECTIONS["To change something"], re.MULTILINE)
    opened = {name.split("/")[0] for cell in cells for name in re.findall(r"`([\w/.]+)`", cell)}
    assert {name.removesuffix(".py") for name in opened} == units()
