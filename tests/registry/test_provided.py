"""Data sets and extractors of plugins: found by name, under the rules that hold for models."""

import json
import subprocess
import sys
from importlib import invalidate_caches

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

import ganzoo
from ganzoo import registry
from ganzoo.cli import app
from ganzoo.data import load_data
from ganzoo.errors import DataError, PluginError, UnknownNameError
from ganzoo.evaluation.extractors import load_extractor
from ganzoo.metrics import FrechetDistance

SPECS = """
from ganzoo import DatasetSpec, ExtractorSpec

waves = DatasetSpec("{module}_rows:waves", "Sines.", "CC0-1.0", "https://example.org")
extractor = ExtractorSpec("{module}_rows:mean", "The mean.", "MIT", shape=(1, 32))
"""

ROWS = """
import torch
from ganzoo import Dataset
from ganzoo.errors import DataError
from ganzoo.evaluation.extractors import Features

def waves(split):
    if split == "test":
        raise DataError("data waves: there is no test split")
    return Dataset("waves", {"real": torch.sin(torch.arange(40.0).view(-1, 1, 1) / torch.ones(32))})

def images(split):
    pixels = torch.arange(12 * 10 * 8 * 3).remainder(256).to(torch.uint8)
    return Dataset("images", {"real": pixels.view(12, 10, 8, 3), "label": torch.arange(12) % 2})

def grey(split):
    return Dataset("grey", {"real": torch.full((3, 4, 4, 1), 7, dtype=torch.uint8)})

def pairs(split):
    return Dataset("pairs", {**images(split).columns, "mask": torch.ones(12, 1, 10, 8)})

def fails(split):
    raise ZeroDivisionError("one\\ntwo")

def nothing(split):
    return [split]

class mean(torch.nn.Module):
    def forward(self, samples):
        return Features(samples.flatten(1).mean(1, keepdim=True))
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Put a distribution where pip would: entry points, a module of specs, a module of rows."""
    monkeypatch.syspath_prepend(tmp_path)
    modules = []

    def write(distribution, points, specs=SPECS):
        module = distribution.replace("-", "_")
        modules.extend([module, f"{module}_rows"])
        (tmp_path / f"{module}.py").write_text(specs.format(module=module))
        (tmp_path / f"{module}_rows.py").write_text(ROWS)
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n"
        )
        (info / "entry_points.txt").write_text(
            "".join(
                f"[{kind.group}]\n{name} = {module}:{attribute}\n"
                for kind, name, attribute in points
            )
        )
        invalidate_caches()

    yield write
    for module in modules:
        sys.modules.pop(module, None)


def waves(name="waves"):
    return (registry.DATASETS, name, "waves")


def of(function):
    """A distribution's spec of a data set that a function of `ROWS` makes."""
    specs = "from ganzoo import DatasetSpec\nspec = DatasetSpec('{module}_rows:%s', 'A.', 'MIT')\n"
    return [(registry.DATASETS, function, "spec")], specs % function


