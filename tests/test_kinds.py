"""Pairs, two domains, and what is given to a model: data beyond plain images."""

import math

import numpy as np
import pytest
import torch
from PIL import Image
from toys import IMAGE, TOYS, pairs

from ganzoo import Dataset
from ganzoo.data import Batches, load_data
from ganzoo.data.dataset import as_float
from ganzoo.errors import ConfigError, DataError, UsageError
from ganzoo.evaluation import evaluator
from ganzoo.sampling import grids
from ganzoo.sampling import inputs as given
from ganzoo.sampling import writers as output
from ganzoo.spec.protocol import Protocol

CPU = torch.device("cpu")
TOY = {toy.name: toy for toy in TOYS}


def paint(path, level, size=(8, 8)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((size[1], size[0]), level, np.uint8)).save(path)


# Pairs


@pytest.mark.parametrize("sides", [("source", "real"), ("A", "B")])
def test_pairs_are_files_of_one_name_in_two_folders(tmp_path, sides):
    for number in range(3):
        paint(tmp_path / sides[0] / f"{number}.png", number)
        paint(tmp_path / sides[1] / f"{number}.bmp", 100 + number)
    paint(tmp_path / sides[0] / "alone.png", 9)
    data = load_data(f"pairs:{tmp_path}", IMAGE)
    assert len(data) == 3
    assert data.unpaired == ()
    assert torch.equal(data.columns["real"], data.columns["source"] + 100)


def test_pairs_may_lie_side_by_side_in_one_image(tmp_path):
    both = np.concatenate([np.full((8, 8), 10, np.uint8), np.full((8, 8), 200, np.uint8)], 1)
    Image.fromarray(both).save(tmp_path / "one.png")
    data = load_data(f"pairs:{tmp_path}", IMAGE)
    assert data.columns["source"].unique().tolist() == [10]
    assert data.columns["real"].unique().tolist() == [200]


def test_a_broken_half_takes_its_partner_along(tmp_path, caplog):
    for number in range(3):
        paint(tmp_path / "source" / f"{number}.png", number)
        paint(tmp_path / "real" / f"{number}.png", 100 + number)
    (tmp_path / "source" / "1.png").write_bytes(b"no image")
    data = load_data(f"pairs:{tmp_path}", IMAGE)
    assert data.columns["real"].flatten(1)[:, 0].tolist() == [100, 102]
    assert torch.equal(data.columns["real"], data.columns["source"] + 100)
    assert "1 of 3 files left out" in caplog.text


def test_a_folder_of_pairs_may_have_a_test_split(tmp_path):
    for split, level in (("train", 1), ("test", 2)):
        for side in ("source", "real"):
            paint(tmp_path / split / side / "0.png", level)
    found = {s: load_data(f"pairs:{tmp_path}", IMAGE, s) for s in ("train", "test")}
    assert {s: d.columns["real"].max().item() for s, d in found.items()} == {"train": 1, "test": 2}


def test_what_are_no_pairs_is_said_in_one_line(tmp_path):
    paint(tmp_path / "square" / "0.png", 1)
    paint(tmp_path / "strangers" / "A" / "a.png", 1)
    paint(tmp_path / "strangers" / "B" / "b.png", 1)
    for place, text in (
        ("nowhere", "no such folder"),
        ("square", "no two of 8 x 8 side by side"),
        ("strangers", "no file in A is called as one in B"),
    ):
        with pytest.raises(DataError, match=text) as caught:
            load_data(f"pairs:{tmp_path / place}", IMAGE)
        assert "\n" not in str(caught.value)
    with pytest.raises(DataError, match="no such split"):
        load_data(f"pairs:{tmp_path / 'strangers'}", IMAGE, "test")


# Two domains


def test_two_folders_are_two_domains_of_their_own_lengths(tmp_path):
    for number in range(5):
        paint(tmp_path / "horses" / f"{number}.png", number)
    for number in range(3):
        paint(tmp_path / "zebras" / f"{number}.png", 100 + number)
    data = load_data(f"unpaired:{tmp_path / 'horses'},{tmp_path / 'zebras'}", IMAGE)
    assert (len(data), len(data.columns["source"]), data.unpaired) == (3, 5, ("source",))


@pytest.mark.parametrize("text", ["one", "one,two,three", ","])
def test_two_domains_are_two_folders(text):
    with pytest.raises(UsageError, match="unpaired:A,B"):
        load_data(f"unpaired:{text}", IMAGE)


def of_two_domains(real=5, source=7):
    columns = {"real": torch.arange(real), "source": torch.arange(source)}
    return Dataset("two", columns, unpaired=("source",))


