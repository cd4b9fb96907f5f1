"""Converters of StyleGAN2: official names to ours."""

import re

import pytest
import torch
from ganzoo_stylegan2 import Config, convert, spec
from ganzoo_stylegan2.model import StyleGAN2

from ganzoo.errors import WeightsError
from ganzoo.hub.conversion import ForeignState

TINY = Config(size=16, latent=6, classes=3, w_dim=8, mapping=2, widths=(8, 6, 4), label_mapping=2)


def official(gan):
    """A GAN's tensors by NVIDIA's names."""
    renames = (
        (r"mapping\.layers\.(\d+)", lambda found: f"mapping.fc{int(found[1]) // 2}"),
        (r"blocks\.(\d+)", r"b\1"),
        (r"\.maps$", ".const"),
        (r"\.noise$", ".noise_const"),
    )
    parts = {
        "generator": (("first", "conv0"), ("second", "conv1"), ("image", "torgb")),
        "discriminator": (
            *(("first", "conv0"), ("second", "conv1"), ("image", "fromrgb")),
            *(("linear", "b4.fc"), ("output", "b4.out"), ("convolution", "b4.conv")),
        ),
    }
    tensors = {}
    for part, words in parts.items():
        for name, value in getattr(gan, part).state_dict().items():
            for pattern, new in renames:
                name = re.sub(pattern, new, name)
            for ours, theirs in words:
                name = re.sub(rf"(^|\.){ours}\.", rf"\1{theirs}.", name)
            tensors[f"{'G_ema' if part == 'generator' else 'D'}.{name}"] = value
    return tensors


def test_a_pickle_of_nvidia_comes_back():
    gan = StyleGAN2(TINY)
    tensors = {**official(gan), "G_ema.synthesis.b8.resample_filter": torch.zeros(4, 4)}
    arguments = {
        "G_ema": {"synthesis_kwargs": {"conv_clamp": None}},
        "D": {"conv_clamp": 256, "epilogue_kwargs": {"mbstd_group_size": 8}},
    }
    converted = convert.nvidia(ForeignState(tensors, arguments))
    assert (converted.config.clamp, converted.config.group) == (0.0, 8)
    assert convert.nvidia(ForeignState(tensors)).config == TINY
    again = StyleGAN2(TINY)
    again.generator.load_state_dict(converted.generator)
    again.load_state_dict({**again.state_dict(), **converted.rest})
    for name, value in gan.state_dict().items():
        assert torch.equal(again.state_dict()[name], value), name


NVIDIA = [
    name
    for name, preset in spec.presets.items()
    if preset.weights and preset.weights.converter.endswith(":nvidia")
]


@pytest.mark.parametrize("preset", NVIDIA)
def test_a_published_config_is_found_in_the_shapes(preset):
    config = spec.presets[preset].config
    with torch.device("meta"):
        tensors = official(StyleGAN2(config))
    assert convert.nvidia(ForeignState(tensors)).of_preset(config).config == config


def test_the_mean_of_w_is_estimated_where_a_checkpoint_has_none():
    gan = StyleGAN2(Config(size=8, latent=6, w_dim=6, mapping=2, widths=(4, 4), clamp=0.0))
    tensors = rosinality(gan)
    converted = convert.rosinality(ForeignState(tensors))
    assert converted.config == gan.config
    w = gan.eval().generator.mapping(torch.randn(20_000, 6)).mean(0)
    torch.testing.assert_close(converted.generator["mapping.w_avg"], w, atol=0.05, rtol=0)
    given = convert.rosinality(ForeignState({**tensors, "latent_avg": torch.ones(6)}))
    assert given.generator["mapping.w_avg"].tolist() == [1.0] * 6
    assert not given.rest


def rosinality(gan):
    """The generator of 8 x 8 by rosinality's names."""
    words = {
        **{f"mapping.layers.{2 * index}.": f"style.{index + 1}." for index in range(2)},
        "synthesis.blocks.4.second.": "conv1.",
        "synthesis.blocks.4.image.": "to_rgb1.",
        "synthesis.blocks.8.first.": "convs.0.",
        "synthesis.blocks.8.second.": "convs.1.",
        "synthesis.blocks.8.image.": "to_rgbs.0.",
    }
    noises = {"4.second": 0, "8.first": 1, "8.second": 2}
    tensors = {"g_ema.convs.0.conv.blur.kernel": torch.zeros(4, 4)}
    for name, value in gan.generator.state_dict().items():
        if name.endswith(".noise"):
            tensors[f"g_ema.noises.noise_{noises[name[17:-6]]}"] = value[None, None]
        elif name.endswith("maps"):
            tensors["g_ema.input.input"] = value[None]
        elif name != "mapping.w_avg":
            ours = next(each for each in words if name.startswith(each))
            rest = name.removeprefix(ours).replace("affine", "conv.modulation")
            if rest == "weight" and value.ndim == 4:
                rest, value = "conv.weight", value[None]
            elif rest == "bias" and "mapping" not in name:
                value = value.view(1, -1, 1, 1) if "image" in name else value
                rest = "bias" if "image" in name else "activate.bias"
            elif rest == "noise_strength":
                rest, value = "noise.weight", value[None]
            tensors[f"g_ema.{words[ours]}{rest}"] = value
    return tensors


def test_other_files_are_left_and_unknown_tensors_are_refused():
    assert convert.nvidia(ForeignState({"model.1.weight": torch.zeros(1)})) is None
    assert convert.rosinality(ForeignState({"model.1.weight": torch.zeros(1)})) is None
    tensors = {**official(StyleGAN2(TINY)), "G_ema.synthesis.b8.extra": torch.zeros(1)}
    with pytest.raises(WeightsError, match=r"unexpected tensor synthesis\.b8\.extra"):
        convert.nvidia(ForeignState(tensors))
