"""Files of a folder: links, folders of programs, splits, suffixes, paths as they are typed."""

import os
from pathlib import Path

import pytest
import torch
from image_files import ALONE, encoded, noise
from PIL import Image

import ganzoo
from ganzoo import registry
from ganzoo.bench import BenchConfig, bench
from ganzoo.data import load_data
from ganzoo.data.folders import scan
from ganzoo.errors import DataError
from ganzoo.spec import SampleSpec

SHAPE = (3, 8, 8)
SOUND = SampleSpec((1, 8), rate=1000)


def fill(folder, n=2, level=0):
    """So many images of one color."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(n):
        Image.new("RGB", (8, 8), (level, 0, 255)).save(folder / f"{number}.png")
    return folder


def record(folder, n=1):
    """So many recordings."""
    from ganzoo.data.wav import write_wav

    folder.mkdir(parents=True, exist_ok=True)
    for number in range(n):
        write_wav(folder / f"{number}.wav", torch.zeros(1, 8).numpy() + number / 8, 1000)


def load(name, split="train"):
    return load_data(f"folder:{name}", SHAPE, split)


# folders of programs


@pytest.mark.parametrize(
    "name",
    [".ipynb_checkpoints", ".git", "__MACOSX", "@eaDir", "$RECYCLE.BIN", "lost+found"],
)
def test_folders_of_programs_are_neither_classes_nor_data(tmp_path, caplog, name):
    for place in ("cat", "dog", name, f"dog/{name}"):
        fill(tmp_path / "photos" / place)
        record(tmp_path / "sounds" / place)
    data = load(tmp_path / "photos")
    assert (data.classes, len(data)) == (("cat", "dog"), 4)
    (message,) = (record.getMessage() for record in caplog.records)
    assert "passed over: 2 folders" in message
    assert name in message
    assert load_data(f"audio:{tmp_path / 'sounds'}", SOUND).classes == ("cat", "dog")


def test_runs_and_benches_below_the_data_are_no_data(tmp_path, caplog, monkeypatch):
    """As in ``cd PHOTOS; ganzoo train MODEL --data folder:.``, whose runs and samples lie in it."""
    monkeypatch.chdir(fill(tmp_path / "photos", 8))
    train = {"data": "folder:.", "batch": 4, "settings": {"width": 8}}
    run = ganzoo.train("dcgan", kimg=0.008, out="runs/mine", **train)
    assert (run.folder / "samples.png").exists()
    config = BenchConfig(Path("scores"), 0.1, device="cpu", n=4, protocol="quick", data="folder:.")
    (row,) = bench(registry.match(["vanilla"]), config)
    assert (Path("scores") / row.picture).exists()
    caplog.clear()
    assert len(load(".")) == 8
    assert "passed over: 2 folders, runs/mine, scores" in caplog.text
    fill(tmp_path / "own")
    (tmp_path / "own" / "config.json").write_text('{"camera": 1}')
    assert len(load(tmp_path)) == 8 + 2


def test_a_hidden_folder_that_the_user_names_is_data(tmp_path, caplog):
    assert len(load(fill(tmp_path / ".photos"))) == 2
    assert not caplog.records


def test_files_of_systems_are_not_mentioned(tmp_path, caplog):
    fill(tmp_path)
    for name in ("._0.png", ".DS_Store", "Thumbs.db", "desktop.ini"):
        (tmp_path / name).write_bytes(b"\0\5\26\7")
    assert len(load(tmp_path)) == 2
    assert not caplog.records


# links


@pytest.fixture
def store(tmp_path):
    """A store of two classes beside the data."""
    fill(tmp_path / "store" / "cat", 3), fill(tmp_path / "store" / "dog", 2)
    return tmp_path / "store"


@pytest.mark.parametrize("linked", [("dog",), ("cat", "dog")])
def test_links_to_folders_are_followed(tmp_path, store, linked, caplog):
    (tmp_path / "photos").mkdir()
    for name, count in (("cat", 3), ("dog", 2)):
        place = tmp_path / "photos" / name
        place.symlink_to(store / name) if name in linked else fill(place, count)
    data = load(tmp_path / "photos")
    assert (data.classes, torch.bincount(data.columns["label"]).tolist()) == (
        ("cat", "dog"),
        [3, 2],
    )
    assert not caplog.records


def test_loops_end_and_no_file_counts_twice(tmp_path, store, caplog):
    photos = fill(tmp_path / "photos" / "cat").parent
    (photos / "self").symlink_to(photos)
    (photos / "up").symlink_to(tmp_path)
    (photos / "cat" / "loop").symlink_to(photos / "cat")
    (photos / "ring").symlink_to(photos / "ring")
    (photos / "again").symlink_to(photos / "cat")
    (photos / "one").symlink_to(store / "dog")
    (photos / "two").symlink_to(store / "dog")
    (photos / "file.png").symlink_to(photos / "cat" / "0.png")
    files, passed = scan(photos)
    found = [str(file.relative_to(photos)) for file in files]
    assert found == ["cat/0.png", "cat/1.png", "one/0.png", "one/1.png", "ring"]
    names = {str(place.relative_to(photos)) for place in passed}
    assert names == {"again", "cat/loop", "self", "two", "up"}
    assert len(load(photos)) == 4


def test_a_link_may_be_the_folder_or_a_file(tmp_path, store):
    (tmp_path / "link").symlink_to(store)
    assert len(load(tmp_path / "link")) == 5
    (tmp_path / "files").mkdir()
    for number in range(3):
        (tmp_path / "files" / f"{number}.png").symlink_to(store / "cat" / f"{number}.png")
    assert len(load(tmp_path / "files")) == 3


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_named(tmp_path, caplog):
    fill(tmp_path), fill(tmp_path / "closed").chmod(0)
    assert len(load(tmp_path)) == 2
    assert "passed over: folder closed" in caplog.text


# splits


@pytest.mark.parametrize(
    ("train", "test"), [("train", "test"), ("Train", "val"), ("training", "validation")]
)
def test_folders_of_splits_are_splits(tmp_path, caplog, train, test):
    for place, level in ((train, 10), (test, 20)):
        for name in ("cat", "dog"):
            fill(tmp_path / place / name, 2, level)
    for split, level in (("train", 10), ("test", 20)):
        data = load(tmp_path, split)
        assert (data.classes, data.columns["label"].tolist()) == (("cat", "dog"), [0, 0, 1, 1])
        assert (data.columns["real"][..., 0] == level).all()
    assert f"4 images of {train} (it has {', '.join(sorted((train, test)))})" in caplog.text


def test_test_is_preferred_to_val_and_a_file_beside_is_named(tmp_path, caplog):
    for level, place in enumerate(("train", "val", "test")):
        fill(tmp_path / place, 1, level)
    fill(tmp_path, 1)
    assert load(tmp_path, "test").columns["real"][..., 0].max() == 2
    assert "1 beside these folders not used" in caplog.text


def test_two_kinds_of_images_in_splits_are_two_classes(tmp_path):
    for level, place in enumerate(("trainA", "trainB", "testA", "testB")):
        fill(tmp_path / place, 1, level)
    for split, levels in (("train", [0, 1]), ("test", [2, 3])):
        data = load(tmp_path, split)
        assert (data.classes, data.columns["label"].tolist()) == (("A", "B"), [0, 1])
        assert data.columns["real"][..., 0].amax((1, 2)).tolist() == levels
        pair = load_data(f"unpaired:{tmp_path}", SHAPE, split)
        assert [pair.columns[key][..., 0].max() for key in ("source", "real")] == levels


def test_a_class_may_be_called_train(tmp_path):
    fill(tmp_path / "train"), fill(tmp_path / "bus")
    assert load(tmp_path).classes == ("bus", "train")


def test_a_split_that_is_not_there_is_refused(tmp_path):
    (
        fill(tmp_path / "one" / "train"),
        fill(tmp_path / "other" / "val"),
        fill(tmp_path / "other" / "test"),
    )
    with pytest.raises(DataError, match="it has the splits train, no test"):
        load(tmp_path / "one", "test")
    with pytest.raises(DataError, match="it has the splits test, val, no train"):
        load(tmp_path / "other")


def test_a_class_of_the_test_split_that_train_lacks_is_refused(tmp_path):
    for place in ("train/cat", "train/dog", "test/cat", "test/emu"):
        fill(tmp_path / place)
    with pytest.raises(DataError, match="the class emu is in test, but not in train"):
        load(tmp_path, "test")


def test_texts_have_the_same_splits(tmp_path, caplog):
    form = SampleSpec((3,), vocabulary=9)
    for place, text in {"a/train.txt": "a", "a/val.txt": "b", "b/train/1.txt": "c"}.items():
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(text)
    (tmp_path / "b" / "train" / "2.txt").write_text("d")
    assert load_data(f"text:{tmp_path / 'a'}", form).words[2:] == ("a",)
    assert load_data(f"text:{tmp_path / 'a'}", form, "test").words[2:] == ("b",)
    assert load_data(f"text:{tmp_path / 'b'}", form).words[2:] == ("c", "d")
    assert "val.txt is taken for test" in caplog.text
    assert "2 files of train" in caplog.text


# suffixes and paths


def test_what_pillow_reads_is_read(tmp_path, caplog):
    for suffix, kind in {"jfif": "JPEG", "jpe": "JPEG", "TIF": "TIFF", "jp2": "JPEG2000"}.items():
        (tmp_path / f"a.{suffix}").write_bytes(encoded(noise(1), kind))
    assert len(load(tmp_path)) == 4
    assert caplog.messages == [
        f"data folder:{tmp_path}: images are scaled from 32 x 32 to 8 x 8 pixels"
    ]


def test_avif_is_read_where_pillow_does_and_else_the_cure_is_named(tmp_path, caplog):
    from PIL import features

    if "avif" in features.get_supported_modules():
        (tmp_path / "a.avif").write_bytes(encoded(noise(1), "AVIF"))
        (tmp_path / "b.jpg").write_bytes(encoded(noise(1), "AVIF"))
        assert len(load(tmp_path)) == 2
    else:
        (tmp_path / "a.avif").write_bytes(b"\0\0\0\x1cftypavif" + bytes(99))
        with pytest.raises(DataError, match="pip install --upgrade 'pillow"):
            load(tmp_path)


def test_what_is_called_like_an_image_but_is_not_is_named_where_that_is_known(tmp_path, caplog):
    (tmp_path / "a.jpg").write_bytes(b"\0\0\0\x24ftypheic" + bytes(99))
    (tmp_path / "b.png").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    (tmp_path / "c.png").write_bytes(ALONE["good.png"])
    assert len(load(tmp_path)) == 1
    assert "a.jpg: not an image (HEIC" in caplog.text
    assert "b.png: not an image (a Git LFS pointer: git lfs pull)" in caplog.text


@pytest.mark.parametrize("typed", ["~/photos", "$PLACE/photos", "${PLACE}/photos"])
def test_home_and_variables_are_expanded_in_every_kind_of_name(tmp_path, monkeypatch, typed):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("PLACE", str(tmp_path))
    fill(tmp_path / "photos" / "A"), fill(tmp_path / "photos" / "B")
    record(tmp_path / "photos")
    (tmp_path / "photos" / "train.txt").write_text("a")
    assert len(load(typed)) == 4
    assert len(load_data(f"pairs:{typed}", SHAPE)) == 2
    assert len(load_data(f"unpaired:{typed}/A,{typed}/B", SHAPE)) == 2
    assert len(load_data(f"audio:{typed}", SOUND)) == 1
    assert len(load_data(f"text:{typed}/train.txt", SampleSpec((3,), vocabulary=9))) == 1


def test_a_name_with_a_dollar_sign_that_exists_is_meant(tmp_path, monkeypatch):
    monkeypatch.setenv("PLACE", "nowhere")
    assert len(load(fill(tmp_path / "$PLACE"))) == 2
