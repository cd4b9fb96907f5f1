"""Damaged metadata of any distribution are named, and stop nothing else (pypa/pip#11352)."""

import importlib
import sys

import pytest
from typer.testing import CliRunner

from ganzoo import registry
from ganzoo.cli import app

METADATA = "Metadata-Version: 2.1\nName: acme-gan\nVersion: 1.0\n"
ENTRY = "[ganzoo.models]\nacme = acme_gan:spec\n"
SPEC = "import dataclasses, ganzoo_vanilla\nspec = dataclasses.replace(ganzoo_vanilla.spec)\n"


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Puts a dist-info of these files where pip would, beside the module acme_gan."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "acme_gan.py").write_text(SPEC)

    def write(folder="acme_gan-1.0.dist-info", **files):
        (tmp_path / folder).mkdir()
        for name, content in files.items():
            path = tmp_path / folder / name.replace("entry_points", "entry_points.txt")
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        importlib.invalidate_caches()

    yield write
    sys.modules.pop("acme_gan", None)


def run(*arguments):
    return CliRunner().invoke(app, arguments)


DAMAGED = {
    "no metadata": ({"entry_points": ENTRY}, "acme_gan-1.0.dist-info"),
    "no name": ({"METADATA": "Version: 1.0\n", "entry_points": ENTRY}, "lack Name"),
    "no version": ({"METADATA": "Name: acme-gan\n", "entry_points": ENTRY}, "lack Version"),
    "empty": ({"METADATA": "", "entry_points": ENTRY}, "lack Name and Version"),
    "bad entry": ({"METADATA": METADATA, "entry_points": "[ganzoo.models]\nacme\n"}, "'acme'"),
    "bad value": (
        {"METADATA": METADATA, "entry_points": "[ganzoo.models]\nacme = not a module!:x\n"},
        "not a module!",
    ),
    "bytes": ({"METADATA": b"\xff\xfe", "entry_points": ENTRY}, "lack Name"),
}


@pytest.mark.parametrize(("files", "reason"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_plugin_is_named_and_refused_before_training(install, files, reason, tmp_path):
    before = run("list").stdout
    install(**files)
    listed = run("list")
    assert (listed.exit_code, listed.stdout) == (0, before)
    (line,) = listed.stderr.splitlines()
    assert reason in line
    result = run("train", "acme", "--kimg", "0.1", "--out", str(tmp_path / "run"))
    assert result.exit_code == 1
    assert "is broken" in result.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"METADATA": METADATA, "entry_points": "acme = acme_gan:spec\n"},
        {"METADATA": METADATA, "entry_points": "[console_scripts]\nacme\n= x\n"},
        {"METADATA": METADATA, "entry_points": b"\xff\xfe[\x00"},
        {"METADATA": METADATA, "direct_url.json": b"\xff{"},
    ],
    ids=["empty", "no header", "another group", "bytes", "origin"],
)
def test_damage_that_is_no_matter_of_ganzoo_goes_unnoticed(install, files):
    before = run("list").stdout
    install(**files)
    result = run("list")
    assert (result.exit_code, result.stdout, result.stderr) == (0, before, "")


def test_of_a_distribution_that_is_there_twice_the_first_counts(install):
    install(METADATA=METADATA, entry_points=ENTRY)
    install("Acme.Gan-0.9.dist-info", METADATA=METADATA.replace("-", "."), entry_points=ENTRY)
    found = [plugin for plugin in registry.discover() if plugin.name == "acme"]
    assert len(found) == 1
    assert found[0].spec
