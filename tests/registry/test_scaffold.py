"""A plugin that `ganzoo plugin new` wrote works as it is: packed, installed, listed, trained."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version
from typer.testing import CliRunner
from walk import Environment

import ganzoo
from ganzoo import registry
from ganzoo.cli import app
from ganzoo.errors import ConfigError, PluginError
from ganzoo.registry import scaffold
from ganzoo.testing import REQUIREMENTS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
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


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """Run a command in a new virtual environment, which sees what is installed for these tests."""
    environment = Environment(tmp_path_factory.mktemp("fresh"))

    def done(command, *arguments, code=0):
        ran = environment(command, *arguments)
        assert ran.returncode == code, ran.stdout
        return ran.stdout

    return done


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


@pytest.mark.slow
def test_a_stranger_installs_lists_trains_benches_checks_and_removes_it(acme, fresh, tmp_path):
    """In a new environment, with pip, as its README says; only the network is left out."""
    fresh("pip install -e", acme)
    rows = {row["model"]: row for row in json.loads(fresh("ganzoo list acme --json"))}
    assert list(rows) == ["acme.mnist"]
    assert rows["acme.mnist"]["distribution"] == "acme-gan"
    assert (rows["acme.mnist"]["version"], rows["acme.mnist"]["editable"]) == ("0.1.0", True)
    told = fresh("ganzoo info acme")
    for part in ("Goodfellow", "acme-gan 0.1.0 (editable)", "units of each hidden layer"):
        assert part in told
    short = "--kimg 0.04 --batch 8 --device cpu"
    fresh(f"ganzoo train acme {short} --out", tmp_path / "run")
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert (config["distribution"], config["editable"]) == ("acme-gan", True)
    assert "acme-gan 0.1.0 (editable)" in (tmp_path / "run" / "README.md").read_text()
    small = "--budget 1s -n 64 --protocol quick"
    fresh(f"ganzoo bench acme {small} --out", tmp_path / "bench")
    (row,) = map(json.loads, (tmp_path / "bench" / "rows.jsonl").read_text().splitlines())
    assert (row["model"], row["distribution"], row["editable"]) == ("acme.mnist", "acme-gan", True)
    assert row["error"] == ""
    assert row["values"]
    fresh("pip uninstall -y acme-gan")
    assert "no model that matches '*acme*'" in fresh("ganzoo list acme", code=2)
    assert "acme" not in fresh("ganzoo list")
    told = fresh("ganzoo sample", f"local-dir:{tmp_path / 'run'}", code=1)
    assert "acme.mnist needs a plugin that is not installed: pip install acme-gan" in told


@pytest.mark.slow
def test_a_stranger_checks_and_tests_what_is_installed_from_a_wheel(acme, fresh):
    fresh("pip install", acme)
    (row,) = json.loads(fresh("ganzoo list acme --json"))
    assert row["editable"] is False
    lines = fresh("ganzoo plugin check acme").splitlines()
    assert [line.split()[:2] for line in lines] == [["ok", each.name] for each in REQUIREMENTS]
    shown = fresh("pytest -p no:cacheprovider", acme)
    assert re.search(r"\d+ passed", shown)
    assert "warning" not in shown
    fresh("pip uninstall -y acme-gan")


KEYS = {
    "widht=3": "no key 'widht': did you mean width",
    "width=wide": "width=wide: expected a whole number",
    "width=0": "width=0: must be at least 1",
    "lr=1e-3": "did you mean optimizer.lr",
    "optimizers.discriminator.lrr=1": "did you mean optimizers.discriminator.lr",
    "optimizers.discriminator.lr=-1": "optimizers.discriminator.lr=-1.0: must be above 0",
}


@pytest.mark.parametrize(("setting", "answer"), KEYS.items(), ids=KEYS.keys())
def test_its_config_gives_the_keys_of_set_and_refuses_in_one_line(
    acme, monkeypatch, setting, answer
):
    info = acme / "acme_gan-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-gan\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[ganzoo.models]\nacme = acme_gan:spec\n")
    monkeypatch.syspath_prepend(acme)
    result = run("train", "acme", "--dry-run", "--set", setting)
    shutil.rmtree(info)
    sys.modules.pop("acme_gan")
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert answer in line


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
    assert "pip install -e './zoo-gan[test]' && ganzoo plugin check zoo" in shown


def test_writing_a_plugin_needs_no_torch(tmp_path):
    arguments = ["plugin", "new", "zoo", "--out", str(tmp_path / "zoo")]
    program = (
        "import sys\nfrom ganzoo.cli import app\n"
        f"app({arguments}, standalone_mode=False)\n"
        "assert not {'torch', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert (tmp_path / "zoo" / "zoo_gan" / "model.py").is_file()