def test_each_domain_has_epochs_of_its_own():
    batches = Batches(of_two_domains(), 35, seed=0, device=CPU)
    rows = batches.next()
    assert torch.bincount(rows["real"]).tolist() == [7] * 5
    assert torch.bincount(rows["source"]).tolist() == [5] * 7
    met = set(zip(rows["real"].tolist(), rows["source"].tolist(), strict=True))
    assert len(met) > 7, "rows of two domains are no pairs"


def test_batches_of_two_domains_go_on_where_they_are_told_to():
    whole = Batches(of_two_domains(), 4, seed=1, device=CPU)
    expected = [whole.next() for _ in range(6)]
    later = Batches(of_two_domains(), 4, seed=1, device=CPU)
    later.drawn = 12
    for batch in expected[3:]:
        for key, rows in later.next().items():
            assert torch.equal(rows, batch[key])


def test_conditions_come_from_all_of_an_unpaired_column():
    given_rows = of_two_domains().sample_conditions(7, seed=0)
    assert sorted(given_rows["source"].tolist()) == list(range(7))


def test_an_unpaired_column_may_not_be_empty():
    with pytest.raises(DataError, match="nothing in it"):
        of_two_domains(source=0)


# What the data consists of


def test_data_of_another_kind_is_refused_with_both_kinds(tmp_path):
    gan = TOY["audio"].make()
    with pytest.raises(UsageError, match="mnist is images, the model makes waveforms"):
        load_data("mnist", gan.sample_spec)
    with pytest.raises(UsageError, match="is texts, the model makes images"):
        load_data(f"text:{tmp_path}", IMAGE)


def test_waveforms_of_integers_arrive_between_minus_one_and_one():
    rows = torch.tensor([[-32768, 0, 16384]], dtype=torch.int16)
    assert as_float(rows).tolist() == [[-1.0, 0.0, 0.5]]


# Samples that have a target


def score(reference, **changes):
    rules = Protocol("own", "projection", n=64, metrics=("fd", "l1", "psnr", "ssim"), **changes)
    return evaluator.evaluate(TOY["pix2pix"].make(), protocol=rules, data=reference)


def test_translations_are_compared_with_their_targets():
    toy, reference = TOY["pix2pix"].make(), pairs()
    found = score(reference).values
    chosen = reference.condition_rows(64, 0)
    rows = reference.rows(chosen)
    made = toy.sample(64, seed=0, source=rows["source"])
    made = made.add(1).mul(127.5).round().div(127.5).sub(1)
    errors = (made - rows["real"]).flatten(1)
    assert found["L1"] == pytest.approx((errors.abs().mean(1) / 2).mean().item(), abs=1e-5)
    decibels = 10 * (4 / errors.square().mean(1)).log10()
    assert found["PSNR"] == pytest.approx(decibels.mean().item(), abs=1e-3)
    assert -1 <= found["SSIM"] <= 1
    assert "FD-projection" in found


def test_a_perfect_translation_has_no_error():
    class Copy(type(TOY["pix2pix"].make())):
        def generate(self, batch):
            return -batch["source"]

    rules = Protocol("own", "projection", n=64, metrics=("l1", "ssim"))
    values = evaluator.evaluate(Copy(TOY["pix2pix"].make().config), protocol=rules, data=pairs())
    assert values.values["L1"] < 1e-6
    assert values.values["SSIM"] == pytest.approx(1, abs=1e-4)


def test_without_pairs_there_are_no_targets_and_it_is_said():
    alone = Dataset("alone", pairs().columns, unpaired=("source",))
    found = score(alone)
    assert "L1" not in found.values
    assert any("no pairs" in warning for warning in found.warnings)


# What is given


def test_a_model_that_translates_says_what_it_needs():
    with pytest.raises(
        ConfigError, match=r"cannot sample without a source .*: give it as --source PATH"
    ):
        TOY["pix2pix"].make().sample(3)


def test_sources_are_an_image_a_folder_or_data(tmp_path, monkeypatch):
    gan = TOY["pix2pix"].make()
    for number in range(3):
        paint(tmp_path / f"picture{number}.png", 255)
    images, names = given.sources(gan, str(tmp_path), None, 0)
    assert (len(images), names) == (3, ["picture0", "picture1", "picture2"])
    assert images.unique().tolist() == [1.0]
    one, _ = given.sources(gan, str(tmp_path / "picture1.png"), None, 0)
    assert len(one) == 1
    digits, names = given.sources(gan, "mnist", 5, 0)
    assert (tuple(digits.shape), names) == ((5, *IMAGE), [])
    with pytest.raises(UsageError, match="there are 3 images"):
        given.sources(gan, str(tmp_path), 4, 0)
    with pytest.raises(UsageError, match="nothing but random numbers"):
        given.sources(TOY["vanilla"].make(), str(tmp_path), None, 0)


