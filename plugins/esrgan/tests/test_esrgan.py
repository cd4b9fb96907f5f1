"""ESRGAN: networks, sizes, tiles, losses, data."""

from dataclasses import replace
from math import log

import pytest
import torch
from ganzoo_esrgan import Config, bicubic, blend, perceptual, spec, tiles, winograd
from ganzoo_esrgan.degradation import degrade
from ganzoo_esrgan.model import ESRGAN
from ganzoo_esrgan.networks import CompactNet, RRDBNet
from torch import library

from ganzoo import Dataset
from ganzoo.data.images.small_sources import downscale
from ganzoo.errors import ConfigError, DataError, WeightsError
from ganzoo.testing import checks


def parameters(module):
    return sum(each.numel() for each in module.parameters())


def made(**changes):
    values = {"width": 6, "blocks": 1, "growth": 3, "discriminator_width": 2, **changes}
    torch.manual_seed(0)
    return ESRGAN(Config(**values))


@pytest.mark.parametrize(
    ("preset", "count"),
    # the sizes of the published files, less their names: 16.70, 4.47, 1.21 and 0.62 million
    [
        ("x4plus", 16_697_987),
        ("x2plus", 16_703_171),
        ("x4plus-anime6b", 4_467_779),
        ("general-x4v3", 1_213_296),
        ("animevideov3", 621_424),
    ],
)
def test_parameter_counts(preset, count):
    with torch.device("meta"):
        config = spec.presets[preset].config
        network = CompactNet if config.network == "compact" else RRDBNet
        assert parameters(network(config)) == count


@pytest.mark.parametrize(
    "config",
    [
        {"scale": 1, "unshuffle": 4},
        {"scale": 2, "unshuffle": 2},
        {"scale": 2},
        {"scale": 4},
        {"scale": 8},
        {"scale": 3, "network": "compact"},
    ],
    ids=str,
)
@pytest.mark.parametrize("size", [(1, 1), (5, 8), (13, 2)], ids=str)
def test_any_size_and_aspect(config, size):
    gan = made(**config)
    made_of_it = gan.sample(source=torch.rand(2, 3, *size) * 2 - 1)
    assert made_of_it.shape == (2, 3, size[0] * gan.config.scale, size[1] * gan.config.scale)
    assert made_of_it.abs().max() <= 1


def restless(gan):
    """The same network with large random weights, so that distant pixels matter."""
    with torch.no_grad():
        for convolution in (m for m in gan.modules() if isinstance(m, torch.nn.Conv2d)):
            convolution.weight.mul_(2)
    return gan


@pytest.mark.parametrize(
    "config",
    [
        {"scale": 2, "blocks": 2},
        {"scale": 2, "unshuffle": 2, "blocks": 2},
        {"scale": 1, "unshuffle": 4, "blocks": 2},
        {"scale": 2, "network": "compact", "blocks": 3},
    ],
    ids=str,
)
def test_tiles_leave_no_seams(config):
    gan = restless(made(**config))
    source = torch.rand(1, 3, 90, 75) * 2 - 1
    whole = gan.sample(source=source)
    assert whole.std() > 0.05
    for tile in (32, 61):
        tiled = gan.sample(source=source, tile=tile)
        assert (tiled - whole).abs().max() < 2 / 255
    assert torch.equal(gan.sample(source=source, tile=200), whole)


def test_the_tile_is_chosen_by_the_free_memory(monkeypatch):
    gan = made(scale=2)
    source = torch.rand(3, 3, 40, 300) * 2 - 1
    whole = gan.sample(source=source)
    passes = []
    upscale = gan.upscale
    monkeypatch.setattr(gan, "upscale", lambda part: (passes.append(part.shape), upscale(part))[1])
    monkeypatch.setattr(
        tiles, "available_memory", lambda: 10_000 * 2 * tiles.bytes_per_pixel(gan.config)
    )
    torch.testing.assert_close(gan.sample(source=source), whole, rtol=0, atol=1 / 255)
    assert {shape[0] for shape in passes} == {1}
    assert max(shape[2] * shape[3] for shape in passes) <= (tiles.SMALLEST + 2 * 20) ** 2
    monkeypatch.undo()
    with pytest.raises(ConfigError, match="tile=-1"):
        gan.sample(source=source, tile=-1)


@pytest.mark.parametrize("config", [{"scale": 2}, {"network": "compact", "blocks": 2}], ids=str)
def test_winograd_convolutions_give_the_same_image(config, monkeypatch):
    """For images of any size; with gradients the convolutions are direct."""
    used = []
    split = winograd.Blocks.split
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX2")
    monkeypatch.setattr(
        winograd.Blocks, "split", lambda *each: (used.append(each), split(*each))[1]
    )
    network = restless(made(width=32, growth=8, **config)).generator.eval()
    source = torch.rand(2, 3, 25, 30)
    direct = network(source)
    assert not used
    with torch.no_grad():
        found = network(source)
    assert used
    torch.testing.assert_close(found, direct, rtol=0, atol=1e-4)
    assert direct.std() > 0.05


