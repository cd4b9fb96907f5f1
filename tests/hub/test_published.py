"""Weights that others published: fetched from a server on this machine, converted once."""

from __future__ import annotations

import errno
import hashlib
import io
import os
from dataclasses import replace

import file_server
import pytest
import torch

import ganzoo
from ganzoo import Weights, hub, registry
from ganzoo.errors import ConfigError, UsageError, WeightsError
from ganzoo.gan import build
from ganzoo.hub import find_folder
from ganzoo.hub.conversion import Converted, ForeignState, rename
from ganzoo.runtime.progress import showing
from ganzoo.training import plan

# urllib leaves the socket of a failed download to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

CONVERTER = f"{__name__.rpartition('.')[2]}:official"


def official(state: ForeignState) -> Converted | None:
    """Converter of a program that calls vanilla's generator ``net``, and has a discriminator."""
    tensors = state.part("generator.")
    if not any(name.startswith("net.") for name in tensors):
        return None
    config = registry.resolve("vanilla").preset.config
    critic = state.part("critic.")
    rest = {f"discriminator.{name}": value for name, value in critic.items()}
    return Converted(config, rename(tensors, [(r"net\.(.*)", r"\1")], "a toy"), rest)


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """An empty cache, and this module by its name."""
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "cache"))
    monkeypatch.syspath_prepend(__file__.rpartition("/")[0])
    monkeypatch.setattr("ganzoo.hub.url_download.time.sleep", lambda seconds: None)
    for name in ("http_proxy", "https_proxy", "all_proxy", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server():
    with file_server.serving() as running:
        yield running


@pytest.fixture(scope="module")
def gan():
    torch.manual_seed(5)
    return build(registry.resolve("vanilla"))


@pytest.fixture
def data(gan):
    """The published file."""
    generator = {f"net.{name}": value for name, value in gan.generator.state_dict().items()}
    written = io.BytesIO()
    critic = gan.discriminator.state_dict()
    torch.save({"generator": generator, "critic": critic, "steps": 3}, written)
    return written.getvalue()


def model(server, data, path="/generator.pt", **changes):
    """vanilla with published weights."""
    server.files[path] = data
    facts = {"license": "MIT", "converter": CONVERTER, "url": f"{server.url}{path}"}
    weights = Weights(**{"sha256": hashlib.sha256(data).hexdigest(), **facts, **changes})
    found = registry.resolve("vanilla")
    preset = replace(found.preset, weights=weights)
    spec = replace(found.spec, presets={"mnist": preset}, converters=(CONVERTER,))
    return replace(found, spec=spec)


def cached(tmp_path):
    """Files and folders in the cache."""
    return sorted(path.name for path in (tmp_path / "cache").rglob("*") if path.is_file())


def test_a_published_file_is_converted_once(server, data, gan, tmp_path):
    published = model(server, data)
    first = ganzoo.load(published)
    assert torch.equal(first.sample(3, seed=0), gan.sample(3, seed=0))
    server.requests.clear()
    second = ganzoo.load(published)
    assert server.requests == []
    assert torch.equal(second.sample(3, seed=0), gan.sample(3, seed=0))
    assert cached(tmp_path) == ["config.json", "discriminator.safetensors", "model.safetensors"]


def test_origin_and_license_are_kept_with_the_weights(server, data):
    from ganzoo.hub import run_config

    published = model(server, data, origin="https://example.org/paper")
    origin = run_config(published).origin
    assert origin["license"] == "MIT"
    assert origin["origin"] == "https://example.org/paper"
    assert origin["sha256"] == hashlib.sha256(data).hexdigest()


def test_a_hash_may_be_as_short_as_the_publisher_states_it(server, data, gan, capsys):
    short = hashlib.sha256(data).hexdigest()[:8]
    published = model(server, data, sha256=short)
    with showing(True):
        assert ganzoo.load(published).sample(1, seed=0).isfinite().all()
    error = capsys.readouterr().err
    assert error.startswith(f"downloading {published.preset.weights.url} (8 MB) to ")
    assert "converted, and stored in " in error.splitlines()[-1]


def test_weights_without_a_known_hash_are_not_downloaded(server, data):
    with pytest.raises(WeightsError, match=r"ganzoo import generator.pt --model vanilla.mnist"):
        ganzoo.load(model(server, data, sha256=""))
    assert server.requests == []


@pytest.mark.parametrize(
    ("behavior", "message", "requests"),
    [
        ("404", "404", 1),
        ("403", "403", 1),
        ("500", "500", 3),
        ("cut", "not the published file", 3),
        ("other", "not the published file", 3),
        ("loop", "infinite loop|redirect", 5),
    ],
)
def test_a_failed_download_leaves_nothing(server, data, tmp_path, behavior, message, requests):
    server.behavior = behavior
    with pytest.raises(WeightsError, match=message) as refused:
        ganzoo.load(model(server, data))
    assert "\n" not in str(refused.value)
    assert len(server.requests) == requests
    assert cached(tmp_path) == []


def test_a_server_that_dies_midway_is_asked_again(server, data, gan):
    server.behavior = "cut once"
    assert torch.equal(ganzoo.load(model(server, data)).sample(2, seed=1), gan.sample(2, seed=1))
    assert len(server.requests) == 2


def test_offline_the_message_says_how_to_import(server, data, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(
        WeightsError, match=r"HF_HUB_OFFLINE is set: go online.*`ganzoo import generator.pt"
    ):
        ganzoo.load(model(server, data))


def test_an_unreachable_server_is_named(data):
    with file_server.serving() as gone:
        published = model(gone, data)
    with pytest.raises(WeightsError, match=r"127\.0\.0\.1 cannot be reached"):
        ganzoo.load(published)


def test_a_cache_that_cannot_be_written_is_named(server, data, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "file"))
    with pytest.raises(WeightsError, match="GANZOO_CACHE"):
        ganzoo.load(model(server, data))


@pytest.mark.parametrize("room", [0.5, 1.0])
def test_a_full_disk_leaves_nothing(server, data, tmp_path, monkeypatch, room):
    """Full while the file arrives, or while the converted weights are written."""
    resource = pytest.importorskip("resource")
    published = model(server, data)
    if room == 1:  # whole files of the size of the download fit, the converted ones do not
        monkeypatch.setattr("ganzoo.hub.published.save_weights", _full)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(len(data) * room), hard))
    try:
        with pytest.raises(WeightsError, match=r"GANZOO_CACHE") as refused:
            ganzoo.load(published)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "\n" not in str(refused.value)
    assert [name for name in cached(tmp_path) if "model" in name or "partial" in name] == []


