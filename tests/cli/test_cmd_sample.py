"""``ganzoo sample``: the same samples in every form."""

import numpy as np
import pytest
from commands import (
    done,
    fails,
    pixels,
    run,
    write_photos,
)


@pytest.mark.parametrize("out", ["file/grid.png", "file/array.npy", "file/folder", "file"])
def test_samples_that_cannot_be_written(out, folder, here):
    (here / "file").write_text("")
    assert f"cannot write {out}" in fails(1, "sample", "local-dir:run", "-o", out)
    assert (here / "file").read_text() == ""


def test_a_path_below_a_file_is_not_said_to_exist(folder, here):
    (here / "file").write_text("")
    assert "Not a directory" in fails(1, "sample", "local-dir:run", "-o", "file/grid.png")


@pytest.mark.parametrize("out", ["grid.jpg", "grid.png.gz"])
def test_samples_of_a_kind_that_is_none(out, folder):
    assert ".npy" in fails(2, "sample", "local-dir:run", "-o", out)


def test_a_grid_larger_than_any_screen(folder):
    assert "4096" in fails(2, "sample", "local-dir:run", "-n", "5000", "-o", "grid.png")


@pytest.mark.parametrize("out", ["grid.png", "array.npy", "folder"])
def test_the_same_seed_gives_the_same_bytes(out, trained, here):
    def content(name, *options):
        (here / name).mkdir()
        path = here / name / out
        stdout = done("sample", f"local-dir:{trained}", "-n", "5", "-o", path, *options)
        assert str(path) in stdout
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        return [(file.name, file.read_bytes()) for file in files]

    first = content("first", "--seed", "4")
    assert content("again", "--seed", "4") == first
    assert content("other", "--seed", "5") != first
    assert content("raw", "--seed", "4", "--raw") != first


def test_samples_are_the_same_in_every_form(trained, here):
    for out in ("array.npy", "folder"):
        done("sample", f"local-dir:{trained}", "-n", "5", "-o", out)
    done("sample", f"local-dir:{trained}", "-n", "3", "-o", "fewer.npy")
    array = np.load(here / "array.npy")
    assert (array.dtype, array.shape) == (np.uint8, (5, 28, 28, 1))
    names = [f"{number:06d}.png" for number in range(5)]
    assert sorted(path.name for path in (here / "folder").iterdir()) == names
    for image, name in zip(array, names, strict=True):
        assert np.array_equal(pixels(here / "folder" / name), image[..., 0])
    assert np.array_equal(np.load(here / "fewer.npy"), array[:3])


def test_a_grid_is_the_default(trained, here):
    done("sample", f"local-dir:{trained}")
    assert pixels(here / "samples.png").shape[0] > 8 * 28


def test_samples_in_half_precision_are_nearly_the_same(trained, here):
    for precision in ("fp32", "bf16"):
        done("sample", f"local-dir:{trained}", "-o", f"{precision}.npy", "--precision", precision)
    one, other = (np.load(here / f"{name}.npy").astype(int) for name in ("fp32", "bf16"))
    assert 0 < np.abs(one - other).max() <= 16


def test_it_is_said_what_is_done_to_sources(here, caplog):
    write_photos(here / "photos", 40, 40)
    result = run("sample", "pix2pix", "--source", "photos", "-o", "made")
    assert result.exit_code == 0, result.output
    assert caplog.messages == [
        "data folder:photos: color images are scaled from 40 x 40 to 28 x 28 pixels, made gray"
    ]
    assert "makes color images of 256 x 256: `ganzoo " in result.stderr


def test_files_of_before_are_named(trained, here):
    command = ("sample", f"local-dir:{trained}", "-o", "made", "-n")
    assert "also holds" not in done(*command, 5)
    assert "the folder also holds 2 other .png: 000003.png, 000004.png" in done(*command, 3)