def test_a_preset_of_any_size_is_checked_too():
    """At one size: the checks make images for it."""
    preset = spec.presets["x4plus"]
    small = replace(preset.config, width=4, blocks=1, growth=2, discriminator_width=2)
    found = checks(replace(spec, presets={"small": replace(preset, config=small)}))
    for check in found:
        if check.name in ("inputs", "samples", "losses", "batches", "state"):
            check.run()


def test_gray_models_and_wrong_channels():
    gan = made(channels=1)
    assert gan.sample(source=torch.zeros(1, 1, 4, 6)).shape == (1, 1, 16, 24)
    with pytest.raises(ConfigError, match=r"source must have the shape \(n, 1, any, any\)"):
        gan.sample(source=torch.zeros(1, 3, 4, 6))


def batch_of(gan, n=4, size=16):
    real = torch.rand(n, 3, size, size) * 2 - 1
    scale = gan.config.scale
    return {"real": real, "source": torch.nn.functional.avg_pool2d(real, scale)}


@pytest.mark.parametrize("adversarial", ["vanilla", "relativistic"])
def test_the_game_starts_even(adversarial):
    gan = made(scale=2, adversarial=adversarial, adv=1.0)
    batch = batch_of(gan)
    fake = gan.generate(batch)
    scale = 2 if adversarial == "vanilla" else 1
    adv = gan.discriminator_loss(batch, fake.detach())["adv"].item()
    assert adv == pytest.approx(scale * log(2), abs=0.2)
    assert gan.generator_loss(batch, fake)["adv"].item() == pytest.approx(log(2), abs=0.2)


def test_the_l1_loss_is_that_of_images_in_0_to_1():
    gan = made(scale=2, l1=0.5)
    batch = batch_of(gan)
    assert gan.pretrain_loss(batch, batch["real"] + 0.5)["l1"].item() == pytest.approx(0.25)
    assert gan.generator_loss(batch, batch["real"] + 0.5)["l1"].item() == pytest.approx(0.125)


def test_the_perceptual_loss_compares_features_of_vgg(monkeypatch, tmp_path):
    """With VGG's weights in torch's cache; without them, one line says what to do."""
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    gan = made(scale=2, perceptual=2.0)
    batch = batch_of(gan)
    check = perceptual.check_weights
    check(Config())
    with pytest.raises(WeightsError, match=r"perceptual: needs VGG-19.*vgg19-dcbb9e9d.pth"):
        check(gan.config)
    widths = [3, 2, 2, 3, 3, *(4,) * 12]
    places = [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34]
    state = {}
    for place, inputs, outputs in zip(places, widths[:-1], widths[1:], strict=True):
        state[f"features.{place}.weight"] = torch.randn(outputs, inputs, 3, 3)
        state[f"features.{place}.bias"] = torch.randn(outputs)
    (tmp_path / "checkpoints").mkdir()
    torch.save(state, tmp_path / "checkpoints/vgg19-dcbb9e9d.pth")
    check(gan.config)
    fake = batch["real"].clone().requires_grad_()
    assert gan.generator_loss(batch, fake)["perceptual"].item() == 0
    loss = gan.generator_loss(batch, fake + 0.1 * torch.randn(fake.shape))["perceptual"]
    loss.backward()
    assert loss > 0
    assert fake.grad.abs().sum() > 0
    assert not any("vgg" in name or "perceptual" in name for name in gan.state_dict())
    assert "perceptual" not in made(scale=2).generator_loss(batch, fake)


def test_pretraining_comes_first_and_ends():
    pretrain, discriminator, generator = made(pretrain_kimg=2).phases()
    assert (pretrain.end, discriminator.start, generator.start) == (2000, 2000, 2000)
    assert pretrain.module is generator.module
    assert [phase.name for phase in made().phases()] == ["discriminator", "generator"]


@pytest.mark.parametrize("size", [(16, 16), (28, 28), (9, 30)], ids=str)
def test_the_discriminator_judges_every_pixel(size):
    assert made().judge(torch.zeros(2, 3, *size)).shape == (2, 1, *size)


def images(n=3, size=8):
    return torch.randint(256, (n, size, size, 3), dtype=torch.uint8)


def test_sources_are_the_images_scaled_down():
    gan = made(scale=2)
    data = gan.prepare_data(Dataset("photos", {"real": images(), "label": torch.arange(3)}))
    assert data.columns["source"].shape == (3, 4, 4, 3)
    assert torch.equal(data.columns["source"], downscale(data.columns["real"], 2))
    assert gan.prepare_data(data) is data
    flat = torch.full((2, 8, 8, 3), 77, dtype=torch.uint8)
    assert torch.equal(downscale(flat, 4), flat[:, :2, :2])


