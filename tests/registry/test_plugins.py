"""Plugins are found, resolved and reported: held against distributions that lie on sys.path."""

import importlib
import json
import sys
from dataclasses import replace
from importlib.metadata import version

import pytest
from typer.testing import CliRunner

from ganzoo import registry
from ganzoo.cli import app
from ganzoo.errors import PluginError, UnknownNameError

SPEC = """
from dataclasses import dataclass, replace
from ganzoo import ModelConfig, ModelSpec, Paper, Preset, Recipe

@dataclass(frozen=True)
class Config(ModelConfig):
    width: int = 8

spec = ModelSpec(
    model="{module}.model:Toy",
    summary="A toy of {distribution}.",
    paper=Paper("Nobody et al.", 2020, "Toys", "https://example.org"),
    license="MIT",
    presets={{
        "small": Preset(Config(), Recipe(data="mnist", kimg=1)),
        "large": Preset(Config(64), Recipe(data="mnist", kimg=2)),
    }},
)
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Put a distribution with one entry point where pip would: a module and its dist-info.

    Returns a function of the distribution's name, the entry point's name, and either the source of
    the whole module or what is to be appended to a spec that works.
    """
    monkeypatch.syspath_prepend(tmp_path)
    modules = []

    def write(distribution, name="toy", *, source=None, extra="", value="{module}:spec", kind=None):
        module = distribution.replace("-", "_")
        modules.append(module)
        if source is None:
            source = SPEC.format(module=module, distribution=distribution) + extra
        (tmp_path / f"{module}.py").write_text(source)
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n"
        )
        entry = f"{name} = {value.format(module=module)}"
        group = (kind or registry.MODELS).group
        (info / "entry_points.txt").write_text(f"[{group}]\n{entry}\n")
        (info / "RECORD").write_text(f"{module}.py,,\n{info.name}/METADATA,,\n")
        importlib.invalidate_caches()
        return info

    yield write
    for module in modules:
        sys.modules.pop(module, None)


def run(*arguments):
    return CliRunner().invoke(app, arguments)


def found(distribution):
    (plugin,) = (each for each in registry.discover() if each.distribution == distribution)
    return plugin


def test_first_party_plugins_are_found_with_distribution_and_version():
    plugins = {plugin.name: plugin for plugin in registry.discover()}
    for name in ("dcgan", "vanilla", "wgan-gp"):
        assert plugins[name].distribution == "ganzoo-core"
        assert plugins[name].version == version("ganzoo-core")
        assert plugins[name].qualified == f"ganzoo-core/{name}"
        assert plugins[name].spec is not None
        assert plugins[name].error == ""


def test_plugins_are_sorted_by_name(install):
    install("aardvark-dist", "zebra")
    install("zoo-dist", "aardvark")
    names = [plugin.name for plugin in registry.discover()]
    assert names == sorted(names)


def test_a_plugin_of_a_stranger_appears_and_resolves(install):
    with pytest.raises(UnknownNameError):
        registry.resolve("toy")
    install("toy-dist")
    assert found("toy-dist").version == "1.0"
    model = registry.resolve("toy")
    assert (model.name, model.qualified) == ("toy.small", "toy-dist/toy.small")
    assert model.preset.config.width == 8
    assert registry.resolve("toy.large").preset.config.width == 64
    assert registry.resolve("toy-dist/toy.large").name == "toy.large"
    assert registry.resolve("toy-dist/toy").name == "toy.small"
    rows = {row["model"]: row for row in json.loads(run("list", "--json").stdout)}
    assert rows["toy.large"]["distribution"] == "toy-dist"
    assert rows["toy.large"]["version"] == "1.0"


def test_a_bare_architecture_means_its_first_preset():
    for plugin in registry.discover():
        assert registry.resolve(plugin.name).preset_name == next(iter(plugin.spec.presets))


