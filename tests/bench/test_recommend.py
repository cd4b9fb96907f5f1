"""Presets that fit data: candidates by kind, size and number, without measuring them."""

import wave

import pytest
from commands import done, write_photos

from ganzoo import registry
from ganzoo.bench import recommend
from ganzoo.data.data_facts import DataFacts, data_facts
from ganzoo.errors import UnknownNameError


@pytest.fixture
def folders(tmp_path):
    (tmp_path / "classes").mkdir()
    for name in ("photos", "classes/one", "classes/two", "pairs_A", "pairs_B"):
        write_photos(tmp_path / name, 100, 70)
    for kind, sides in (("pairs", ("A", "B")), ("unpaired", ("trainA", "trainB"))):
        (tmp_path / kind).mkdir()
        for side in sides:
            (tmp_path / kind / side).symlink_to(tmp_path / f"pairs_{side[-1]}")
    (tmp_path / "texts.txt").write_text("a b\n\nc d\n")
    (tmp_path / "sounds").mkdir()
    with wave.open(str(tmp_path / "sounds" / "one.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(b"\0\0" * 100)
    return tmp_path


def test_the_kind_of_data_is_found_from_its_files(folders):
    def facts(name):
        found = data_facts(f"{folders}/{name}")
        assert found == data_facts(found.name)
        return found.kind, found.count, found.side, found.classes

    assert facts("photos") == ("folder", 3, 70, 0)
    assert facts("classes") == ("folder", 6, 70, 2)
    assert facts("pairs") == ("pairs", 3, 70, 0)
    assert facts("unpaired") == ("unpaired", 6, 70, 0)
    assert facts("sounds") == ("audio", 1, None, 0)
    assert facts("texts.txt") == ("text", 2, None, 0)
    two = f"unpaired:{folders}/photos,{folders}/classes"
    assert data_facts(two).describe().startswith(f"{two}: 9 images, color, most at least 70")
    with pytest.raises(UnknownNameError, match="did you mean mnist"):
        data_facts("mnis")


def first(**facts):
    model, settings = recommend.candidates(registry.models(), DataFacts("d", **facts), "cpu")[0]
    return model, settings


def test_candidates_fit_the_kind_the_size_and_the_number():
    few, _ = first(kind="folder", count=300, side=500)
    assert few.preset.few
    assert few.preset.config.size <= 64
    many, _ = first(kind="folder", count=30_000, side=500)
    assert (many.preset.few, many.preset.config.size) == (False, 64)
    labeled, settings = first(kind="folder", count=5000, side=40, classes=3)
    assert labeled.preset.config.classes > 0
    assert settings == {"classes": "3"}
    gray, _ = first(kind="folder", count=5000, side=28, channels=1)
    assert gray.preset.config.channels == 1
    for kind in ("pairs", "unpaired", "audio", "text"):
        model, _ = first(kind=kind, count=5000)
        assert model.preset.recipe.data.startswith(f"{kind}:")
    tuned = recommend.fine_tuning(DataFacts("d", "folder", 300, 3, 500), "cpu")
    assert tuned.pretrained


def test_recommend_prints_what_to_type(folders, monkeypatch):
    found = [(registry.resolve("vanilla"), {})]
    monkeypatch.setattr(recommend, "candidates", lambda *given: found)
    monkeypatch.setattr(recommend, "fine_tuning", lambda *given: registry.resolve("dcgan.mnist"))
    text = done("recommend", f"{folders}/photos", "--device", "cpu")
    assert "3 images, color" in text
    data = f"folder:{folders}/photos"
    assert f"\nganzoo train vanilla.mnist --data {data}\n" in text
    assert "3 images are few" in text
    assert f"ganzoo train dcgan.mnist --init dcgan.mnist --data {data}" in text
    assert f"ganzoo recommend {data}" in done("data", "check", folders / "photos")