def run(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


def test_a_data_set_of_a_plugin_is_listed_and_loaded(install):
    install("sea-dist", [waves()])
    for name in ("waves", "sea-dist/waves"):
        dataset = load_data(name, (1, 32))
        assert (dataset.name, len(dataset)) == (name, 40)
        assert dataset.columns["real"].shape == (40, 1, 32)
    rows = {row["data"]: row for row in json.loads(run("data", "list", "--json").stdout)}
    assert rows["waves"] == {
        "data": "waves",
        "provider": "sea-dist 1.0",
        "license": "CC0-1.0",
        "summary": "Sines.",
    }
    assert rows["mnist"]["provider"] == "ganzoo"
    assert "waves " in run("data", "list").stdout


def test_a_plugin_says_itself_which_splits_it_has(install):
    install("sea-dist", [waves()])
    with pytest.raises(DataError, match="there is no test split"):
        load_data("waves", (1, 32), "test")


def test_rows_that_are_no_images_must_have_the_shape(install):
    install("sea-dist", [waves()])
    with pytest.raises(DataError, match=r"data waves: its rows are \(1, 32\).* wants \(1, 16\)"):
        load_data("waves", (1, 16))
    with pytest.raises(DataError, match="wants"):
        load_data("waves", (3, 32, 32))


def test_images_are_brought_to_the_size_of_the_model(install):
    install("image-dist", *of("images"))
    whole = load_data("images", (3, 10, 8))
    assert torch.equal(whole.columns["real"][0, 0, 0], torch.tensor([0, 1, 2], dtype=torch.uint8))
    for shape in ((3, 4, 4), (1, 10, 8), (1, 16, 16)):
        scaled = load_data("images", shape)
        assert tuple(scaled.rows(torch.arange(2))["real"].shape[1:]) == shape
        assert torch.equal(scaled.columns["label"], whole.columns["label"])


def test_grey_images_become_red_green_and_blue(install):
    install("grey-dist", *of("grey"))
    assert np.unique(load_data("grey", (3, 8, 8)).columns["real"]).tolist() == [7]


def test_masks_cannot_follow(install):
    install("pair-dist", *of("pairs"))
    assert load_data("pairs", (3, 10, 8)).columns["mask"].shape == (12, 1, 10, 8)
    with pytest.raises(DataError, match=r"mask cannot follow: set the model's size"):
        load_data("pairs", (3, 8, 8))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("fails", "plugin odd-dist/fails 1.0: ZeroDivisionError: one two"),
        ("nothing", "gives list, not a Dataset"),
        ("missing", "cannot import odd_dist_rows:missing"),
    ],
)
def test_what_a_plugin_gets_wrong_is_one_line(install, function, words):
    install("odd-dist", *of(function))
    with pytest.raises(PluginError) as caught:
        load_data(function, (3, 8, 8))
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_model_is_trained_on_it_and_the_run_says_so(install, tmp_path):
    install("image-dist", *of("images"))
    settings = ("--set", "size=8", "--set", "hidden=8,8", "--set", "channels=3")
    options = ("--kimg", "0.02", "--batch", "4", "--device", "cpu")
    result = run(
        "train", "vanilla", "--data", "images", *settings, *options, "--out", tmp_path / "r"
    )
    assert result.exit_code == 0, result.output
    config = json.loads((tmp_path / "r" / "config.json").read_text())
    assert config["recipe"]["data"] == "images"
    assert ganzoo.load(f"local-dir:{tmp_path / 'r'}").sample(2, seed=0).shape == (2, 3, 8, 8)


def test_names_of_ours_stay_ours(install):
    install("sea-dist", [waves("mnist")])
    assert load_data("mnist", (1, 28, 28), "test").columns["label"].shape == (10_000,)
    assert load_data("sea-dist/mnist", (1, 32)).columns["real"].shape == (40, 1, 32)
    result = run("data", "list")
    assert "the name 'mnist' means ganzoo's own: write sea-dist/mnist" in result.stderr
    assert "\nsea-dist/mnist " in result.stdout


def test_a_name_that_two_claim_is_refused(install):
    install("one-dist", [waves()])
    install("two-dist", [waves()])
    with pytest.raises(PluginError, match="one-dist/waves and two-dist/waves: write one"):
        load_data("waves", (1, 32))
    assert len(load_data("two-dist/waves", (1, 32))) == 40
    assert "one-dist/waves and two-dist/waves" in run("data", "list").stderr


@pytest.mark.parametrize(
    ("asked", "answer"),
    [("wave", "did you mean waves?"), ("mnits", "did you mean mnist"), ("xyz", "ganzoo data list")],
)
def test_a_name_that_does_not_exist_is_answered_with_those_that_do(install, asked, answer):
    install("sea-dist", [waves()])
    with pytest.raises(UnknownNameError, match=answer.replace("?", r"\?")):
        load_data(asked, (1, 32))


