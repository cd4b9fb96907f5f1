"""Rows that main memory does not hold lie in a file; what neither holds is refused."""

from functools import partial

import numpy as np
import pytest
import torch
from image_files import ALONE, write

from ganzoo.data import Batches, Dataset
from ganzoo.data.images.image_folder import list_images, read_all
from ganzoo.data.row_storage import allocate_rows
from ganzoo.errors import DataError
from ganzoo.runtime.files import reserve_space

MEMORY = 500_000


def test_more_than_memory_and_disk_hold_is_refused_with_what_would_fit():
    with pytest.raises(DataError) as caught:
        allocate_rows("folder:x", 10, (3, 256, 200), memory=MEMORY, disk=900_000)
    message = str(caught.value)
    assert "10 images of 3 x 256 x 200 take 1.5 MB; 0.5 MB of main memory is" in message
    assert "0.9 MB in the cache" in message
    assert "GANZOO_CACHE" in message
    assert "--set size=128 fits" in message
    assert "at most 4 images" in message
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize("size", [64, 8])
def test_what_the_message_offers_does_fit(size):
    with pytest.raises(DataError, match="size=64 fits"):
        allocate_rows("folder:x", 10, (3, 120, 120), memory=MEMORY, disk=0)
    rows = allocate_rows("folder:x", 10, (3, size, size), memory=MEMORY, disk=0)
    assert (rows.shape, isinstance(rows, np.memmap)) == ((10, size, size, 3), False)


def test_what_memory_does_not_hold_is_read_from_a_file(tmp_path, caplog, cache):
    write(tmp_path, {f"{number}.png": ALONE["good.png"] for number in range(10)})
    files, shape = list_images(tmp_path, "folder:x").files, (3, 200, 200)
    expected, *_ = read_all(files, shape, "folder:x")
    before = set(cache.rglob("*"))
    little = partial(allocate_rows, memory=MEMORY, disk=10**9)
    found, *_ = read_all(files, shape, "folder:x", allocate=little)
    assert "read from a file" in caplog.text
    assert set(cache.rglob("*")) == before
    data = [Dataset("folder:x", {"real": rows}) for rows in (expected, found)]
    assert data[0].sha256 == data[1].sha256
    batches = [Batches(each, 4, seed=0, device=torch.device("cpu")) for each in data]
    for _ in range(5):
        one, other = (each.next()["real"] for each in batches)
        assert torch.equal(one, other)


def test_the_disk_is_asked_before_rows_are_written(tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path))
    with pytest.raises(DataError, match="smaller size"):
        allocate_rows("folder:x", 1 << 40, (3, 64, 64), memory=0, disk=1 << 60)
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


def test_reserved_space_is_there(tmp_path):
    with (tmp_path / "file").open("wb") as file:
        reserve_space(file, 3_000_000)
        file.write(b"begin")
    content = (tmp_path / "file").read_bytes()
    assert (len(content), content[:6]) == (3_000_000, b"begin\0")
    stat = (tmp_path / "file").stat()
    assert stat.st_blocks * 512 >= 3_000_000
