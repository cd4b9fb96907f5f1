"""Translations of image files: sizes, names, and files that are there already."""

import os

import numpy as np
import pytest
import torch
from image_files import noise
from PIL import Image
from torch import nn
from toys import Config

from ganzoo import GAN, SampleInput, SampleSpec
from ganzoo.errors import ConfigError, DataError, UsageError
from ganzoo.layers import upsample_nearest
from ganzoo.sampling import inputs, translation
from ganzoo.sampling.sample_request import Request, Written, fulfill


class Doubling(GAN):
    """Images of any size, twice as large; ``light`` is added."""

    sample_spec = SampleSpec((3, None, None))
    inputs = (
        SampleInput("source", "images", required=True, shape=(3, None, None)),
        SampleInput("light", "added to the images"),
    )

    def __init__(self):
        super().__init__(Config())
        self.generator = nn.Conv2d(3, 3, 1, bias=False)
        self.discriminator = nn.Identity()
        with torch.no_grad():
            self.generator.weight.copy_(torch.eye(3)[:, :, None, None])
        self.calls = []

    def prior(self, n):
        return {}

    def generate(self, batch):
        self.calls.append(tuple(batch["source"].shape))
        light = batch["light"].view(-1, 1, 1, 1) if "light" in batch else 0
        return upsample_nearest(self.generator(batch["source"])) + light

    def discriminator_loss(self, batch, fake):
        raise NotImplementedError

    def generator_loss(self, batch, fake):
        raise NotImplementedError


SIZES = {"a": (7, 5), "b": (4, 9), "c": (4, 9), "d": (3, 3)}


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, (name, size) in enumerate(SIZES.items()):
        noise(number, size).save(folder / f"{name}.png")
        os.utime(folder / f"{name}.png", (1, 1))
    return folder


def run(gan, photos, out, **changes):
    return fulfill(gan, Request(source=str(photos), out=out, **changes))


def test_every_size_is_translated_and_keeps_its_name(tmp_path, photos):
    gan = Doubling()
    written = run(gan, photos, tmp_path / "out")
    assert written.count == 4
    assert written.files == f"{tmp_path / 'out' / 'a.png'} to {tmp_path / 'out' / 'd.png'}"
    assert gan.calls == [(1, 3, 5, 7), (2, 3, 9, 4), (1, 3, 3, 3)]
    for name, size in SIZES.items():
        with Image.open(tmp_path / "out" / f"{name}.png") as found:
            assert found.size == (2 * size[0], 2 * size[1])
            with Image.open(photos / f"{name}.png") as source:
                assert np.array_equal(np.asarray(found)[::2, 1::2], np.asarray(source))


def test_what_is_there_is_not_translated_again(tmp_path, photos):
    out = tmp_path / "out"
    run(Doubling(), photos, out)
    (out / "b.png").unlink()
    gan = Doubling()
    text = run(gan, photos, out).files
    assert gan.calls == [(1, 3, 9, 4)]
    assert text.endswith("(3 of 4 were there)")
    gan.calls.clear()
    run(gan, photos, out)
    assert gan.calls == []


def test_another_model_input_or_source_is_translated_again(tmp_path, photos):
    out = tmp_path / "out"
    run(Doubling(), photos, out)
    gan = Doubling()
    run(gan, photos, out, numbers=("light=0.5",))
    assert len(gan.calls) == 3
    other = Doubling()
    with torch.no_grad():
        other.generator.weight.mul_(0.5)
    run(other, photos, out, numbers=("light=0.5",))
    assert len(other.calls) == 3
    noise(9, (8, 8)).save(photos / "a.png")
    other.calls.clear()
    run(other, photos, out, numbers=("light=0.5",))
    assert other.calls == [(1, 3, 8, 8)]


