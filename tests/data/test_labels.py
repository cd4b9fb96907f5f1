"""Labels of files: dataset.json, labels.csv, folders as classes, and why there are none."""

import json

import pytest
from PIL import Image

import ganzoo
from ganzoo.data import load_data
from ganzoo.errors import DataError

SHAPE = (1, 8, 8)


@pytest.fixture
def fill(tmp_path):
    """Images under some names; the level of an image is 255 less its number."""

    def filled(*names):
        for level, name in enumerate(names):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("L", (8, 8), 255 - level).save(path)
        return tmp_path

    return filled


def load(folder, split="train"):
    return load_data(f"folder:{folder}", SHAPE, split)


def state(folder, labels, name="dataset.json"):
    (folder / name).write_text(json.dumps({"labels": labels}), encoding="utf-8")


SHARDS = [f"{shard:05d}/{number}.png" for shard in range(3) for number in range(2)]


def test_labels_of_dataset_json_are_used_and_that_is_said(fill, caplog):
    folder = fill(*SHARDS)
    state(folder, [[name, number % 2 + 3] for number, name in enumerate(SHARDS)])
    data = load(folder)
    assert data.columns["label"].tolist() == [3, 4, 3, 4, 3, 4]
    assert data.classes == ("0", "1", "2", "3", "4")
    assert "5 classes by dataset.json" in caplog.text
    assert "not used" not in caplog.text


def test_labels_may_be_text_and_lie_beside_the_splits(fill):
    folder = fill("train/a.png", "train/b.png", "test/a.png")
    pairs = [["train/a.png", "dög"], ["train/b.png", "cat"], ["test/a.png", "dög"]]
    state(folder, pairs)
    for split, labels in (("train", [1, 0]), ("test", [1])):
        data = load(folder, split)
        assert (data.classes, data.columns["label"].tolist()) == (("cat", "dög"), labels)


def test_without_labels_in_dataset_json_folders_are_no_classes(fill, caplog):
    folder = fill("cat/a.png", "dog/b.png")
    state(folder, None)
    assert set(load(folder).columns) == {"real"}
    assert "no labels, as dataset.json says" in caplog.text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"labels": [["a.png", 1]]}', "states none for 1 files, b.png"),
        ('{"labels": [["a.png", [0.5]], ["b.png", [1]]]}', "neither whole numbers nor text"),
        ('{"labels": [["a.png", 1], ["b.png", null]]}', "neither whole numbers nor text"),
        ('{"labels": [3]}', "cannot be read"),
        ("[]", "no JSON object"),
        ("{", "cannot be read"),
    ],
)
def test_labels_that_cannot_be_used_are_named_in_one_line(fill, caplog, content, reason):
    folder = fill("a.png", "b.png")
    (folder / "dataset.json").write_text(content)
    data = load(folder)
    assert set(data.columns) == {"real"}
    (record,) = caplog.records
    assert reason in record.getMessage()
    assert reason in data.unlabeled


def test_labels_of_a_table_are_used(fill, caplog):
    folder = fill("b/1.png", "a/2.png")
    text = "\ufefflabel,File\r\nz\u00fcrich,b\\1.png\r\nbern,a/2.png\r\nbasel,gone.png\r\n"
    (folder / "labels.csv").write_bytes(text.encode())
    data = load(folder)
    assert data.classes == ("basel", "bern", "zürich")
    assert data.columns["label"].tolist() == [1, 2]
    assert "3 classes by labels.csv" in caplog.text


def test_a_table_of_other_columns_is_named(fill, caplog):
    folder = fill("1.png")
    (folder / "labels.csv").write_text("name,kind\n1.png,3\n")
    assert set(load(folder).columns) == {"real"}
    assert "its first line is not file,label" in caplog.text


def test_labels_follow_when_a_file_is_left_out(fill, caplog):
    folder = fill("a.png", "b.png", "c.png")
    state(folder, [["a.png", 0], ["b.png", 1], ["c.png", 2]])
    (folder / "b.png").write_bytes(b"no image")
    assert load(folder).columns["label"].tolist() == [0, 2]


def test_numbered_shards_are_no_classes(fill, caplog):
    assert set(load(fill(*SHARDS[:-1])).columns) == {"real"}
    assert "no labels: the numbered folders 00000, 00001, 00002 are taken for parts" in caplog.text


@pytest.mark.parametrize(
    "names",
    [
        ["00000/1.png", "00001/1.png", "00001/2.png", "00002/1.png"],
        ["0/1.png", "1/1.png", "2/1.png"],
        ["00007/1.png", "00010/1.png", "00011/1.png"],
    ],
    ids=["unequal", "short", "gaps"],
)
def test_numbered_folders_that_are_no_shards_are_classes(fill, names):
    classes = tuple(sorted({name.partition("/")[0] for name in names}))
    assert load(fill(*names)).classes == classes


def test_the_order_of_numbers_as_names_is_said(fill, caplog):
    data = load(fill(*(f"{number}/a.png" for number in range(12))))
    assert data.classes[2] == "10"
    assert "label 2 is class 10" in caplog.text


def test_classes_that_do_not_begin_at_zero_are_not_remarked_upon(fill, caplog):
    assert load(fill("1/a.png", "2/a.png", "3/a.png")).classes == ("1", "2", "3")
    assert not caplog.records


@pytest.mark.parametrize(
    ("names", "reason", "said"),
    [
        (["cat/1.png", "cat/2.png"], "there is one folder of a class, cat", False),
        (["1.png"], "1.png lies in no folder of a class", False),
        (["cat/1.png", "dog/1.png", "x.png"], "x.png lies in no folder of a class", True),
    ],
    ids=["one", "none", "stray"],
)
def test_a_data_set_knows_why_it_has_no_labels(fill, caplog, names, reason, said):
    data = load(fill(*names))
    assert set(data.columns) == {"real"}
    assert reason in data.unlabeled
    assert (reason in caplog.text) == said


def test_training_refuses_before_the_first_step(tmp_path, fill):
    data = f"folder:{fill('cat/1.png', 'cat/2.png')}"
    with pytest.raises(DataError, match="there is one folder of a class, cat"):
        ganzoo.train(
            "cgan.mnist", data=data, out=tmp_path / "run", settings={"classes": "3"}, kimg=0.01
        )
    assert not list(tmp_path.glob("run/*.pt"))
