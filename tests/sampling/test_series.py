import pytest
from PIL import Image

from ganzoo.sampling import series


def test_a_series_is_small_and_in_order(tmp_path):
    newest, folder = tmp_path / "samples.png", tmp_path / "samples"
    Image.new("L", (2048, 1024)).save(newest)
    assert series.read(folder) == []
    folder.mkdir()
    (folder / "notes.txt").touch()
    Image.new("L", (8, 8)).save(folder / "0000001.png")  # the name of earlier versions
    for images in (16, 32, 2000):
        series.add(newest, folder, images)
    kimg, paths = zip(*series.read(folder), strict=True)
    assert kimg == pytest.approx([0.016, 0.032, 1, 2])
    with Image.open(paths[-1]) as picture:
        assert picture.size == (1024, 512)
    Image.new("L", (64, 32)).save(newest)
    series.add(newest, folder, 3000)
    assert series.read(folder)[-1][1].read_bytes() == newest.read_bytes()
