"""Presets that fit data: candidates by kind, size and number, without measuring them."""

import wave

import pytest
from commands import done, fails, write_photos

from ganzoo import registry
from ganzoo.bench import BenchConfig, Target, recommend
from ganzoo.bench.measurements import list_measurements
from ganzoo.data.data_facts import DataFacts, data_facts
from ganzoo.errors import UnknownNameError, WeightsError


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
        return found.kind, found.count, found.side or found.rate, found.classes

    assert facts("photos") == ("folder", 3, 70, 0)
    assert facts("classes") == ("folder", 6, 70, 2)
    assert facts("pairs") == ("pairs", 3, 70, 0)
    assert facts("unpaired") == ("unpaired", 6, 70, 0)
    assert facts("sounds") == ("audio", 1, 16_000, 0)
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
    for kind in ("pairs", "unpaired", "text"):
        model, _ = first(kind=kind, count=5000)
        assert model.preset.recipe.data.startswith(f"{kind}:")
    tuned = recommend.fine_tuning(DataFacts("d", "folder", 300, 3, 500), "cpu")
    assert tuned.pretrained


def test_models_of_sounds_fit_the_rate_and_the_device():
    """On a CPU no network of the published size is measured: that alone would take minutes."""

    def named(rate, device):
        facts = DataFacts("d", "audio", 50, rate=rate)
        found = recommend.candidates(registry.models(), facts, device)
        return {model.plugin.name: (model.name, settings) for model, settings in found}

    assert named(16_000, "cpu")["hifigan"] == ("hifigan.vowels", {"rate": "16000"})
    assert named(16_000, "cpu")["wavegan"] == ("wavegan.sc09", {})
    assert named(22_050, "cuda")["hifigan"] == ("hifigan.lj-v1", {})
    assert named(44_100, "cuda")["bigvgan"] == ("bigvgan.v2-44k", {})
    assert named(None, "cpu")["hifigan"] == ("hifigan.vowels", {})


def test_recommend_prints_what_to_type(folders, monkeypatch):
    found = [(registry.resolve("vanilla"), {})]
    monkeypatch.setattr(recommend, "candidates", lambda *given: found)
    monkeypatch.setattr(recommend, "fine_tuning", lambda *given: registry.resolve("dcgan.mnist"))
    monkeypatch.setattr(registry.Model, "unmet_need", lambda self: "no weights, pip install x")
    text = done("recommend", f"{folders}/photos", "--device", "cpu")
    assert "3 images, color" in text
    assert "First, to train vanilla.mnist: no weights, pip install x\n" in text
    data = f"folder:{folders}/photos"
    assert f"\nganzoo train vanilla.mnist --data {data}\n" in text
    assert "3 images are few" in text
    assert f"ganzoo train dcgan.mnist --init dcgan.mnist --data {data}" in text
    assert f"ganzoo recommend {data}" in done("data", "check", folders / "photos")


def test_needs_are_shown_and_checked_before_data_are_read(tmp_path, monkeypatch):
    needing = registry.resolve("projected")

    def refuse(config):
        raise WeightsError("no weights, pip install x")

    import ganzoo_projected.backbone

    monkeypatch.setattr(ganzoo_projected.backbone, "check_weights", refuse)
    assert "\nneeds:       ImageNet weights" in done("info", "projected")
    assert "gdown" in done("list", "dcgan.celeba*")
    missing = ("--data", "folder:missing", "--out", tmp_path / "run", "--device", "cpu")
    assert "no weights, pip install x" in fails(1, "train", "projected.mnist", *missing)
    config = BenchConfig(tmp_path)
    named, globbed = (list_measurements([Target("p", needing, None, it)], config) for it in (0, 1))
    assert [each.weights for each in named] == ["published", "trained"]
    assert [each.weights for each in globbed] == ["published"]