def _full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_another_network_than_the_preset_describes_is_refused(server, data):
    published = model(server, data)
    other = replace(published.preset, config=replace(published.preset.config, hidden=(8,)))
    published = replace(published, spec=replace(published.spec, presets={"mnist": other}))
    with pytest.raises(WeightsError, match=r"hidden=.*it must be \[8\]"):
        ganzoo.load(published)


def test_settings_that_files_do_not_state_are_those_of_the_preset(server, tmp_path):
    """A file of esrgan's generator says nothing of losses and degradation, which presets change."""
    found = registry.resolve("esrgan.general-x4v3")
    config = replace(found.preset.config, width=4, blocks=1)
    assert config.degradation == "second"
    state = ganzoo.create("esrgan.general-x4v3", width=4, blocks=1).generator.state_dict()
    file = tmp_path / "realesr-general-x4v3.pth"
    torch.save({"params": state}, file)
    server.files["/file"] = file.read_bytes()
    weights = replace(found.preset.weights, url=f"{server.url}/file", sha256=_sha256(file))
    preset = replace(found.preset, config=config, weights=weights)
    spec = replace(found.spec, presets={"general-x4v3": preset})
    gan = ganzoo.load(replace(found, spec=spec))
    assert gan.config == config
    assert all(torch.equal(state[key], each) for key, each in gan.generator.state_dict().items())


def test_of_presets_with_one_network_the_name_of_the_file_decides(tmp_path):
    """`ganzoo import` of a file that was saved again."""
    state = ganzoo.create("esrgan.general-x4v3").generator.state_dict()
    for name in ("realesr-general-x4v3", "realesr-general-wdn-x4v3"):
        torch.save({"params": state}, tmp_path / f"{name}.pth")
        folder, found = hub.import_recognized(tmp_path / f"{name}.pth", tmp_path / name)
        assert found.name == name.replace("realesr-", "esrgan.")
        assert ganzoo.load(f"local-dir:{folder}").config == found.preset.config