BROKEN = {
    "import error": ("import no_such_package", "'no_such_package' installed?"),
    "exit": ("raise SystemExit(3)", "SystemExit: 3"),
    "syntax error": ("def", "SyntaxError"),
    "spec of another kind": (
        "from ganzoo import ExtractorSpec\nwaves = ExtractorSpec('a:b', 'A.', 'MIT')",
        "ExtractorSpec, not a DatasetSpec",
    ),
    "newer api": (
        "from ganzoo import DatasetSpec\nwaves = DatasetSpec('a:b', 'A.', 'MIT', api=99)",
        "upgrade ganzoo",
    ),
    "no function": (
        "from ganzoo import DatasetSpec\nwaves = DatasetSpec('a.b', 'A.', 'MIT')",
        "not written 'package.module:function'",
    ),
}


@pytest.mark.parametrize(("specs", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_one_is_named_and_stops_nobody(install, specs, reason):
    before = run("data", "list").stdout
    install("broken-dist", [waves()], specs.replace("{", "{{"))
    result = run("data", "list")
    assert (result.exit_code, result.stdout) == (0, before)
    (line,) = result.stderr.splitlines()
    for part in ("plugin broken-dist/waves 1.0 is broken", reason, "pip uninstall broken-dist"):
        assert part in line
    with pytest.raises(PluginError, match="pip uninstall broken-dist"):
        load_data("waves", (1, 32))


def test_the_environment_says_which_there_are(install, monkeypatch):
    install("sea-dist", [waves(), (registry.EXTRACTORS, "mean", "extractor")])
    kinds = (registry.DATASETS, registry.EXTRACTORS)
    for wanted, found in {
        "": [],
        "waves": ["waves"],
        "mean, vanilla": ["mean"],
        "sea-dist": ["waves", "mean"],
        "sea-dist/waves": ["waves"],
    }.items():
        monkeypatch.setenv("GANZOO_PLUGINS", wanted)
        plugins = [plugin for kind in kinds for plugin in registry.installed(kind)]
        assert [plugin.name for plugin in plugins if plugin.distribution == "sea-dist"] == found


def test_listing_data_imports_no_torch():
    program = (
        "import sys\nfrom ganzoo.cli import app\n"
        "app(['data', 'list'], standalone_mode=False)\n"
        "assert not {'torch', 'numpy', 'PIL'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def test_an_extractor_is_found_and_built(install):
    install("sea-dist", [(registry.EXTRACTORS, "mean", "extractor")])
    for name in ("mean", "sea-dist/mean"):
        plugin, spec = registry.find_plugin(registry.EXTRACTORS, name)
        network = registry.import_object(plugin, spec.build)()
        assert (spec.shape, plugin.provider) == ((1, 32), "sea-dist 1.0")
        assert network(torch.ones(2, 1, 32)).rows.tolist() == [[1.0], [1.0]]
    with pytest.raises(UnknownNameError, match=r"no extractor 'men': did you mean mean\?"):
        registry.find_plugin(registry.EXTRACTORS, "men")


def test_an_extractor_of_a_plugin_scores_and_is_listed(install):
    install("sea-dist", [(registry.EXTRACTORS, "mean", "extractor")])
    rows = torch.rand(20, 1, 32, generator=torch.Generator().manual_seed(0))
    real, fake = ganzoo.Dataset("rows", {"real": rows}), ganzoo.Dataset("more", {"real": rows + 1})
    for name in ("mean", "sea-dist/mean"):
        network = load_extractor(name)
        assert (network.name, network.shape, network.sha256) == (name, (1, 32), "")
        metric = FrechetDistance(feature=network)
        metric.update(real.columns["real"], real=True)
        metric.update(fake.columns["real"], real=False)
        assert float(metric.compute()) == pytest.approx(1, rel=1e-3)
    listed = run("protocols").stdout
    assert "sea-dist 1.0" in listed
    assert "lenet-mnist" in listed


def test_an_extractor_that_is_none_is_named(install):
    specs = SPECS.replace(":mean", ":absent")
    install("sea-dist", [(registry.EXTRACTORS, "mean", "extractor")], specs)
    with pytest.raises(PluginError, match="cannot import sea_dist_rows:absent"):
        load_extractor("mean")
    with pytest.raises(UnknownNameError, match="did you mean mean"):
        load_extractor("meen")
