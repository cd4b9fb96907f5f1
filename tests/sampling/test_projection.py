"""Projection of images by ``ganzoo project``."""

import os
import re

import numpy as np
import pytest
import torch
from invoke import refused, run
from PIL import Image

import ganzoo
from ganzoo.sampling import image_projection, projection_files
from ganzoo.sampling.image_distance import ImageDistance, multi_scale


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """Two samples of dcgan.mnist, and their projection."""
    home = tmp_path_factory.mktemp("digits")
    assert run("sample", "dcgan.mnist", "-n", 2, "--seed", 7, "-o", home / "images")[0] == 0
    return home


def project_digits(home, *options):
    code, stdout, error = run(
        *("project", "dcgan.mnist", home / "images", "-o", home / "out", "--steps", 60), *options
    )
    assert code == 0, error
    return stdout, error


def test_samples_of_the_model_are_found_back_and_kept(digits):
    stdout, error = project_digits(digits)
    assert "distance: multi-scale pixels" in error
    decibels = [float(text) for text in re.findall(r"PSNR ([\d.]+) dB", stdout)]
    assert min(decibels) > 18
    latents = np.load(digits / "out/000001.npy")
    assert latents.shape == (1, 100)
    made = ganzoo.load("dcgan.mnist").sample(latent=torch.from_numpy(latents))[0, 0].numpy()
    with Image.open(digits / "images/000001.png") as image:
        given = np.asarray(image) / 127.5 - 1
    assert 10 * np.log10(4 / np.square(made - given).mean()) == pytest.approx(decibels[1], abs=0.1)
    with Image.open(digits / "out/000001.png") as pair:
        assert pair.width > 1.9 * pair.height
    os.remove(digits / "out/000001.png")
    stdout, _ = project_digits(digits)
    assert "(1 of 2 were there)" in stdout
    assert np.allclose(np.load(digits / "out/000001.npy"), latents, atol=1e-2)


def test_what_differs_is_projected_again_with_a_video(digits):
    one = digits / "images/000000.png"
    options = ("-o", digits / "video", "--steps", 3, "--video", "webp")
    _code, stdout, _ = run("project", "cgan.mnist", one, *options)
    label = int(re.search(r"PSNR [\d.]+ dB, label (\d)", stdout)[1])
    with Image.open(digits / "video/000000.webp") as video:
        assert video.n_frames >= 3
    assert run("project", "cgan.mnist", one, *options)[1].endswith(" (1 of 1 were there)\n")
    other = str((label + 1) % 10)
    stdout = run("project", "cgan.mnist", one, *options, "--label", other)[1]
    assert f" dB, label {other}\n" in stdout


def test_images_that_do_not_fit_in_memory_are_projected_in_parts(digits, monkeypatch):
    def small(made, target):
        if len(made) > image_projection.STARTS:
            raise torch.OutOfMemoryError("out of memory")
        return multi_scale(made, target)

    monkeypatch.setattr(projection_files, "find_distance", lambda _: ImageDistance("x", small))
    code, stdout, error = run(
        *("project", "dcgan.mnist", digits / "images", "-o", digits / "parts", "--steps", 4)
    )
    assert (code, stdout.count("PSNR")) == (0, 2)
    assert "2 images at once do not fit in memory: trying 1" in error


def test_the_learning_rate_rises_and_falls():
    rates = [image_projection.learning_rate(step / 1000) for step in range(1000)]
    assert max(rates) == 1
    assert rates[:51] == sorted(rates[:51])
    assert rates[750:] == sorted(rates[750:], reverse=True)
    assert max(rates[0], rates[-1]) < 0.03


def test_what_cannot_be_projected_is_one_line(digits, tmp_path):
    image, text = digits / "images/000000.png", tmp_path / "text.png"
    text.write_text("no image")
    out = ("-o", tmp_path / "out")
    assert "not an image" in refused("project", "dcgan.mnist", text, *out)
    assert "no such image" in refused("project", "dcgan.mnist", tmp_path / "none.png", *out)
    assert "no w for each layer" in refused("project", "dcgan.mnist", image, "--plus", *out, code=2)
    assert "no noise maps" in refused("project", "dcgan.mnist", image, "--noise", *out, code=2)
    assert "makes waveforms" in refused("project", "wavegan", image, *out, code=2)
    assert "samples from source" in refused("project", "pix2pix", image, *out, code=2)
    assert "two images" in refused("project", "dcgan.mnist", image, image, *out, code=2)
