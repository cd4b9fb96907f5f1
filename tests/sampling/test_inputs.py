"""Sources and masks as they are typed: paths, splits, and files that are not used."""

import pytest
from image_files import ALONE, write
from PIL import Image
from toys import TOYS

from ganzoo.errors import DataError
from ganzoo.sampling import inputs


@pytest.fixture(scope="module")
def gan():
    """A toy that translates."""
    made = (toy.make() for toy in TOYS)
    return next(gan for gan in made if "source" in {each.name for each in gan.inputs})


def test_what_of_a_folder_is_not_used_is_said_in_one_line(tmp_path, gan, caplog):
    write(tmp_path / "photos", {**ALONE, "notes.txt": b"?", "bad.png": b"no image"})
    write(tmp_path / "photos" / ".cache", ALONE)
    rows, names, *_ = inputs.sources(gan, str(tmp_path / "photos"), None, seed=0)
    assert (len(rows), len(set(names))) == (2, 2)
    (record,) = caplog.records
    message = record.getMessage()
    for part in ("not used: 1 .txt", "passed over: folder .cache", "bad.png: not an image"):
        assert part in message


def test_home_is_expanded_for_sources(tmp_path, gan, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    Image.new("L", (8, 8)).save(tmp_path / "a.png")
    rows, names, *_ = inputs.sources(gan, "~/a.png", None, seed=0)
    assert (len(rows), names) == (1, ["a"])


def test_a_source_that_cannot_be_read_is_named(tmp_path, gan):
    (tmp_path / "a.png").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"a\.png: not an image"):
        inputs.sources(gan, str(tmp_path / "a.png"), None, seed=0)