BROKEN = {
    "import error": ({"source": "from ganzoo import no_such_thing"}, "no_such_thing"),
    "missing dependency": ({"source": "import no_such_package"}, "'no_such_package' installed?"),
    "exit at import": ({"source": "raise SystemExit(3)"}, "SystemExit: 3"),
    "error at import": ({"source": "raise ValueError('one\\n\\ntwo')"}, "ValueError: one"),
    "syntax error": ({"source": "def"}, "SyntaxError"),
    "no such module": ({"value": "no_such_module:spec"}, "no_such_module"),
    "no such object": ({"value": "{module}:no_such_spec"}, "no_such_spec"),
    "no spec": ({"source": "spec = 3"}, "int, not a ModelSpec"),
    "newer api": ({"extra": "spec = replace(spec, api=99)"}, "upgrade ganzoo"),
    "older api": (
        {"extra": "spec = replace(spec, api=1)"},
        "it speaks api 1, this ganzoo speaks api 2: upgrade the plugin",
    ),
    "import of an older api": (
        {"source": "from ganzoo.config import require_positive"},
        "speaks another api, this ganzoo speaks api 2: upgrade the plugin",
    ),
    "config of an older api": (
        {"extra": "spec = replace(spec, presets={'a': Preset(object(), Recipe('mnist', 1))})"},
        "no ganzoo.ModelConfig",
    ),
    "no preset": ({"extra": "spec = replace(spec, presets={})"}, "no preset"),
    "talk and an error": ({"source": "print('loud'); raise Warning('soon')"}, "Warning: soon"),
    "dot in its name": ({"name": "a.b"}, "'.'"),
    "api of another type": ({"extra": "spec = replace(spec, api='1')"}, "api"),
    "model of another type": ({"extra": "spec = replace(spec, model=Config)"}, "model"),
    "preset of another type": ({"extra": "spec = replace(spec, presets={'a': 3})"}, "preset"),
    "presets of another type": ({"extra": "spec = replace(spec, presets=['a'])"}, "preset"),
    "no recipe": (
        {"extra": "spec = replace(spec, presets={'a': Preset(Config(), None)})"},
        "recipe",
    ),
}

each_broken = pytest.mark.parametrize(("fault", "reason"), BROKEN.values(), ids=BROKEN.keys())


@each_broken
def test_a_broken_plugin_is_a_row_with_its_reason(install, fault, reason):
    install("broken-dist", **fault)
    plugin = found("broken-dist")
    assert plugin.spec is None
    assert plugin.version == "1.0"
    assert reason.lower() in plugin.error.lower()
    assert len(plugin.error.splitlines()) == 1


@each_broken
def test_a_broken_plugin_does_not_stop_the_list(install, fault, reason):
    before = run("list").stdout
    install("broken-dist", **fault)
    result = run("list")
    assert result.exit_code == 0
    assert result.stdout == before
    (line,) = (each for each in result.stderr.splitlines() if each != "loud")
    for part in ("broken-dist", "1.0", reason, "repair it, or `pip uninstall broken-dist`"):
        assert part.lower() in line.lower()
    listed = run("list", "--json")
    assert listed.exit_code == 0
    assert "vanilla.mnist" in {row["model"] for row in json.loads(listed.stdout)}


def test_a_broken_plugin_leaves_its_neighbours_alone(install):
    install("broken-dist", "broken", source="raise SystemExit")
    install("toy-dist")
    assert registry.resolve("toy").plugin.distribution == "toy-dist"
    assert {model.name for model in registry.models("toy")} == {"toy.small", "toy.large"}


@pytest.mark.parametrize("command", ["info", "train", "bench"])
def test_a_broken_plugin_that_is_asked_for_is_an_error_that_says_what_to_do(install, command):
    install("broken-dist", "broken", source="import no_such_package")
    result = run(command, "broken")
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    for part in ("broken-dist/broken", "1.0", "no_such_package", "pip uninstall broken-dist"):
        assert part in line


def test_a_name_that_two_strangers_claim_is_an_error_that_names_both(install):
    install("one-dist")
    install("other-dist")
    for name in ("toy", "toy.small"):
        with pytest.raises(PluginError, match="one-dist/toy and other-dist/toy"):
            registry.resolve(name)
    assert registry.resolve("one-dist/toy").plugin.distribution == "one-dist"
    assert registry.resolve("other-dist/toy.large").plugin.distribution == "other-dist"
    listed = run("list", "toy.*")
    assert listed.stdout.count("toy.small") == 2
    assert "one-dist/toy and other-dist/toy: write one of these in full" in listed.stderr
    result = run("info", "toy")
    assert result.exit_code == 1
    assert "one-dist/toy and other-dist/toy" in result.stderr


def test_a_stranger_cannot_take_a_name_of_ours(install):
    install("aaa-dist", "vanilla")
    assert registry.resolve("vanilla").plugin.distribution == "ganzoo-core"
    assert registry.resolve("vanilla.mnist").plugin.distribution == "ganzoo-core"
    with pytest.raises(UnknownNameError):
        registry.resolve("vanilla.small")
    assert registry.resolve("aaa-dist/vanilla").name == "vanilla.small"
    listed = run("list")
    assert listed.exit_code == 0
    assert "'vanilla' means ganzoo's own: write aaa-dist/vanilla" in listed.stderr
    assert len(listed.stderr.splitlines()) == 1


SECOND = "import time\ntime.sleep(0.4)\n"


