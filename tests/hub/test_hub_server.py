"""The stand-in for the Hub does to the real client what the Hub does, and how it can fail."""

import hashlib
from pathlib import Path

import httpx2
import pytest
from hub_server import Hub
from huggingface_hub import HfApi, close_session, constants, errors, hf_hub_download

WEIGHTS = bytes(range(256)) * 100
SHA256 = hashlib.sha256(WEIGHTS).hexdigest()
FILES = {"config.json": b"{}", "model.safetensors": WEIGHTS}


@pytest.fixture
def hub(monkeypatch, tmp_path):
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)  # it would ask the real Hub
    with Hub() as hub:
        hub.add("org/model", FILES)
        yield hub
    close_session()


def download(hub, path="model.safetensors", repo="org/model", token=False, **options):
    return Path(hf_hub_download(repo, path, endpoint=hub.url, token=token, **options)).read_bytes()


def test_a_pinned_file_is_asked_for_once(hub):
    sha = hub.repos["org/model"].resolve("main")
    assert {path: download(hub, path, revision=sha) for path in FILES} == FILES
    assert ("GET", f"/cdn/{SHA256}") in hub.requests
    hub.requests.clear()
    assert (download(hub, revision=sha), hub.requests) == (WEIGHTS, [])


@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # the client's LFS upload
def test_what_is_uploaded_can_be_read(hub, tmp_path):
    (tmp_path / "README.md").write_text("# A model")
    (tmp_path / "new.safetensors").write_bytes(WEIGHTS[::-1])
    api = HfApi(hub.url, token="hf_test")
    for _ in range(2):  # nothing changes the second time
        api.create_repo("org/new", private=True, exist_ok=True)
        sha = api.upload_folder(repo_id="org/new", folder_path=tmp_path, allow_patterns="*.*").oid
    api.create_tag("org/new", tag="v1")
    assert len(hub.repos["org/new"].commits) == 2
    info = api.model_info("org/new", revision="v1", files_metadata=True)
    assert (info.sha, [file.size for file in info.siblings]) == (sha, [9, 25600])
    assert hub.read("org/new", "new.safetensors", "v1") == WEIGHTS[::-1]
    assert download(hub, "new.safetensors", "org/new", token="hf_test") == WEIGHTS[::-1]


def test_refusals_are_told_apart(hub):
    refusals = {"private": errors.RepositoryNotFoundError, "gated": errors.GatedRepoError}
    for name, error in refusals.items():
        hub.add(f"org/{name}", FILES, **{name: True})
        with pytest.raises(error, match="401") as caught:
            download(hub, repo=f"org/{name}")
        assert caught.type is error


def test_the_client_fails_on_an_error_and_believes_a_damaged_file(hub):
    hub.fail, hub.corrupt, hub.times["corrupt"] = [("GET", "/cdn/", 503, 1)], {SHA256}, 1
    with pytest.raises(errors.HfHubHTTPError, match="503"):
        download(hub)
    assert download(hub) == download(hub) != WEIGHTS
    assert download(hub, force_download=True) == WEIGHTS


def test_connections_end(hub):
    hub.reset_after, hub.times["reset"] = 9000, 1
    with pytest.raises(httpx2.ReadError):
        download(hub)
    hub.truncate, hub.times["truncate"], hub.die_after = {SHA256: 9000}, 1, 3
    assert download(hub) == WEIGHTS
    for error in (httpx2.RemoteProtocolError, httpx2.ConnectError):
        with pytest.raises(error):
            HfApi(hub.url, token=False).model_info("org/model")
