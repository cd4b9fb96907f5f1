"""Walks, sheets and samples of latents by ``ganzoo sample``."""

import sys

import numpy as np
import pytest
from invoke import refused, run
from PIL import Image

import ganzoo
from ganzoo.data.dataset import as_uint8
from ganzoo.errors import UnknownNameError


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def done(*arguments):
    code, stdout, error = run("sample", *arguments)
    assert code == 0, error
    return stdout


def test_a_walk_is_an_animation_a_sheet_or_an_array(here):
    walk = ("dcgan.mnist", "--interpolate", "1,5,9", "--steps", 3)
    for suffix in ("gif", "webp"):
        assert f"7 samples of dcgan.mnist: walk.{suffix}" in done(*walk, "-o", f"walk.{suffix}")
        with Image.open(here / f"walk.{suffix}") as image:
            assert (image.n_frames, image.size, image.info["loop"]) == (7, (252, 252), 0)
    done(*walk, "--grid")
    with Image.open(here / "walk.png") as sheet:
        assert sheet.height / sheet.width == pytest.approx(2 / 4, abs=0.02)
    done(*walk, "-o", "walk.npy")
    array, gan = np.load(here / "walk.npy"), ganzoo.load("dcgan.mnist")
    for place, seed in ((0, 1), (3, 5), (6, 9)):
        expected = (gan.sample(1, seed=seed)[0, 0].numpy() + 1) * 127.5
        assert np.abs(array[place, ..., 0] - expected).max() <= 1


def test_a_video_has_a_frame_for_each_sample(here):
    av = pytest.importorskip("av")
    done("vanilla.mnist", "--interpolate", "3,1", "--steps", 4, "-o", "walk.mp4")
    with av.open(str(here / "walk.mp4")) as video:
        frames = [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]
    assert [frame.shape for frame in frames] == [(252, 252, 3)] * 5


def test_latents_are_sampled_and_moved(here):
    gan = ganzoo.load("cgan.mnist")
    np.save(here / "latents.npy", gan.latent_space.draw(2, 7).numpy())
    done("cgan.mnist", "--latents", "latents.npy", "--label", 4, "-o", "same.npy")
    done("cgan.mnist", "-n", 2, "--seed", 7, "--label", 4, "-o", "seed.npy")
    assert np.array_equal(np.load(here / "same.npy"), np.load(here / "seed.npy"))
    row = ("--direction", 1, "--strength", "-2..2", "--steps", 5, "--method", "sefa")
    done("cgan.mnist", "--latents", "latents.npy", "--label", 4, *row, "-o", "moved.npy")
    moved = np.load(here / "moved.npy").reshape(5, 2, 28, 28, 1)
    assert np.array_equal(moved[2], np.load(here / "same.npy"))
    assert not np.array_equal(moved[0], moved[4])
    done("vanilla.mnist", "-n", 2, *row)
    with Image.open(here / "direction.png") as sheet:
        assert sheet.height / sheet.width == pytest.approx(2 / 5, abs=0.02)


def test_several_labels_get_n_samples_each(here):
    """Latents serve each label; the same labels may be given by name in Python."""
    gan = ganzoo.load("cgan.mnist")
    gan.class_names = ("zero", "one", "two", "three", "four")
    done("cgan.mnist", "-n", 2, "--seed", 7, "--label", "4,1", "-o", "labels.npy")
    rows = np.load(here / "labels.npy")
    made = gan.sample(4, seed=7, label=["four", 4, "1", 1])
    assert np.array_equal(rows, as_uint8(made).permute(0, 2, 3, 1).numpy())
    with pytest.raises(UnknownNameError, match="no class 'dog': there is four, one"):
        gan.sample(2, label=["dog", 1])
    np.save(here / "latents.npy", gan.latent_space.draw(2, 7).numpy())
    done("cgan.mnist", "--latents", "latents.npy", "--label", "4,1", "-o", "same.npy")
    same = np.load(here / "same.npy")
    assert len(same) == 4
    assert np.array_equal(same[:2], rows[:2])
    done("cgan.mnist", "--label", "4,1,4", "-o", "rows.png")
    with Image.open(here / "rows.png") as sheet:
        assert sheet.width / sheet.height == pytest.approx(8 / 3, abs=0.02)
    for labels, reason in (("4,11", "label=11"), ("4,", "e.g. 3,7")):
        assert reason in run("sample", "cgan.mnist", "--label", labels)[2]


def test_truncation_composes_with_labels_and_walks(here):
    walk = ("biggan.mnist", "--interpolate", "1,2", "--steps", 2, "--label", 3, "-o")
    done(*walk, "none.npy", "--truncation", 0)
    assert np.ptp(np.load(here / "none.npy").astype(int), axis=0).max() <= 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("dcgan.mnist --interpolate 1,x", "give seeds, e.g. 1,5,9, or a .npy file"),
        ("dcgan.mnist --interpolate 1", "two points or more, not 1"),
        ("dcgan.mnist --interpolate 1,2 -n 3", "takes neither -n"),
        ("dcgan.mnist --interpolate 1,2 -o walk.avi", "goes to .gif, .webp, .mp4, .png"),
        ("dcgan.mnist --interpolate 1,2 --grid -o walk.gif", "one sheet, .png, not walk.gif"),
        ("dcgan.mnist --direction 100", "the directions 0 to 99"),
        ("dcgan.mnist --direction 1 --strength 3", "give a range, e.g. -3..3"),
        ("dcgan.mnist --steps 5", "need --interpolate SEEDS or --direction K"),
        ("dcgan.mnist --truncation 0.5", "this model takes none; it takes latent"),
        ("dcgan.mnist --tile 64", "--tile: this model takes none; it takes latent"),
        ("dcgan.mnist --latents wrong.npy", "floats of shape (n, 100), not float32 of (2, 3)"),
        ("dcgan.mnist --latents nothing.npy", "nothing.npy: No such file"),
        ("dcgan.mnist --latents text.npy", "not a .npy file of numbers"),
        ("pix2pix --interpolate 1,2", "no latent; it makes its samples from source"),
        ("wavegan --interpolate 1,2 -o walk.gif", "waveforms go to .npy or a folder"),
    ],
)
def test_what_cannot_be_walked_is_one_line(arguments, reason, here):
    np.save(here / "wrong.npy", np.zeros((2, 3)))
    (here / "text.npy").write_text("no array")
    assert reason in refused("sample", *arguments.split(), code=2)


def test_a_missing_extra_is_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    error = refused("sample", "dcgan.mnist", "--interpolate", "1,2", "-o", "walk.mp4")
    assert "MP4 needs PyAV: pip install 'ganzoo-core[video]', or write .webp or .gif" in error
