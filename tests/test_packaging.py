"""One wheel holds the core and every first-party plugin, and each plugin folder is a template."""

import importlib
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from packaging.requirements import Requirement
from packaging.version import Version
from PIL import Image

import ganzoo
from ganzoo import registry

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
PLUGINS = sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))

each_plugin = pytest.mark.parametrize("folder", PLUGINS, ids=lambda folder: folder.name)


def read(folder):
    return tomllib.loads((folder / "pyproject.toml").read_text())


def entries(project, group=registry.MODELS.group):
    return project["entry-points"].get(group, {})


def built(folder, out):
    """The files of the wheel that a folder builds, by name."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    (path,) = out.glob("*.whl")
    return path


def test_there_are_plugins():
    assert len(PLUGINS) == len(list(ROOT.glob("plugins/*/ganzoo_*/__init__.py"))) >= 3


@pytest.mark.parametrize(
    "group", [kind.group for kind in (registry.MODELS, registry.DATASETS, registry.EXTRACTORS)]
)
def test_the_root_offers_what_all_plugins_offer(group):
    together = {}
    for folder in PLUGINS:
        assert not together.keys() & entries(read(folder)["project"], group).keys()
        together |= entries(read(folder)["project"], group)
    assert entries(read(ROOT)["project"], group) == together


def sync(*arguments):
    return subprocess.run(
        [sys.executable, str(ROOT / "plugins" / "sync.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_root_lists_every_plugin():
    done = sync("--check")
    assert done.returncode == 0, done.stderr


def test_a_new_plugin_needs_its_folder_alone(tmp_path):
    """One command lists it wherever the root names plugins."""
    for name in ("plugins", "pyproject.toml"):
        (shutil.copytree if name == "plugins" else shutil.copyfile)(ROOT / name, tmp_path / name)
    shutil.copytree(tmp_path / "plugins" / "vanilla", tmp_path / "plugins" / "echo")
    file = tmp_path / "plugins" / "echo" / "pyproject.toml"
    file.write_text(file.read_text().replace("vanilla", "echo"))
    command = [sys.executable, str(tmp_path / "plugins" / "sync.py")]
    assert subprocess.run([*command, "--check"], check=False, capture_output=True).returncode == 1
    subprocess.run(command, check=True)
    root = read(tmp_path)
    assert entries(root["project"])["echo"] == "ganzoo_echo:spec"
    shipped = root["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert "plugins/echo/ganzoo_echo" in shipped
    contract = root["tool"]["importlinter"]["contracts"][1]
    for names in (root["tool"]["importlinter"]["root_packages"], contract["forbidden_modules"]):
        assert "ganzoo_echo" in names
    assert any(path.endswith("/plugins/echo") for path in root["tool"]["mypy"]["mypy_path"])
    assert subprocess.run([*command, "--check"], check=False).returncode == 0


def test_what_is_installed_is_what_the_root_offers():
    found = {
        plugin.name
        for plugin in registry.discover()
        if plugin.distribution == registry.OWN_DISTRIBUTION
    }
    assert found == set(entries(read(ROOT)["project"]))


@each_plugin
def test_the_root_ships_the_package_of_each_plugin(folder):
    (package,) = read(folder)["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    shipped = read(ROOT)["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert f"plugins/{folder.name}/{package}" in shipped
    for value in entries(read(folder)["project"]).values():
        assert value.partition(":")[0] == package


@each_plugin
def test_each_plugin_is_a_distribution_of_its_own(folder):
    project = read(folder)["project"]
    names = entries(project)
    assert folder.name in names
    assert project["name"] == f"ganzoo-{folder.name}"
    assert Version(project["version"])
    for name in names:
        assert project["license"] == registry.resolve(name).spec.license
    assert (folder / project["readme"]).is_file()
    assert [Requirement(each).name for each in project["dependencies"]] == ["ganzoo-core"]
    assert list((folder / "tests").glob("test_*.py"))


@pytest.mark.parametrize("folder", [ROOT, *PLUGINS], ids=lambda folder: folder.name)
def test_dependencies_have_lower_bounds_and_no_others(folder):
    content = read(folder)
    project = content["project"]
    extras = project.get("optional-dependencies", {})
    texts = [*content["build-system"]["requires"], *project["dependencies"]]
    texts += [text for extra in extras.values() for text in extra]
    for text in texts:
        assert [each.operator for each in Requirement(text).specifier] == [">="], text
    python = Requirement(f"python {project['requires-python']}").specifier
    assert [each.operator for each in python] == [">="]


def test_the_plugins_ask_for_a_core_that_there_is():
    core = Version(read(ROOT)["project"]["version"])
    for folder in PLUGINS:
        (text,) = read(folder)["project"]["dependencies"]
        assert Requirement(text).specifier.contains(core)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    with zipfile.ZipFile(built(ROOT, tmp_path_factory.mktemp("wheel"))) as archive:
        yield archive


def test_the_wheel_holds_core_assets_and_plugins(wheel):
    names = set(wheel.namelist())
    wanted = {
        "ganzoo/__init__.py",
        "ganzoo/py.typed",
        "ganzoo/data/assets/mnist.npz",
        "ganzoo/evaluation/extractors/assets/lenet-mnist.safetensors",
    }
    for folder in PLUGINS:
        for file in folder.glob("ganzoo_*/*"):
            if file.is_file():
                wanted.add(file.relative_to(folder).as_posix())
    assert {name.rpartition("/")[2] for name in wanted} >= {"py.typed", "model.py"}
    assert wanted <= names
    sizes = {info.filename: info.file_size for info in wheel.infolist()}
    for file in (ROOT / "ganzoo").rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            assert sizes[file.relative_to(ROOT).as_posix()] == file.stat().st_size


def test_the_wheel_holds_nothing_else(wheel):
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    packages = {path.name for path in ROOT.glob("plugins/*/ganzoo_*") if path.is_dir()}
    (info,) = tops - packages - {"ganzoo"}
    assert info.endswith(".dist-info")
    strange = ("tests/", "/test_", "conftest", "__pycache__", ".pyc", "benchmarks/", "docs/")
    assert [name for name in wheel.namelist() if any(each in name for each in strange)] == []


def test_the_wheel_says_who_it_is(wheel):
    (metadata,) = (name for name in wheel.namelist() if name.endswith("dist-info/METADATA"))
    lines = wheel.read(metadata).decode().splitlines()
    assert "Name: ganzoo-core" in lines
    assert f"Version: {read(ROOT)['project']['version']}" in lines
    assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())
    (points,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    text = wheel.read(points).decode()
    assert "ganzoo = ganzoo.cli:main" in text
    for name, value in entries(read(ROOT)["project"]).items():
        assert f"{name} = {value}" in text


@pytest.fixture
def echo(tmp_path, monkeypatch):
    """``plugins/vanilla`` copied, renamed to echo, built, and unpacked onto sys.path."""
    folder = tmp_path / "ganzoo-echo"
    shutil.copytree(
        ROOT / "plugins" / "vanilla", folder, ignore=shutil.ignore_patterns("__pycache__", ".*")
    )
    (folder / "ganzoo_vanilla").rename(folder / "ganzoo_echo")
    for file in folder.rglob("*"):
        if file.suffix in (".py", ".toml", ".md"):
            text = file.read_text()
            file.write_text(text.replace("vanilla", "echo").replace("Vanilla", "Echo"))
    site = tmp_path / "site"
    with zipfile.ZipFile(built(folder, tmp_path / "dist")) as archive:
        archive.extractall(site)
    monkeypatch.syspath_prepend(site)
    importlib.invalidate_caches()
    yield site
    for name in ("ganzoo_echo", "ganzoo_echo.model"):
        sys.modules.pop(name, None)


def test_a_copied_and_renamed_plugin_trains(echo, tmp_path):
    assert {path.name for path in echo.iterdir()} == {
        "ganzoo_echo",
        f"ganzoo_echo-{read(ROOT / 'plugins' / 'vanilla')['project']['version']}.dist-info",
    }
    model = registry.resolve("echo")
    assert model.plugin.distribution == "ganzoo-echo"
    assert registry.resolve("vanilla").plugin.distribution == registry.OWN_DISTRIBUTION
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 8), dtype=np.uint8)
    (tmp_path / "images").mkdir()
    for number, image in enumerate(pixels):
        Image.fromarray(image).save(tmp_path / "images" / f"{number}.png")
    outcome = ganzoo.train(
        "echo",
        data=f"folder:{tmp_path / 'images'}",
        settings={"size": "8", "hidden": "8,8"},
        kimg=0.02,
        batch=4,
        out=tmp_path / "run",
        device="cpu",
    )
    assert outcome.images == 5 * 4
    gan = ganzoo.load(f"local-dir:{tmp_path / 'run'}")
    assert type(gan).__module__ == "ganzoo_echo.model"
    assert gan.sample(3, seed=0).shape == (3, 1, 8, 8)
