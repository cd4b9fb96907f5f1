"""ZIP archives of images: as StyleGAN's tools write them, damaged, and with hostile names."""

import io
import json
import zipfile

import pytest
from PIL import Image

from ganzoo.data import load_data
from ganzoo.data.images.folder_report import check
from ganzoo.errors import DataError


def image(level):
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), (level, 0, 255)).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "cache"))


def archive(path, **members):
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def test_an_archive_with_labels_is_a_folder(tmp_path):
    names = ["00000/img00000000.png", "00000/img00000001.png"]
    labels = json.dumps({"labels": [[names[0], 1], [names[1], 0]]})
    members = {names[0]: image(1), names[1]: image(2), "dataset.json": labels}
    path = archive(tmp_path / "photos.zip", **members)
    for _ in range(2):  # the second time it is there
        data = load_data(f"folder:{path}", (3, 8, 8))
        assert data.columns["real"][:, 0, 0, 0].tolist() == [1, 2]
        assert data.columns["label"].tolist() == [1, 0]
        assert data.name == f"folder:{path}"
    assert len([*(tmp_path / "cache" / "archives").iterdir()]) == 1
    assert (check(path).readable, check(path).folder) == (2, str(path))


def test_names_that_lead_out_stay_inside(tmp_path):
    path = archive(tmp_path / "a.zip", **{"../../out.png": image(1), "/root.png": image(2)})
    assert len(load_data(f"folder:{path}", (3, 8, 8)).columns["real"]) == 2
    assert not [*tmp_path.parent.glob("out.png")]


def test_a_damaged_archive_is_one_line_and_leaves_nothing(tmp_path):
    path = archive(tmp_path / "a.zip", **{"a.png": image(1)})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DataError, match=r"a\.zip: File is not a zip file"):
        load_data(f"folder:{path}", (3, 8, 8))
    assert not [*(tmp_path / "cache" / "archives").iterdir()]
