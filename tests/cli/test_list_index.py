"""The index behind ``ganzoo list`` saves time, and never shows what is no longer so."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ganzoo.cli import list_index

PROGRAM = """
import json, sys
from ganzoo.cli import list_index
rows, warnings = list_index.rows()
print(json.dumps([rows, warnings, "toy_dist" in sys.modules]))
"""

SPEC = """
import json
from dataclasses import dataclass, replace
from pathlib import Path

from ganzoo import ModelConfig, ModelSpec, Paper, Preset, Recipe
from toy_helper import SUMMARY


@dataclass(frozen=True)
class Config(ModelConfig):
    '''A config.'''


facts = json.loads(Path(__file__).with_name("toy.json").read_text())
spec = ModelSpec(
    model="toy_dist:Toy",
    summary=SUMMARY + facts["text"],
    paper=Paper("Nobody et al.", 2020, "Toys", "https://example.org"),
    license="MIT",
    presets={"small": Preset(Config(), Recipe(data="mnist", kimg=1))},
)
"""


def edit(old, new, file):
    """A change that leaves size and time of a file as they were."""

    def change(site):
        path = site / file
        before = path.stat()
        path.write_text(path.read_text().replace(old, new))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    return change


def upgrade(site):
    shutil.move(site / "toy_dist-1.0.dist-info", site / "toy_dist-2.0.dist-info")
    edit("Version: 1.0", "Version: 2.0", "toy_dist-2.0.dist-info/METADATA")(site)


def shadow(site):
    """Another module of the helper's name, found before it."""
    (site / "toy_helper").mkdir()
    (site / "toy_helper" / "__init__.py").write_text("SUMMARY = 'two'")


CHANGES = {
    "spec": edit("kimg=1", "kimg=2", "toy_dist.py"),
    "another module": edit("one", "two", "toy_helper.py"),
    "a file that the spec reads": edit("first", "other", "toy.json"),
    "version": upgrade,
    "version in place": edit("1.0", "2.0", "toy_dist-1.0.dist-info/METADATA"),
    "entry point": edit("toy =", "top =", "toy_dist-1.0.dist-info/entry_points.txt"),
    "removal": lambda site: shutil.rmtree(site / "toy_dist-1.0.dist-info"),
    "another plugin": lambda site: install(site, "new-dist", "new", SPEC),
    "a module in front": shadow,
}
UNSTORED = {
    "broken": "import no_such_package",
    "environment": SPEC + "import os\nos.environ.get('WIDTH')\n",
}


def install(site, distribution, name, source):
    module = distribution.replace("-", "_")
    (site / f"{module}.py").write_text(source)
    info = site / f"{module}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[ganzoo.models]\n{name} = {module}:spec\n")


def rows(site):
    """Toys that a new process lists, and whether it imported their plugin."""
    environment = {
        **os.environ,
        "PYTHONPATH": f"{site}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
        "GANZOO_CACHE": str(site.parent / "cache"),
        "PYTHONDONTWRITEBYTECODE": "1",  # a new __pycache__ changes the directory
    }
    environment.pop("GANZOO_PLUGINS", None)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=True,
    )
    found, _, imported = json.loads(done.stdout)
    return [row for row in found if row["distribution"] != "ganzoo-core"], imported


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    """A folder of packages for each case, old enough to be trusted."""
    made = {}
    for name in [*CHANGES, *UNSTORED]:
        site = made[name] = tmp_path_factory.mktemp("case") / "site"
        site.mkdir()
        (site / "toy_helper.py").write_text("SUMMARY = 'one'")
        (site / "toy.json").write_text('{"text": "first"}')
        install(site, "toy-dist", "toy", UNSTORED.get(name, SPEC))
    time.sleep(1.1 * list_index.RECENT / 1e9)
    return made


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_anything_is_seen(sites, name):
    site: Path = sites[name]
    before = rows(site)
    assert before[1], "nothing is stored yet"
    assert rows(site) == (before[0], False)
    CHANGES[name](site)
    found, imported = rows(site)
    assert imported or name == "removal"
    if name != "spec":  # whose kimg is not shown
        assert found != before[0]


@pytest.mark.parametrize("name", UNSTORED)
def test_what_may_change_without_a_file_is_not_stored(sites, name):
    rows(sites[name])
    assert not (sites[name].parent / "cache").exists()
