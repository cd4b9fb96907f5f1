"""Outputs: folders whose names have dots, disks that are full, arrays of any length."""

import errno
import io
from types import SimpleNamespace

import numpy as np
import pytest
from toys import TOYS

from ganzoo.errors import ConfigError, RunError
from ganzoo.runtime import files
from ganzoo.sampling import writers


@pytest.fixture(scope="module")
def gan():
    """A toy of images."""
    made = (toy.make() for toy in TOYS)
    return next(gan for gan in made if gan.sample_spec.kind == "images" and len(gan.inputs) == 1)


def write(gan, path, n=3):
    return writers.write(gan, n, path, seed=0)


@pytest.mark.parametrize("name", ["exp-1.5", "run.final-version", "v1.", "a.b c", "2024.12.01"])
def test_a_dot_in_a_name_makes_no_suffix(tmp_path, gan, name):
    write(gan, tmp_path / name)
    assert len(list((tmp_path / name).iterdir())) == 3


@pytest.mark.parametrize("name", ["exp-1.5", "plots.png", "run.jpg", "x.v2"])
def test_a_folder_that_exists_is_a_folder(tmp_path, gan, name):
    (tmp_path / name).mkdir()
    write(gan, tmp_path / name)
    assert len(list((tmp_path / name).iterdir())) == 3


@pytest.mark.parametrize("name", ["x.jpg", "x.GIF", "x.mp3", "x.wav"])
def test_another_suffix_is_refused_with_those_that_fit(tmp_path, gan, name):
    with pytest.raises(ConfigError, match=r"go to \.png or \.npy or a folder \(no suffix, or one"):
        write(gan, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_home_is_the_home_folder(tmp_path, gan, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    write(gan, writers.Path("~/new/grid.png"))
    assert (tmp_path / "new" / "grid.png").is_file()
    assert not (tmp_path / "~").exists()


def test_an_array_is_what_numpy_saves(tmp_path, gan):
    write(gan, tmp_path / "a.npy", n=300)
    rows = np.load(tmp_path / "a.npy")
    assert (rows.shape[0], rows.dtype) == (300, np.uint8)
    stream = io.BytesIO()
    np.save(stream, rows)
    assert stream.getvalue() == (tmp_path / "a.npy").read_bytes()


def test_a_disk_without_room_is_said_in_one_line_and_nothing_is_left(tmp_path, gan, monkeypatch):
    full = SimpleNamespace(f_bavail=1, f_frsize=100)
    monkeypatch.setattr(files.os, "fstatvfs", lambda handle: full, raising=False)
    with pytest.raises(RunError) as caught:
        write(gan, tmp_path / "a.npy", n=300)
    message = str(caught.value)
    assert message.startswith(f"cannot write {tmp_path / 'a.npy'}: it takes 0.")
    assert "MB of the disk is free" in message or "GB of the disk is free" in message
    assert len(message.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_where_space_cannot_be_reserved_the_array_is_written_all_the_same(
    tmp_path, gan, monkeypatch
):
    def refused(*arguments):
        raise OSError(errno.EOPNOTSUPP, "not supported")

    monkeypatch.setattr(files.os, "posix_fallocate", refused, raising=False)
    write(gan, tmp_path / "a.npy", n=300)
    write(gan, tmp_path / "b.npy", n=300)
    assert np.array_equal(np.load(tmp_path / "a.npy"), np.load(tmp_path / "b.npy"))


def test_half_a_file_in_a_folder_is_not_left(tmp_path, gan, monkeypatch):
    def save(self, path, *arguments):
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writers.Image.Image, "save", save)
    with pytest.raises(RunError, match="No space left on device"):
        write(gan, tmp_path / "many")
    assert not list((tmp_path / "many").iterdir())
