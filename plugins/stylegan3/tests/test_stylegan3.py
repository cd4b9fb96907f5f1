"""StyleGAN3: filters, resampling, equivariance, converter."""

import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from ganzoo_stylegan3 import Config, convert, spec
from ganzoo_stylegan3.filters import downsample, low_pass, upsample
from ganzoo_stylegan3.model import StyleGAN3

from ganzoo.errors import ConfigError, WeightsError
from ganzoo.hub.conversion import ForeignState

TINY = {"channels": 1, "size": 16, "latent": 6, "w_dim": 8, "layers": 4, "base": 64, "most": 8}


def small(**changes):
    settings = {**TINY, "discriminator_base": 64, "discriminator_most": 8, "clamp": 0.0, **changes}
    torch.manual_seed(0)
    return StyleGAN3(Config(**settings)).eval()


@pytest.mark.parametrize(
    ("preset", "generator"), [("t-ffhq", 22_313_167), ("t-lhq256", 28_472_133)]
)
def test_parameter_counts(preset, generator):
    """With 29,012,513 and 28,864,129 in the discriminator, they explain the published files."""
    with torch.device("meta"):
        gan = StyleGAN3(spec.presets[preset].config)
    counts = [sum(p.numel() for p in n.parameters()) for n in (gan.generator, gan.discriminator)]
    size = 4 * (2 * counts[0] + counts[1])
    assert counts[0] == generator
    assert size == pytest.approx(spec.presets[preset].weights.size, rel=1e-3)


def test_a_filter_keeps_the_passband_and_stops_the_rest():
    kernel = low_pass(48, cutoff=8.0, width=8.0, rate=64.0)
    assert kernel.sum().item() == pytest.approx(1)
    response = np.abs(np.fft.rfft(kernel.numpy(), 640))
    frequencies = np.arange(len(response)) / 10
    assert np.all(response[frequencies < 4] > 0.99)
    assert np.all(response[frequencies > 13] < 0.01)


def test_a_radial_filter_is_symmetric():
    kernel = low_pass(12, cutoff=4.0, width=8.0, rate=32.0, radial=True)
    assert kernel.shape == (12, 12)
    for turned in (kernel.t(), kernel.flip(0), kernel.flip(1)):
        torch.testing.assert_close(kernel, turned)


@pytest.mark.parametrize("padding", [(7, 6), (-1, -2), (14, 13)])
def test_upsampling_is_zeros_between_the_pixels_then_a_filter(padding):
    x, kernel = torch.randn(1, 2, 5, 5), torch.rand(12)
    full = torch.zeros(1, 2, 10, 10)
    full[..., ::2, ::2] = x
    full = F.pad(full, padding * 2)
    weight = 4 * torch.outer(kernel, kernel).flip(0, 1).expand(2, 1, 12, 12)
    expected = F.conv2d(full, weight, groups=2) if full.shape[2] >= 12 else None
    if expected is not None:
        torch.testing.assert_close(upsample(x, kernel, 2, padding), expected)
    assert upsample(x, None, 1, (1, 1)).shape == (1, 2, 7, 7)


def test_downsampling_along_each_axis_is_that_with_the_outer_product():
    x, kernel = torch.randn(1, 2, 16, 16), torch.rand(6)
    both = downsample(x, torch.outer(kernel, kernel), 2)
    torch.testing.assert_close(downsample(x, kernel, 2), both)


@pytest.mark.parametrize("radial", [False, True])
def test_the_image_follows_a_translation_of_the_input(radial):
    """Four pixels to the right, apart from the borders."""
    gan = small(size=32, kernel=1 if radial else 3, radial=radial, base=128)
    latent = {"latent": torch.randn(1, 6)}
    before = gan.generate(latent)
    gan.generator.synthesis.input.transform[0, 2] = -4 / 32
    after = gan.generate(latent)
    inner = slice(8, 24)
    error = after[..., inner, inner] - before[..., inner, 4:20]
    assert error.square().mean() < 0.01 * before.var()


