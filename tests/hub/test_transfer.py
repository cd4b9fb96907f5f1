"""Downloads say what comes and how large it is, the time left, and where it is stored."""

import hashlib
from contextvars import Context

import file_server
import pytest
from huggingface_hub import constants, hf_hub_download
from huggingface_hub.utils import tqdm
from invoke import run

from ganzoo.hub.download import download_file
from ganzoo.hub.transfer import Transfer
from ganzoo.hub.url_download import download_url
from ganzoo.runtime.progress import showing

DATA = bytes(4_000_000)
SHA256 = hashlib.sha256(DATA).hexdigest()


class Clock:
    """Time that passes by ``step`` seconds each time it is read."""

    def __init__(self, step):
        self.time, self.step = 0.0, step

    def __call__(self):
        self.time += self.step
        return self.time


@pytest.fixture
def server(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    with file_server.serving() as running:
        running.files["/x/big.pt"] = DATA
        yield running


def test_a_file_of_a_url_is_reported_without_a_terminal(server, tmp_path, capsys):
    url = f"{server.url}/x/big.pt"
    with showing(True):
        download_url(url, tmp_path / "a.pt", SHA256, "toy", "ganzoo import", Clock(5))
    captured = capsys.readouterr()
    start, *lines, end = captured.err.splitlines()
    assert start == f"downloading {url} (4 MB) to {tmp_path}"
    # The clock is read at each chunk of 2^18 bytes: a line is due after 30 s of 80.
    assert lines == [
        "downloading big.pt: 1 of 4 MB, 1:01 left",
        "downloading big.pt: 3 of 4 MB, 0:23 left",
    ]
    assert end == "downloaded big.pt: 4 MB in 2 min"
    assert captured.out == ""
    assert (tmp_path / "a.pt").read_bytes() == DATA


def test_a_library_downloads_in_silence_and_a_quick_one_has_two_lines(server, tmp_path, capsys):
    url = f"{server.url}/x/big.pt"
    arguments = url, tmp_path / "a.pt", SHA256, "toy", "ganzoo import", Clock(20)
    Context().run(download_url, *arguments)  # a command of an earlier test has enabled progress
    assert capsys.readouterr().err == ""
    server.behavior = "cut once"
    with showing(True):
        download_url(url, tmp_path / "b.pt", SHA256, "toy", "ganzoo import", Clock(0.1))
    assert len(capsys.readouterr().err.splitlines()) == 2  # the second attempt starts no new line


def test_a_download_of_unknown_size_has_no_time_left(capsys):
    with showing(True), Transfer("https://example.org/a/x.pt", "there", Clock(31)) as transfer:
        transfer.begin(None)
        transfer.add(2_000_000)
        transfer.end("there/x.pt")
    assert capsys.readouterr().err.splitlines() == [
        "downloading https://example.org/a/x.pt (size unknown) to there",
        "downloading x.pt: 0 MB",
        "downloading x.pt: 2 MB",
        "downloaded x.pt: 2 MB in 2 min, stored in there/x.pt",
    ]


def test_files_of_the_hub_are_reported_without_a_terminal(hub, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1_000_000)
    hub.add("a/b", {"w/model.safetensors": DATA, "config.json": b"{}"})
    options = {"endpoint": hub.url, "cache_dir": tmp_path / "other"}
    with showing(True), Transfer("a/b/w/model.safetensors", "there", Clock(20)) as transfer:
        bar = transfer.hub_bar()
        path = hf_hub_download("a/b", "w/model.safetensors", tqdm_class=bar, **options)
        assert isinstance(bar(total=len(DATA)), tqdm)  # as Xet makes a second one
        transfer.end(path)
    start, *lines, end = capsys.readouterr().err.splitlines()
    assert start == "downloading a/b/w/model.safetensors (4 MB) to there"
    assert lines == [
        "downloading model.safetensors: 1 of 4 MB, 2:00 left",
        "downloading model.safetensors: 3 of 4 MB, 0:26 left",
    ]
    assert end == f"downloaded model.safetensors: 4 MB in 2 min, stored in {path}"
    with showing(True):
        stored = download_file("a/b", "w/model.safetensors")
        download_file("a/b", "w/model.safetensors")  # from the cache
        download_file("a/b", "config.json")  # small
    start, end = capsys.readouterr().err.splitlines()
    assert start.startswith("downloading a/b/w/model.safetensors (4 MB) to ")
    assert end == f"downloaded model.safetensors: 4 MB in 1 s, stored in {stored}"


def test_the_output_of_pull_stays_clean(hub, files):
    hub.add("a/b", files)
    code, printed, error = run("pull", "hf-hub:a/b")
    assert code == 0
    assert len(printed.splitlines()) == 1
    assert "works offline now: ganzoo sample hf-hub:a/b" in error