def test_a_slow_plugin_is_named(install):
    """It is the import that is timed."""
    install("slow-dist", "slow", extra=SECOND)
    slow = found("slow-dist")
    assert 0.4 <= slow.seconds < 2
    assert slow.complaint == ""
    assert replace(slow, seconds=2.4).complaint == (
        "plugin slow-dist/slow 1.0 took 2.4 s to import:"
        " tell its author that a spec must import no torch"
    )


def test_what_is_installed_in_place_is_said_to_be(install):
    """As pip writes it down (PEP 610); a damaged record is no reason to fail."""
    for name, record in {
        "edited": '{"url": "file:///somewhere", "dir_info": {"editable": true}}',
        "copied": '{"url": "file:///somewhere", "dir_info": {}}',
        "damaged": "{",
        "odd": "[3]",
        "fetched": None,
    }.items():
        info = install(f"{name}-dist", name)
        if record:
            (info / "direct_url.json").write_text(record)
        assert found(f"{name}-dist").editable is (name == "edited")
    rows = {row["model"]: row for row in json.loads(run("list", "--json").stdout)}
    assert [rows[f"{each}.small"]["editable"] for each in ("edited", "copied")] == [True, False]
    assert "edited-dist 1.0 (editable)" in run("list").stdout
    assert "copied-dist 1.0 " in run("info", "copied").stdout.replace("\n", " ")


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("", []),
        ("vanilla", ["vanilla"]),
        ("toy,dcgan", ["dcgan", "toy"]),
        (" toy , vanilla ", ["toy", "vanilla"]),
        ("toy-dist/toy", ["toy"]),
    ],
)
def test_the_environment_says_which_plugins_there_are(install, monkeypatch, wanted, names):
    install("toy-dist")
    monkeypatch.setenv("GANZOO_PLUGINS", wanted)
    assert [plugin.name for plugin in registry.discover()] == names
    result = run("list", "--json")
    assert result.exit_code == 0
    assert {row["model"].partition(".")[0] for row in json.loads(result.stdout)} == set(names)


def test_a_plugin_that_is_not_wanted_is_not_even_imported(install, monkeypatch):
    install("toy-dist")
    monkeypatch.setenv("GANZOO_PLUGINS", "vanilla")
    registry.discover()
    assert "toy_dist" not in sys.modules


def test_no_plugins_make_every_name_unknown(monkeypatch):
    monkeypatch.setenv("GANZOO_PLUGINS", "")
    with pytest.raises(UnknownNameError, match="there is none"):
        registry.resolve("vanilla")


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("vanila", "did you mean vanilla?"),
        ("wgn", "did you mean wgan"),
        ("vanilla.mnst", "did you mean vanilla.mnist?"),
        ("dcgan.cifar", "did you mean dcgan.cifar10"),
        ("ganzoo-core/vanila", "did you mean ganzoo-core/vanilla"),
        ("xyzzy", "there is "),
        ("vanilla.xyzzy", "vanilla.mnist"),
    ],
)
def test_a_name_that_does_not_exist_is_answered_with_those_that_do(asked, answer):
    with pytest.raises(UnknownNameError) as caught:
        registry.resolve(asked)
    message = str(caught.value)
    assert repr(asked) in message
    assert answer in message
    assert "`ganzoo list`" in message


def matched(*patterns):
    return [model.name for model in registry.match(list(patterns))]


def test_match_takes_names_and_globs_in_the_order_asked(install):
    install("toy-dist")
    assert matched("toy") == ["toy.small"]
    assert matched("toy*") == ["toy.small", "toy.large"]
    assert matched("toy.?arge") == ["toy.large"]
    assert matched("toy-dist/*") == ["toy.small", "toy.large"]
    assert matched("vanilla", "toy.large") == ["vanilla.mnist", "toy.large"]
    assert matched("toy.large", "vanilla") == ["toy.large", "vanilla.mnist"]
    assert set(matched("*.mnist")) >= {"dcgan.mnist", "vanilla.mnist", "wgan-gp.mnist"}
    assert "toy.small" not in matched("*.mnist")


def test_match_gives_each_model_once(install):
    install("toy-dist")
    assert matched("toy", "toy.small", "toy*", "toy-dist/toy") == ["toy.small", "toy.large"]


@pytest.mark.parametrize("pattern", ["no-such-*", "no-such"])
def test_match_refuses_what_matches_nothing(pattern):
    with pytest.raises(UnknownNameError, match=r"no-such.*there is .*ganzoo list"):
        registry.match(["vanilla", pattern])


def test_list_shows_what_a_word_without_glob_is_part_of():
    """``ganzoo list van`` is no dead end: it lists what the word is part of."""
    result = run("list", "van")
    assert result.exit_code == 0
    assert "vanilla.mnist" in result.stdout
    assert "dcgan" not in result.stdout
