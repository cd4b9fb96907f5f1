"""Published files of mimicry and mmgeneration: names, configs, refusals."""

from dataclasses import replace

import pytest
import torch
from ganzoo_wgan_gp import Config, convert, spec
from ganzoo_wgan_gp.model import WGANGP
from ganzoo_wgan_gp.published import MIMICRY

from ganzoo.errors import WeightsError
from ganzoo.hub.conversion import ForeignState

PUBLISHED = {
    name: each
    for name, each in spec.presets.items()
    if "published" in each.description and "blocks" not in each.weights.converter
}
SMALL = replace(MIMICRY[32], latent=3, widths=(2, 3, 2, 2), critic_widths=(2, 3, 3, 3))
PROGRESSIVE = Config(size=16, latent=3, network="pggan", widths=(4, 3, 2))


def mimicry(gan, critic=True):
    """A state under the names of mimicry."""
    kinds = {"norms": "b", "convolutions": "c"}
    blocks = gan.config.halvings
    names = {}
    for name, tensor in gan.generator.state_dict().items():
        position, *rest = name.split(".")
        position = int(position)
        if position == 0:
            new = f"l1.{rest[0]}"
        elif position >= blocks + 2:
            new = f"{'b' if position == blocks + 2 else 'c'}{blocks + 2}.{rest[0]}"
        elif rest[0] == "shortcut":
            new = f"block{position}.c_sc.{rest[1]}"
        else:
            new = f"block{position}.{kinds[rest[0]]}{int(rest[1]) + 1}.{rest[2]}"
        names["G." + new] = tensor
    for name, tensor in gan.discriminator.state_dict().items() if critic else ():
        position, *rest = name.split(".")
        if len(rest) == 1:
            new = f"l5.{rest[0]}"
        elif rest[0] == "shortcut":
            new = f"block{int(position) + 1}.c_sc.{rest[1]}"
        else:
            new = f"block{int(position) + 1}.c{int(rest[1]) + 1}.{rest[2]}"
        names["D." + new] = tensor
    return names


def mmgen(gan):
    """A state under the names of mmgeneration, BGR, with one bias for each map of the start."""
    names = {}
    doublings = gan.config.halvings
    for name, tensor in gan.generator.state_dict().items():
        position, rest = name.split(".", 1)
        level, offset = divmod(int(position), 7)
        if name == "0.weight":
            new = "noise2feat.linear.weight"
        elif name == "0.bias":
            new, tensor = "noise2feat.bias", tensor[::16].view(1, -1, 1, 1)
        elif position == "3":
            new = f"noise2feat.norm.{rest}"
        elif int(position) == 7 * doublings + 7:
            new, tensor = f"to_rgb.conv.{rest}", tensor.flip(0)
        else:
            block = 3 * level + (0 if offset >= 4 else -1)
            new = f"conv_blocks.{block}.{'conv' if offset in (1, 4) else 'bn'}.{rest}"
        names[f"generator.{new}"] = tensor
    end = 7 * doublings + 2
    for name, tensor in gan.discriminator.state_dict().items():
        position, rest = name.split(".", 1)
        level, offset = divmod(int(position) - 2, 7)
        if position == "0":
            new, tensor = f"from_rgb.conv.{rest}", tensor.flip(1) if tensor.ndim > 1 else tensor
        elif int(position) >= end:
            kind = {end: "conv.conv", end + 1: "conv.GN", end + 4: "linear"}[int(position)]
            new = f"decision.{kind}.{rest}"
        else:
            kind = "GN" if offset in (1, 4) else "conv"
            new = f"conv_blocks.{3 * level + int(offset >= 3)}.{kind}.{rest}"
        names[f"discriminator.{new}"] = tensor
    return {f"state_dict.{name}": tensor for name, tensor in names.items()}


WRITERS = {"mimicry": mimicry, "mmgen": mmgen}


@pytest.mark.parametrize(("kind", "config"), [("mimicry", SMALL), ("mmgen", PROGRESSIVE)])
def test_a_converted_file_is_the_model_that_was_written(kind, config):
    torch.manual_seed(0)
    gan = WGANGP(config)
    converted = getattr(convert, kind)(ForeignState(WRITERS[kind](gan)))
    assert converted.config == config
    state = gan.state_dict()
    found = {f"generator.{name}": each for name, each in converted.generator.items()}
    found |= converted.rest
    assert found.keys() == state.keys()
    assert all(torch.equal(found[name], state[name]) for name in state)


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_config_of_a_preset_is_that_of_the_published_file(name):
    """Mimicry's files hold a generator alone."""
    preset = PUBLISHED[name]
    kind = preset.weights.converter.partition(":")[2]
    with torch.device("meta"):
        gan = WGANGP(preset.config)
        state = ForeignState(mimicry(gan, critic=False) if kind == "mimicry" else mmgen(gan))
    assert getattr(convert, kind)(state).config == preset.config


def test_files_of_other_kinds_are_left_to_other_converters():
    normed = {name + "_orig": each for name, each in mimicry(WGANGP(SMALL)).items()}
    assert convert.mimicry(ForeignState(mmgen(WGANGP(PROGRESSIVE)))) is None
    assert convert.mimicry(ForeignState(normed)) is None  # spectral norm
    assert convert.mmgen(ForeignState(mimicry(WGANGP(SMALL)))) is None


@pytest.mark.parametrize(("kind", "config"), [("mimicry", SMALL), ("mmgen", PROGRESSIVE)])
def test_an_unexpected_tensor_is_refused(kind, config):
    state = WRITERS[kind](WGANGP(config))
    prefix = next(iter(state)).rpartition("G.")[1] or "state_dict.generator."
    with pytest.raises(WeightsError, match="unexpected tensor extra"):
        getattr(convert, kind)(ForeignState(state | {f"{prefix}extra": torch.zeros(1)}))


@pytest.mark.parametrize("size", [8, 12, 28, 64])
def test_progressive_networks_fit_every_size(size):
    with torch.device("meta"):
        gan = WGANGP(Config(channels=1, size=size, latent=3, width=2, network="pggan"))
        fake = gan.generate({"latent": torch.empty(2, 3)})
        assert fake.shape == (2, 1, size, size)
        assert gan.discriminator(fake).shape == (2, 1)