def test_sources_of_one_name_become_files_of_different_names(tmp_path):
    for name in ("a.png", "a.bmp", "below/a.png", "b.png"):
        paint(tmp_path / name, 255)
    _, names = given.sources(TOY["pix2pix"].make(), str(tmp_path), None, 0)
    assert sorted(names) == ["a.bmp", "a.png", "b", "below-a.png"]


def test_translations_lie_beside_their_sources_and_keep_their_names(tmp_path):
    gan = TOY["pix2pix"].make()
    source = torch.full((3, *IMAGE), 1.0)
    names = ["a", "b", "c"]
    output.write(gan, 3, tmp_path / "out", seed=0, given={"source": source}, names=names)
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["a.png", "b.png", "c.png"]
    picture = grids.sample_grid(gan.sample(3, seed=0, source=source), {"source": source})
    alone = grids.grid(gan.sample(3, seed=0, source=source))
    assert picture.width * picture.height != alone.width * alone.height


def test_what_is_missing_of_a_source_is_grey_in_the_picture():
    source, mask = torch.ones(2, 1, 8, 8), torch.zeros(2, 1, 8, 8)
    mask[:, :, 2:6, 2:6] = 1
    samples = torch.full((2, 1, 8, 8), -1.0)
    shades = {
        name: set(np.asarray(grids.sample_grid(samples, given)).ravel().tolist())
        for name, given in (
            ("whole", {"source": source}),
            ("hole", {"source": source, "mask": mask}),
        )
    }
    assert shades == {"whole": {0, 255}, "hole": {0, 128, 255}}


def test_what_is_drawn_for_samples_is_what_they_are_made_from():
    gan = TOY["pix2pix"].make()
    source = torch.full((3, *IMAGE), 1.0)
    drawn = gan.prior_rows(3, 7)
    assert all(len(rows) == 3 for rows in drawn.values())
    expected = gan.sample(3, seed=7, source=source)
    assert torch.equal(gan.sample(source=source, **drawn), expected)


def test_waveforms_are_written_as_wav(tmp_path):
    import wave

    gan = TOY["audio"].make()
    output.write(gan, 3, tmp_path / "all.wav", seed=0)
    output.write(gan, 2, tmp_path / "each", seed=0)
    with wave.open(str(tmp_path / "all.wav")) as file:
        length = gan.sample_spec.shape[1]
        assert file.getframerate() == gan.sample_spec.rate
        assert file.getnframes() == 3 * length + 2 * int(output.PAUSE * gan.sample_spec.rate)
    with wave.open(str(tmp_path / "each" / "000001.wav")) as file:
        found = np.frombuffer(file.readframes(length), "<i2")
    expected = gan.sample(2, seed=0)[1, 0].mul(32768).round().clamp(-32768, 32767)
    assert found.tolist() == expected.tolist()
    with pytest.raises(ConfigError, match=r"waveforms .* go to \.wav or \.npy or a folder"):
        output.write(gan, 3, tmp_path / "all.png", seed=0)


def test_texts_are_written_a_line_each(tmp_path):
    gan = TOY["text"].make()
    output.write(gan, 4, tmp_path / "all.txt", seed=0)
    lines = (tmp_path / "all.txt").read_text().splitlines()
    assert len(lines) == 4
    assert all(token.isdigit() for line in lines for token in line.split())
    assert output.suffix(gan) == ".txt"


def test_a_mask_is_white_where_something_is_missing(tmp_path):
    gan = TOY["inpainting"].make()
    paint(tmp_path / "white.png", 255, size=(3, 5))
    paint(tmp_path / "black.png", 0)
    assert given.mask(gan, tmp_path / "white.png", 2).shape == (2, 1, 8, 8)
    assert given.mask(gan, tmp_path / "white.png", 2).min() == 1
    with pytest.raises(ConfigError, match="nothing in it is white"):
        given.mask(gan, tmp_path / "black.png", 1)
    with pytest.raises(DataError, match=r"--mask .*nowhere.png: unreadable"):
        given.mask(gan, tmp_path / "nowhere.png", 1)
    with pytest.raises(UsageError, match="repairs nothing"):
        given.mask(TOY["pix2pix"].make(), tmp_path / "white.png", 1)


def test_psnr_of_equal_images_is_bounded():
    from ganzoo.metrics.functional import peak_signal_to_noise

    same = torch.zeros(2, 1, 16, 16)
    assert all(math.isfinite(value) for value in peak_signal_to_noise(same, same).tolist())
