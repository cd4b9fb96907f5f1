"""Tables of the Hub: images, labels in any form, and rows that cannot be read."""

import sys
from types import ModuleType

import numpy as np
import pytest
import torch
from image_files import encoded, png
from PIL import Image

from ganzoo.data import load_data
from ganzoo.errors import DataError

RED = encoded(Image.new("RGB", (4, 4), (255, 0, 0)), "PNG")
DATA = "hf:user/pets"


class Column:
    """Stands for datasets.Image, .ClassLabel and .Value."""

    names = ("cat", "dog")

    def __init__(self, decode=True):
        self.decode = decode


class Table(list):
    """Rows by number, and columns by name, as the library gives them."""

    features = None

    def cast_column(self, name, kind):
        assert not kind.decode
        return self

    def __getitem__(self, key):
        return [row[key] for row in self] if isinstance(key, str) else super().__getitem__(key)


@pytest.fixture
def hub(monkeypatch):
    """A library ``datasets`` that knows one table."""
    library = ModuleType("datasets")
    for kind in ("Image", "ClassLabel", "Value"):
        setattr(library, kind, type(kind, (Column,), {}))
    cell = {"bytes": RED, "path": None}
    table = Table({"id": number, "photo": cell, "kind": number % 2} for number in range(4))
    table.features = {"id": library.Value(), "photo": library.Image(), "kind": library.ClassLabel()}

    def load_dataset(name, split):
        if name != "user/pets":
            raise FileNotFoundError(f"no {name}\nsecond line")
        return table

    library.load_dataset = load_dataset
    monkeypatch.setitem(sys.modules, "datasets", library)
    return table


def rename(table, old, new, kind="Value"):
    """Another name for a column, and another type."""
    table.features = {new if key == old else key: each for key, each in table.features.items()}
    table.features[new] = getattr(sys.modules["datasets"], kind)()
    for row in table:
        row[new] = row.pop(old)


def test_without_the_library_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(DataError) as caught:
        load_data("hf:user/name", (3, 4, 4))
    assert "pip install 'ganzoo-core[datasets]'" in str(caught.value)


def test_a_table_is_its_images_and_classes(hub, caplog):
    data = load_data(DATA, (3, 4, 4))
    assert (data.columns["real"] == torch.tensor([255, 0, 0])).all()
    assert data.columns["label"].tolist() == [0, 1, 0, 1]
    assert data.classes == ("cat", "dog")
    assert not caplog.records


def test_a_row_that_cannot_be_read_is_named_and_left_out(hub, caplog):
    hub[1] = {**hub[1], "photo": {"bytes": b"\x89PNG\r\n\x1a\nnothing", "path": None}}
    hub[2] = {**hub[2], "photo": None}
    data = load_data(DATA, (3, 4, 4))
    assert data.columns["label"].tolist() == [0, 1]
    (record,) = caplog.records
    message = record.getMessage()
    assert (
        "data hf:user/pets: 2 of 4 rows left out; row 1: truncated; row 2: not an image" in message
    )


def test_nothing_but_rows_that_cannot_be_read_is_an_error(hub):
    for row in hub:
        row["photo"] = None
    with pytest.raises(DataError, match="none of 4 rows is readable; row 0: not an image"):
        load_data(DATA, (3, 4, 4))


def test_numbers_and_text_are_labels_where_the_column_is_called_so(hub):
    rename(hub, "kind", "label")
    data = load_data(DATA, (3, 4, 4))
    assert (data.columns["label"].tolist(), data.classes) == ([0, 1, 0, 1], ("0", "1"))
    for row in hub:
        row["label"] = ("dog", "cat")[row["label"]]
    data = load_data(DATA, (3, 4, 4))
    assert (data.columns["label"].tolist(), data.classes) == ([1, 0, 1, 0], ("cat", "dog"))


@pytest.mark.parametrize("missing", [None, -1, 0.5, ""])
def test_labels_that_lack_in_some_rows_are_not_used_and_that_is_said(hub, caplog, missing):
    rename(hub, "kind", "label")
    hub[3]["label"] = missing
    data = load_data(DATA, (3, 4, 4))
    assert set(data.columns) == {"real"}
    assert "no labels: column label" in caplog.text
    assert "column label" in data.unlabeled


def test_a_table_without_labels_says_which_columns_it_has(hub):
    rename(hub, "kind", "sort")
    data = load_data(DATA, (3, 4, 4))
    assert set(data.columns) == {"real"}
    assert "among id, sort" in data.unlabeled


def test_a_table_without_images_is_an_error(hub):
    del hub.features["photo"]
    with pytest.raises(DataError, match="no column of images: it has id, kind"):
        load_data(DATA, (3, 4, 4))


def test_a_table_that_is_not_there_is_an_error_of_one_line(hub):
    with pytest.raises(DataError, match=r"no user/none$"):
        load_data("hf:user/none", (3, 4, 4))


def test_rows_of_twelve_bits_share_a_range(hub, caplog):
    for number, row in enumerate(hub):
        lines = np.zeros((4, 9), np.uint8)
        lines[:, 1:] = np.full((4, 4), 1365 * number, ">u2").view(np.uint8)
        row["photo"] = {"bytes": png(4, 4, 16, 0, lines.tobytes()), "path": None}
    rows = load_data(DATA, (1, 4, 4)).columns["real"]
    assert rows[:, 0, 0, 0].tolist() == [0, 85, 170, 255]
    assert "12 bits: 4095 is taken for white" in caplog.text


def test_the_library_itself(tmp_path, caplog):
    datasets = pytest.importorskip("datasets")
    kinds = datasets.Features({"image": datasets.Image(), "label": datasets.Value("string")})
    cells = [{"bytes": content, "path": None} for content in (RED, RED[:40], RED)]
    columns = {"image": cells, "label": ["b", "a", "a"]}
    datasets.Dataset.from_dict(columns, kinds).to_parquet(tmp_path / "train.parquet")
    data = load_data(f"hf:{tmp_path}", (3, 4, 4))
    assert (len(data), data.classes, data.columns["label"].tolist()) == (2, ("a", "b"), [1, 0])
    assert "1 of 3 rows left out; row 1: truncated" in caplog.text
