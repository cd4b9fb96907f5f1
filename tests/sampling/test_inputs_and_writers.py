"""Inputs of sampling and the files that hold its samples."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from toys import IMAGE, TOYS

from ganzoo.errors import ConfigError, DataError, GanzooError, UsageError
from ganzoo.sampling import grids
from ganzoo.sampling import inputs as given
from ganzoo.sampling import writers as output

CPU = torch.device("cpu")
TOY = {toy.name: toy for toy in TOYS}


def paint(path, level, size=(8, 8)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((size[1], size[0]), level, np.uint8)).save(path)


def test_a_model_that_translates_says_what_it_needs():
    with pytest.raises(
        ConfigError, match=r"cannot sample without a source .*: give it as --source PATH"
    ):
        TOY["pix2pix"].make().sample(3)


def test_sources_are_an_image_a_folder_or_data(tmp_path, monkeypatch):
    gan = TOY["pix2pix"].make()
    for number in range(3):
        paint(tmp_path / f"picture{number}.png", 255)
    images, names, *_ = given.sources(gan, str(tmp_path), None, 0)
    assert (len(images), names) == (3, ["picture0", "picture1", "picture2"])
    assert images.unique().tolist() == [1.0]
    one, *_ = given.sources(gan, str(tmp_path / "picture1.png"), None, 0)
    assert len(one) == 1
    digits, names, *_ = given.sources(gan, "mnist", 5, 0)
    assert (tuple(digits.shape), names) == ((5, *IMAGE), [])
    with pytest.raises(UsageError, match="has 3 images"):
        given.sources(gan, str(tmp_path), 4, 0)
    with pytest.raises(UsageError, match="nothing but random numbers"):
        given.sources(TOY["vanilla"].make(), str(tmp_path), None, 0)


def test_sources_of_one_name_become_files_of_different_names(tmp_path):
    for name in ("a.png", "a.bmp", "below/a.png", "b.png"):
        paint(tmp_path / name, 255)
    _, names, *_ = given.sources(TOY["pix2pix"].make(), str(tmp_path), None, 0)
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
    own = given.mask(gan, tmp_path / "white.png", 1, size=(None, None))
    assert sorted(own.shape[2:]) == [3, 5]
    with pytest.raises(ConfigError, match="nothing in it is white"):
        given.mask(gan, tmp_path / "black.png", 1)
    with pytest.raises(DataError, match=r"--mask .*nowhere.png: unreadable"):
        given.mask(gan, tmp_path / "nowhere.png", 1)
    with pytest.raises(UsageError, match="repairs nothing"):
        given.mask(TOY["pix2pix"].make(), tmp_path / "white.png", 1)
    files = given.SourceFiles((Path("white.jpg"), Path("black.jpg")), ("white", "black"), "two")
    masks = given.mask(gan, tmp_path, 2, files)
    assert masks.shape == (2, 1, 8, 8)
    assert masks.mean((1, 2, 3)).tolist() == [1, 0]
    with pytest.raises(UsageError, match="is a folder: give --source FOLDER"):
        given.mask(gan, tmp_path, 2)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [("", "--source is empty"), ("nowhere.png", "no such file"), ("./nowhere", "no such file")],
)
def test_a_source_that_is_not_there_is_named(typed, problem):
    with pytest.raises(GanzooError, match=problem):
        given.source_files(TOY["pix2pix"].make(), typed, None)
    assert given.source_files(TOY["pix2pix"].make(), "mnist", None) is None


def test_a_small_source_is_enlarged_in_the_picture():
    samples, source = torch.full((2, 1, 8, 8), -1.0), torch.ones(2, 1, 4, 4)
    picture = grids.sample_grid(samples, {"source": source})
    same = grids.sample_grid(samples, {"source": torch.ones(2, 1, 8, 8)})
    assert np.array_equal(np.asarray(picture), np.asarray(same))