@pytest.mark.parametrize("degradation", ["first", "second"])
def test_each_batch_is_degraded_anew(degradation):
    """Rows depend on their image and seed alone; sources for scores are scaled down as ever."""
    gan = made(scale=2, degradation=degradation)
    data = gan.prepare_data(Dataset("photos", {"real": images(4, 24)}))
    assert torch.equal(data.columns["source"], downscale(data.columns["real"], 2))
    real, seeds = torch.rand(4, 3, 24, 20) * 2 - 1, torch.tensor([5, 6, 5, 7])
    real[2] = real[0]
    sources = gan.degraded(real, seeds)
    assert sources.shape == (4, 3, 12, 10)
    assert sources.abs().max() <= 1
    assert torch.equal(sources[0], sources[2])
    assert torch.equal(sources[1:2], gan.degraded(real[1:2], seeds[1:2]))
    assert not torch.equal(gan.degraded(real[:1], torch.tensor([8]))[0], sources[0])
    batch = {"real": real, "source": sources, "degradation": seeds}
    assert torch.equal(gan.generate(batch), gan.upscale(sources))
    assert gan.prior(3)["degradation"].shape == (3,)
    assert gan.eval().prior(3) == {}
    assert made().prior(3) == {}


def test_the_compiler_does_not_look_inside_a_degradation():
    """Its branches differ by row and by step: compiled, each step would be compiled anew."""
    arguments = torch.rand(2, 3, 12, 8), torch.tensor([1, 2]), 2
    checks = "test_schema", "test_faketensor"
    library.opcheck(degrade, arguments, {"second": True}, test_utils=checks)


def test_a_degraded_image_keeps_its_colors():
    gan = made(channels=1, scale=2, degradation="second")
    flat = torch.linspace(-0.6, 0.6, 16).view(-1, 1, 1, 1).expand(-1, 1, 32, 32)
    means = gan.degraded(flat, torch.arange(16)).mean((1, 2, 3))
    torch.testing.assert_close(means, flat[:, 0, 0, 0], rtol=0, atol=0.1)


def test_sources_of_pairs_are_scaled_down():
    columns = {"real": images(), "source": images()}
    data = made(scale=2).prepare_data(Dataset("pairs", columns))
    assert torch.equal(data.columns["source"], downscale(columns["source"], 2))
    loose = Dataset("two kinds", columns, unpaired=("source",))
    assert torch.equal(
        made(scale=2).prepare_data(loose).columns["source"], downscale(columns["real"], 2)
    )


def test_images_that_cannot_be_divided_are_refused():
    with pytest.raises(DataError, match=r"photos: its images are 9 x 9, no multiple .* of 4"):
        made().prepare_data(Dataset("photos", {"real": images(size=9)}))


def test_blended_networks_lie_between():
    one, other = made(), made()
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.add_(1)
    middle = blend.blend(one, other, 0.25)
    for mine, first in zip(middle.generator.parameters(), one.generator.parameters(), strict=True):
        torch.testing.assert_close(mine, first + 0.75)
    assert torch.equal(
        blend.blend(one, other, 1).generator.conv_first.weight, one.generator.conv_first.weight
    )
    with pytest.raises(ConfigError, match="strength=2"):
        blend.blend(one, other, 2)
    with pytest.raises(ConfigError, match="networks of different configs"):
        blend.blend(one, made(width=8), 0.5)


def test_bicubic_is_a_model_without_weights():
    gan = bicubic.bicubic(Config(scale=2))
    flat = torch.full((1, 3, 4, 6), 0.5)
    torch.testing.assert_close(gan.sample(source=flat), torch.full((1, 3, 8, 12), 0.5))


def command(module, monkeypatch, *arguments):
    """The exit code of ``python -m``; None where it ends by itself."""
    monkeypatch.setattr("sys.argv", ["python", *arguments])
    try:
        module.main()
    except SystemExit as end:
        return end.code
    return None


def test_bicubic_enlargement_is_scored_by_command(monkeypatch, capsys):
    assert command(bicubic, monkeypatch, "-n", "8") is None
    scores = dict(line.split(": ") for line in capsys.readouterr().out.splitlines())
    assert float(scores["PSNR"]) > 15
    assert command(bicubic, monkeypatch, "digit2x") == 2
    assert "no preset digit2x; known: digits2x, " in capsys.readouterr().err


def test_a_blend_that_cannot_be_is_refused_before_a_download(monkeypatch, capsys, tmp_path):
    assert command(blend, monkeypatch, "2", "-o", str(tmp_path / "much")) == 1
    assert "error: strength=2: must be between 0 and 1" in capsys.readouterr().err
    assert not (tmp_path / "much").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"scale": 3},
        {"scale": 0},
        {"size": 30},
        {"network": "compact", "unshuffle": 2},
        {"size": -1},
        {"adv": -0.1},
        {"channels": 2, "degradation": "first"},
        {"size": 8, "perceptual": 1.0},
    ],
    ids=str,
)
def test_a_config_that_cannot_be_is_refused(wrong):
    with pytest.raises(ConfigError, match=next(reversed(wrong))):
        Config(**wrong)