def test_one_image_is_written_as_it_is(tmp_path, photos, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(Doubling(), photos / "a.png", tmp_path / "large.png")
    with Image.open(tmp_path / "large.png") as found:
        assert found.size == (14, 10)
    assert run(Doubling(), photos / "a.png", None) == Written(1, "samples.png")
    assert run(Doubling(), photos, None).files.startswith("samples")


@pytest.mark.parametrize("out", ["all.png", "all.npy"])
def test_several_sizes_go_to_a_folder(tmp_path, photos, out):
    with pytest.raises(ConfigError, match=r"4 images; .*: -o FOLDER"):
        run(Doubling(), photos, tmp_path / out)


def test_a_source_is_not_replaced(photos):
    with pytest.raises(ConfigError, match=r"a\.png would replace its source"):
        run(Doubling(), photos, photos)


def test_an_unreadable_source_is_left_out_and_named(tmp_path, photos, caplog):
    (photos / "b.png").write_bytes(b"no image")
    run(Doubling(), photos, tmp_path / "out")
    assert "1 left out; b.png: not an image" in caplog.text
    assert len(list((tmp_path / "out").iterdir())) == 3
    with pytest.raises(DataError, match=r"no image can be read; b\.png: not an image"):
        run(Doubling(), photos / "b.png", tmp_path / "out")


def test_a_source_of_another_shape_is_refused():
    with pytest.raises(ConfigError, match=r"source must have the shape \(n, 3, any, any\), not"):
        Doubling().sample(source=torch.zeros(2, 1, 4, 4))


def test_shapes_of_sources():
    assert inputs.source_shape(Doubling()) == (3, None, None)
    assert translation.takes_any_size(Doubling())


def test_inputs_are_numbers_or_files(tmp_path):
    np.save(tmp_path / "rows.npy", np.ones((2, 3)))
    found = inputs.numbers(("tile=256", "light=-0.5", f"rows={tmp_path / 'rows.npy'}"))
    assert (found["tile"], found["light"], found["rows"].shape) == (256, -0.5, (2, 3))
    for wrong in ("tile", "tile=", "=3", "tile=large", "rows=missing.npy"):
        with pytest.raises(UsageError, match=f"--input {wrong}"):
            inputs.numbers((wrong,))


class Filling(Doubling):
    """Images of any size, white where the mask is 1."""

    inputs = (
        SampleInput("source", "images", required=True, shape=(3, None, None)),
        SampleInput("mask", "holes", required=True, shape=(1, None, None)),
    )

    def generate(self, batch):
        return torch.where(batch["mask"] == 1, 1.0, batch["source"])


def test_masks_beside_their_images_are_no_sources(tmp_path, caplog):
    """photo.png with photo_mask001.png; a picture that is only called so remains a picture."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, row in (("a", 1), ("b", 2)):
        Image.new("RGB", (6, 4)).save(folder / f"{name}.png")
        white = np.zeros((4, 6), np.uint8)
        white[row] = 255
        Image.fromarray(white).save(folder / f"{name}_mask001.png")
    request = Request(out=tmp_path / "out", source=str(folder), mask=folder)
    assert fulfill(Filling(), request).count == 2
    assert "2 masks left out: a_mask001.png; b_mask001.png" in caplog.text
    for name, row in (("a", 1), ("b", 2)):
        made = np.array(Image.open(tmp_path / "out" / f"{name}.png")).min(-1)
        assert (made == 255).all(1).nonzero()[0].tolist() == [row]
    (folder / "a.png").unlink()
    (folder / "b_mask001.png").unlink()
    found = inputs.source_files(Filling(), str(folder), None)
    assert found.names == ("a_mask001", "b")
    assert inputs.source_files(Doubling(), str(folder), None).names == ("a_mask001", "b")


def test_a_folder_of_masks_has_one_for_each_source(tmp_path, monkeypatch, caplog):
    """Files of one size share a batch; a mask of another size leaves its source out."""
    monkeypatch.chdir(tmp_path)
    for folder in ("photos", "masks"):
        (tmp_path / folder).mkdir()
    holes = {"a": ("a.png", 1), "b": ("b_mask.png", 3), "c": ("c.bmp", 0), "d": ("d.png", 2)}
    for name, (mask, row) in holes.items():
        Image.new("RGB", (6, 4 if name != "c" else 5)).save(f"photos/{name}.jpg", quality=100)
        white = np.zeros((4 if name != "c" else 5, 6 if name != "d" else 7), np.uint8)
        white[row] = 255
        Image.fromarray(white).save(tmp_path / "masks" / mask)
    request = Request(out=tmp_path / "out", source="photos", mask=tmp_path / "masks")
    assert fulfill(Filling(), request).count == 4
    for name in "abc":
        made = np.array(Image.open(tmp_path / "out" / f"{name}.png")).min(-1)
        assert (made == 255).all(1).nonzero()[0].tolist() == [holes[name][1]]
    assert not (tmp_path / "out" / "d.png").exists()
    assert "its mask has 7 x 4 pixels, the image 6 x 4" in caplog.text
    assert "(3 of 4 were there)" in fulfill(Filling(), request).files
    (tmp_path / "masks" / "a.png").unlink()
    with pytest.raises(UsageError, match=r"no mask for 1 of 4 sources, a.jpg: .*masks.a.jpg"):
        fulfill(Filling(), request)
    with pytest.raises(UsageError, match="this model repairs nothing"):
        fulfill(Doubling(), request)