def test_truncation_and_w():
    gan = small()
    gan.generator.mapping.w_avg.normal_()
    one, other = gan.sample(2, seed=0, truncation=0)
    torch.testing.assert_close(one, other)
    with pytest.raises(ConfigError, match="truncation must be a number"):
        gan.sample(2, truncation=[[1.0], [0.5]])
    w = gan.styles(gan.prior_rows(2, seed=0)).detach()
    torch.testing.assert_close(gan.sample(w=w), gan.sample(2, seed=0))
    torch.testing.assert_close(gan.sample(w=w[:, 0]), gan.sample(2, seed=0))
    with pytest.raises(ConfigError, match=r"w must have the shape \(n, 8\) or \(n, 6, 8\)"):
        gan.sample(w=torch.zeros(1, 3))


def test_magnitudes_are_tracked_in_training_alone():
    gan = small()
    layer = gan.generator.synthesis.layers[1]
    gan.sample(2, seed=0)
    assert layer.magnitude == 1
    gan.train().generate(gan.prior(4))
    assert layer.magnitude != 1


def official(gan):
    """A GAN's tensors by NVIDIA's names."""
    plan = gan.config.plan[1]
    tensors = {}
    for name, value in gan.generator.state_dict().items():
        name = re.sub(r"mapping\.layers\.(\d+)", lambda m: f"mapping.fc{int(m[1]) // 2}", name)
        name = re.sub(
            r"layers\.(\d+)",
            lambda m: f"L{m[1]}_{plan[int(m[1])].after.size}_{plan[int(m[1])].after.width}",
            name,
        )
        tensors[f"G_ema.{re.sub('magnitude$', 'magnitude_ema', name)}"] = value
    words = {"first": "conv0", "second": "conv1", "image": "fromrgb"}
    words |= {"linear": "b4.fc", "output": "b4.out", "convolution": "b4.conv"}
    for name, value in gan.discriminator.state_dict().items():
        name = re.sub(r"blocks\.(\d+)", r"b\1", name)
        name = re.sub(r"mapping\.layers\.(\d+)", lambda m: f"mapping.fc{int(m[1]) // 2}", name)
        name = ".".join(words.get(part, part) for part in name.split("."))
        tensors[f"D.{name}"] = value
    return tensors


@pytest.mark.parametrize("changes", [{}, {"kernel": 1, "radial": True, "classes": 3}], ids=str)
def test_a_pickle_of_nvidia_comes_back(changes):
    gan = small(**changes)
    arguments = {"G_ema": {"channel_base": 64, "channel_max": 8, "conv_clamp": None}}
    converted = convert.nvidia(ForeignState(official(gan), arguments))
    assert converted.config == gan.config
    state = gan.state_dict()
    assert {f"generator.{name}" for name in converted.generator} | set(converted.rest) == set(state)
    for name, value in converted.generator.items():
        assert value is state[f"generator.{name}"] or torch.equal(value, state[f"generator.{name}"])


def test_a_published_config_is_found_without_arguments():
    for preset in ("t-ffhqu256", "r-afhqv2"):
        config = spec.presets[preset].config
        with torch.device("meta"):
            tensors = official(StyleGAN3(config))
        stated = {"channel_base": config.base, "channel_max": config.most}
        for arguments in ({"G_ema": stated}, {}):
            converted = convert.nvidia(ForeignState(tensors, arguments))
            assert converted.of_preset(config).config == config


def test_other_files_are_left_and_unknown_ones_refused():
    assert convert.nvidia(ForeignState({"synthesis.b4.const": torch.zeros(1)})) is None
    tensors = {**official(small()), "G_ema.synthesis.extra": torch.zeros(1)}
    with pytest.raises(WeightsError, match=r"unexpected tensor synthesis\.extra"):
        convert.nvidia(ForeignState(tensors, {"G_ema": {"channel_base": 64}}))
    with pytest.raises(WeightsError, match="no config has the layers L0_36_8"):
        convert.nvidia(ForeignState(official(small()), {"G_ema": {"channel_base": 640}}))


@pytest.mark.parametrize(
    "wrong", [{"layers": 2}, {"size": 28}, {"kernel": 2}, {"output_scale": 0.0}], ids=str
)
def test_a_config_that_cannot_be_is_refused(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        small(**wrong)
