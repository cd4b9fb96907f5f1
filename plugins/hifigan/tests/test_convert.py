"""Converters of the published files of HiFi-GAN and BigVGAN."""

import re

import pytest
import torch
from ganzoo_hifigan import bigvgan, convert, spec
from ganzoo_hifigan.activations import lowpass
from ganzoo_hifigan.configs import BigConfig, Config
from ganzoo_hifigan.discriminators import hifigan_discriminators
from ganzoo_hifigan.generators import BigGenerator, Generator
from ganzoo_hifigan.model import HiFiGAN

from ganzoo.errors import WeightsError
from ganzoo.hub.conversion import ForeignState

SHARED = {"width": 8, "rates": (8, 4), "kernels": (16, 8), "fft": 128, "window": 128}
CONFIGS = {
    "v1": Config(**SHARED),
    "v3": Config(
        **SHARED, block=2, block_kernels=(3, 5, 7), dilations=(1, 2, 2, 6, 3, 12), mels=80
    ),
}
BIG = {
    "v1": BigConfig(**SHARED, row=65_536),
    "v2": BigConfig(
        **SHARED,
        mels=100,
        rate=24_000,
        high=None,
        row=65_536,
        segment=65_536,
        final_tanh=False,
        final_bias=False,
        periodic="snake",
    ),
}
NAMES = (
    (r"first\.", "conv_pre."),
    (r"last\.", "conv_post."),
    (r"blocks\.", "resblocks."),
    (r"dilated\.", "convs1."),
    (r"plain\.", "convs2."),
    (r"\.(alpha|beta)", r".act.\1"),
    (r"^activation\.", "activation_post."),
)


def official(network, norm=("weight_g", "weight_v"), key="generator.", big=False):
    """A generator under the official names."""
    tensors = {}
    for name, tensor in network.state_dict().items():
        for pattern, new in NAMES:
            name = re.sub(pattern, new, name)
        if not hasattr(network.blocks[0], "plain") or not len(network.blocks[0].plain):
            name = name.replace("convs1.", "convs.")
        name = re.sub(r"^ups\.(\d+)", r"ups.\1.0", name) if big else name
        tensor = tensor.squeeze(2) if tensor.ndim == 4 else tensor
        if name.endswith("weight") and norm:
            length = tensor.flatten(1).norm(dim=1).view(-1, 1, 1)
            stem = key + name.removesuffix("weight")
            tensors[stem + norm[0]], tensors[stem + norm[1]] = length, 3 * tensor
        else:
            tensors[key + name] = tensor
    return tensors


def equal(found, expected):
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        torch.testing.assert_close(found[name], tensor, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS.keys())
@pytest.mark.parametrize(
    "norm",
    [
        ("weight_g", "weight_v"),
        ("parametrizations.weight.original0", "parametrizations.weight.original1"),
        None,
    ],
    ids=["old", "new", "removed"],
)
def test_hifigan_comes_back(config, norm):
    generator = Generator(config)
    converted = convert.hifigan(ForeignState(official(generator, norm)))
    assert converted.config == config
    equal(converted.generator, generator.state_dict())
    assert not converted.rest


@pytest.mark.parametrize("config", BIG.values(), ids=BIG.keys())
def test_bigvgan_comes_back(config):
    generator = BigGenerator(config)
    tensors = official(generator, big=True)
    tensors["generator.activation_post.upsample.filter"] = torch.tensor(lowpass())[None, None]
    converted = convert.bigvgan(ForeignState(tensors))
    assert converted.config == config
    equal(converted.generator, generator.state_dict())
    tensors["generator.activation_post.upsample.filter"] = torch.ones(1, 1, 12)
    with pytest.raises(WeightsError, match="another filter"):
        convert.bigvgan(ForeignState(tensors))


def test_discriminators_come_with_their_generator():
    config = Config(**SHARED, period_widths=(2, 3), scale_widths=(16,) * 7)
    gan = HiFiGAN(config)
    names = {"periods": "mpd.discriminators", "scales": "msd.discriminators"}
    tensors = official(gan.generator)
    for name, tensor in gan.discriminator.state_dict().items():
        group, _, rest = name.partition(".")
        for old, new in {**convert.WEIGHT, **convert.SPECTRAL_WEIGHT}.items():
            rest = rest.removesuffix(new) + old if rest.endswith(f".{new}") else rest
        rest = rest.replace("convolutions", "convs").replace("last", "conv_post")
        tensors[f"{names[group]}.{rest}"] = tensor
    converted = convert.hifigan(ForeignState(tensors))
    assert converted.config == config
    state = {f"discriminator.{key}": each for key, each in gan.discriminator.state_dict().items()}
    assert converted.rest.keys() == state.keys()
    assert all(torch.equal(converted.rest[name], state[name]) for name in state)
    hifigan_discriminators(config).load_state_dict(
        {name.removeprefix("discriminator."): each for name, each in converted.rest.items()}
    )


def test_unexpected_tensors_and_other_files():
    tensors = official(Generator(CONFIGS["v1"]))
    with pytest.raises(WeightsError, match=r"unexpected tensor extra\.bias"):
        convert.hifigan(ForeignState({**tensors, "generator.extra.bias": torch.zeros(1)}))
    assert convert.bigvgan(ForeignState(tensors)) is None
    assert convert.hifigan(ForeignState({"body.0.weight": torch.zeros(1)})) is None


@pytest.mark.parametrize("name", ["lj-v1", "lj-v2", "lj-v3"])
def test_a_published_file_has_the_config_of_its_preset(name):
    config = spec.presets[name].config
    with torch.device("meta"):
        tensors = official(Generator(config), norm=None)
    assert convert.hifigan(ForeignState(tensors)).config == config


@pytest.mark.parametrize("name", [each for each in bigvgan.presets if each != "voices"])
def test_a_published_bigvgan_has_the_config_of_its_preset(name):
    preset = bigvgan.presets[name]
    with torch.device("meta"):
        tensors = official(BigGenerator(preset.config), norm=None, big=True)
    converter = getattr(convert, preset.weights.converter.partition(":")[2])
    assert converter(ForeignState(tensors)).config == preset.config