def test_an_imported_file_has_its_own_network_and_the_stated_settings(tmp_path, caplog):
    state = ganzoo.create("esrgan.general-x4v3", width=4, blocks=1).generator.state_dict()
    torch.save({"params": state}, tmp_path / "mine.pth")

    def imported(folder, **settings):
        found = plan("esrgan.general-x4v3", settings=settings)
        return hub.import_weights(tmp_path / "mine.pth", found.run, tmp_path / folder)

    run = hub.run_config(imported("one", l1=2.0, **{"optimizer.lr": 0.5}))
    assert (run.config["width"], run.config["l1"], run.recipe.optimizer.lr) == (4, 2.0, 0.5)
    assert "mine.pth differs from esrgan.general-x4v3: width=4, not 64; blocks=1" in caplog.text
    caplog.clear()
    imported("two", width=4, blocks=1)
    assert not caplog.messages
    with pytest.raises(WeightsError, match=r"mine\.pth has blocks=1, not blocks=3"):
        imported("three", width=4, blocks=3)
    assert not (tmp_path / "three").exists()


def _sha256(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_restricted_license_is_asked_for_once(server, data):
    restricted = model(server, data, license="Research-Only", terms="https://example.org/license")
    with pytest.raises(
        UsageError, match=r"Research-Only.*read https://example.org/license.*--accept"
    ):
        ganzoo.load(restricted)
    assert server.requests == []
    ganzoo.load(restricted, accept_license=True)
    find_folder(restricted)
    other = model(
        server, data, path="/2.pt", license="Research-Only", terms="https://example.org/2"
    )
    other = replace(
        other, spec=replace(other.spec, presets={"other": other.preset}), preset_name="other"
    )
    with pytest.raises(UsageError, match=r"example.org/2"):
        ganzoo.load(other)


@pytest.mark.parametrize("stated", ["1", "MIT,Research-Only"])
def test_a_variable_accepts_licenses_in_batch_jobs(server, data, monkeypatch, stated):
    monkeypatch.setenv("GANZOO_ACCEPT_LICENSE", stated)
    ganzoo.load(model(server, data, license="Research-Only", terms="https://example.org/license"))


def test_a_variable_accepts_only_what_it_names(server, data, monkeypatch):
    monkeypatch.setenv("GANZOO_ACCEPT_LICENSE", "MIT")
    with pytest.raises(UsageError, match="Research-Only"):
        ganzoo.load(model(server, data, license="Research-Only", terms="https://example.org/l"))


def test_a_file_in_a_hub_repository(hub, data, gan):
    commit = hub.add("a/b", {"weights/generator.pt": data})
    found = registry.resolve("vanilla")
    weights = Weights(
        hashlib.sha256(data).hexdigest(),
        license="MIT",
        repo="a/b",
        revision=commit,
        path="weights/generator.pt",
        converter=CONVERTER,
    )
    preset = replace(found.preset, weights=weights)
    published = replace(found, spec=replace(found.spec, presets={"mnist": preset}))
    assert torch.equal(ganzoo.load(published).sample(2, seed=0), gan.sample(2, seed=0))
    hub.requests.clear()
    ganzoo.load(published)
    assert hub.requests == []


@pytest.mark.parametrize(
    "changes",
    [
        {"sha256": "abc"},
        {"url": "", "repo": ""},
        {"url": "http://example.org/x.pt"},
        {"license": ""},
        {"revision": "main"},
    ],
)
def test_a_wrong_declaration_is_refused(changes):
    facts = {"sha256": "0" * 64, "license": "MIT", "url": "https://example.org/x.pt"}
    with pytest.raises(ConfigError, match="Weights"):
        Weights(**{**facts, "converter": "x:y", **changes})


def test_restricted_weights_are_pushed_only_on_demand(hub, server, data):
    from ganzoo.hub import prepare

    terms = "https://example.org/license"
    folder = find_folder(
        model(server, data, license="Research-Only", terms=terms), accept_license=True
    )
    with pytest.raises(UsageError, match=r"Research-Only.*restricts passing them on"):
        prepare(folder, "a/b", private=True)
    with pytest.raises(UsageError, match="restricts"):
        prepare(folder, "a/b", private=True, allow_restricted=True)
    upload = prepare(
        folder,
        "a/b",
        private=True,
        license_id="other",
        discriminator=True,
        allow_restricted=True,
    )
    assert {"model.safetensors", "discriminator.safetensors"} <= upload.sizes.keys()
    card = (folder / "README.md").read_text()
    assert "license: other" in card
    assert f"license_link: {terms}" in card
    assert hashlib.sha256(data).hexdigest() in card


def test_a_folder_that_cannot_be_written_is_named_without_the_cache(server, data, tmp_path):
    from ganzoo.errors import RunError
    from ganzoo.hub import import_weights, run_config

    published = model(server, data)
    (tmp_path / "generator.pt").write_bytes(data)
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot write") as refused:
        import_weights(
            tmp_path / "generator.pt", run_config("vanilla"), tmp_path / "file" / "x", published
        )
    assert "GANZOO_CACHE" not in str(refused.value)
