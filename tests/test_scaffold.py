"""A plugin that `ganzoo plugin new` wrote works as it is: packed, installed, listed, trained."""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version
from typer.testing import CliRunner

import ganzoo
from ganzoo import registry, scaffold
from ganzoo.cli import app
from ganzoo.errors import ConfigError, PluginError, UnknownNameError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
WRITTEN = {
    ".github/workflows/check.yml",
    ".gitignore",
    "LICENSE",
    "README.md",
    "acme_gan/__init__.py",
    "acme_gan/model.py",
    "acme_gan/py.typed",
    "pyproject.toml",
    "tests/test_acme_gan.py",
}


def run(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


def done(*arguments):
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def written(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def acme(tmp_path_factory):
    """The folder that the command writes."""
    folder = tmp_path_factory.mktemp("work") / "acme-gan"
    done("plugin", "new", "acme-gan", "--out", folder)
    return folder


@pytest.fixture
def installed(acme, tmp_path, monkeypatch):
    """Its wheel, unpacked onto sys.path."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")],
        cwd=acme,
        check=True,
        capture_output=True,
    )
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    monkeypatch.syspath_prepend(site)
    importlib.invalidate_caches()
    yield site
    for name in ("acme_gan", "acme_gan.model"):
        sys.modules.pop(name, None)


def test_all_files_of_a_distribution_are_written(acme):
    assert set(written(acme)) == WRITTEN


@pytest.mark.parametrize("asked", ["zoo", "zoo-gan"])
def test_both_forms_of_a_name_mean_the_same(asked):
    names = scaffold.names(asked)
    assert (names.architecture, names.distribution) == ("zoo", "zoo-gan")
    assert (names.module, names.cls) == ("zoo_gan", "ZooGAN")


def test_a_name_of_several_parts():
    names = scaffold.names("two-4all")
    assert (names.distribution, names.module) == ("two-4all-gan", "two_4all_gan")
    assert names.cls == "Two4allGAN"


def test_every_template_is_used_and_no_placeholder_is_left(acme):
    used = {f"{source}.template" for source in scaffold.FILES.values()}
    assert {path.name for path in scaffold.TEMPLATE.iterdir()} == used
    for path, text in written(acme).items():
        assert "$" not in text.replace("${{ matrix.python }}", ""), path
    assert "${{ matrix.python }}" in (acme / ".github/workflows/check.yml").read_text()


def test_the_licence_is_the_one_that_we_have(acme):
    ours = (ROOT / "LICENSE").read_text()
    assert ours.startswith((acme / "LICENSE").read_text())


def test_the_template_names_no_model_of_ours():
    ours = [
        plugin.name
        for plugin in registry.discover()
        if plugin.distribution == registry.OWN_DISTRIBUTION
    ]
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, ours))})\b", re.IGNORECASE)
    texts = [path.read_text() for path in scaffold.TEMPLATE.iterdir()]
    assert [found for text in texts for found in pattern.findall(text)] == []


def test_the_project_says_what_it_needs(acme):
    project = tomllib.loads((acme / "pyproject.toml").read_text())["project"]
    assert project["name"] == "acme-gan"
    assert project["entry-points"] == {"ganzoo.models": {"acme": "acme_gan:spec"}}
    (needed,) = map(Requirement, project["dependencies"])
    assert needed.name == "ganzoo-core"
    assert needed.specifier.contains(Version(ganzoo.__version__), prereleases=True)


def test_the_code_that_is_written_is_clean(acme):
    for command in (["check", "--select", "E,F,I,N,UP,W"], ["format", "--check"]):
        ran = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "--line-length", "100", "."],
            cwd=acme,
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_what_is_written_is_listed_trained_sampled_checked_and_removed(installed, tmp_path):
    model = registry.resolve("acme")
    assert (model.name, model.qualified) == ("acme.mnist", "acme-gan/acme.mnist")
    assert (model.plugin.version, model.plugin.error) == ("0.1.0", "")
    rows = {row["model"]: row for row in json.loads(done("list", "--json"))}
    assert rows["acme.mnist"]["distribution"] == "acme-gan"
    assert "Goodfellow" in done("info", "acme")
    folder = tmp_path / "run"
    done("train", "acme", "--kimg", "0.04", "--batch", "8", "--out", folder, "--device", "cpu")
    gan = ganzoo.load(f"local-dir:{folder}")
    assert type(gan).__name__ == "AcmeGAN"
    assert gan.sample(3, seed=0).shape == (3, 1, 28, 28)
    lines = done("plugin", "check", "acme").splitlines()
    assert len(lines) > 15
    assert all(line.startswith("ok ") for line in lines)
    shutil.rmtree(installed)
    importlib.invalidate_caches()
    with pytest.raises(UnknownNameError):
        registry.resolve("acme")


def test_its_own_tests_pass(acme, installed, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(acme)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"\d+ passed", ran.stdout)
    assert "warning" not in ran.stdout


def refused(*arguments):
    """The one line in which the command says no, and its exit code."""
    result = run("plugin", "new", *arguments)
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    return line, result.exit_code


@pytest.mark.parametrize(
    "asked", ["Acme", "4all", "a_b", "a.b", "a/b", "a--b", "a-", "-gan", "", "é", "a b", "acme\n"]
)
def test_a_name_that_cannot_be_is_refused(asked, tmp_path):
    line, code = refused("--out", tmp_path / "new", "--", asked)
    assert code == 2
    assert "e.g. acme" in line
    assert not (tmp_path / "new").exists()
    with pytest.raises(ConfigError):
        scaffold.names(asked)


@pytest.mark.parametrize("form", ["{}", "{}-gan"])
def test_a_name_that_a_model_has_is_refused(form, tmp_path):
    taken = registry.discover()[0]
    line, code = refused("--out", tmp_path / "new", form.format(taken.name))
    assert code == 1
    for part in (taken.name, taken.distribution, taken.version, "ganzoo list"):
        assert part in line
    with pytest.raises(PluginError):
        scaffold.names(taken.name)


def test_a_name_that_a_package_has_is_refused(tmp_path, monkeypatch):
    (tmp_path / "taken_gan.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    line, code = refused("--out", tmp_path / "new", "taken")
    assert code == 1
    assert "taken_gan" in line


def test_a_folder_that_exists_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "zoo-gan"
    folder.mkdir()
    (folder / "mine").write_text("mine")
    line, code = refused("zoo")
    assert code == 1
    assert "zoo-gan exists" in line
    assert [path.name for path in folder.iterdir()] == ["mine"]


def test_the_folder_is_named_after_the_distribution(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = done("plugin", "new", "zoo")
    assert "zoo_gan/model.py" in written(tmp_path / "zoo-gan")
    assert 'pip install -e "./zoo-gan[test]" && ganzoo plugin check zoo' in shown


def test_writing_a_plugin_needs_no_torch(tmp_path):
    arguments = ["plugin", "new", "zoo", "--out", str(tmp_path / "zoo")]
    program = (
        "import sys\nfrom ganzoo.cli import app\n"
        f"app({arguments}, standalone_mode=False)\n"
        "assert not {'torch', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert (tmp_path / "zoo" / "zoo_gan" / "model.py").is_file()
