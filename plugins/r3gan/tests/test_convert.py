"""Converter of the official R3GAN's weights."""

from dataclasses import replace

import pytest
import torch
from ganzoo_r3gan import Config, spec
from ganzoo_r3gan.convert import discriminator_table, generator_table, official
from ganzoo_r3gan.model import R3GAN

from ganzoo.errors import WeightsError
from ganzoo.hub.conversion import ForeignState

SMALL = Config(
    size=16, latent=3, classes=5, widths=(8, 8, 4), blocks=(1, 2, 1), group=4, embedding=6
)
PUBLISHED = {name: each.config for name, each in spec.presets.items() if name != "mnist"}


def file_of(gan):
    """The networks under the official names, as in a pickle."""
    tensors = {}
    for key, network, table in (
        ("G_ema", gan.generator, generator_table(gan.config)),
        ("D", gan.discriminator, discriminator_table(gan.config)),
    ):
        names = {new: old.replace("\\", "") for old, new in table if new}
        for name, tensor in network.state_dict().items():
            tensors[f"{key}.Model.{names[name]}"] = tensor.t() if "embedding" in name else tensor
    return tensors


def test_official_names():
    names = set(file_of(R3GAN(SMALL)))
    assert {
        "G_ema.Model.MainLayers.0.Layers.0.Basis",
        "G_ema.Model.MainLayers.1.Layers.2.NonLinearity2.Bias",
        "G_ema.Model.MainLayers.2.Layers.0.LinearLayer.Layer.weight",
        "D.Model.MainLayers.0.Layers.1.LinearLayer.Layer.weight",
        "D.Model.MainLayers.2.Layers.1.Basis.weight",
        "D.Model.MainLayers.2.Layers.1.LinearLayer.weight",
    } <= names
    assert "G_ema.Model.MainLayers.1.Layers.0.LinearLayer.Layer.weight" not in names


@pytest.mark.parametrize("changes", [{}, {"classes": 0, "embedding": 0}, {"expansion": 3}], ids=str)
def test_round_trip(changes):
    torch.manual_seed(0)
    gan = R3GAN(replace(SMALL, **changes))
    tensors = file_of(gan)
    tensors["G_ema.Model.MainLayers.1.Layers.0.Resampler.Kernel"] = torch.outer(
        *[torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8] * 2
    )
    converted = official(ForeignState(tensors))
    assert converted.config == gan.config
    expected = gan.generator.state_dict()
    assert converted.generator.keys() == expected.keys()
    assert all(torch.equal(converted.generator[name], expected[name]) for name in expected)
    rest = {f"discriminator.{key}": each for key, each in gan.discriminator.state_dict().items()}
    assert converted.rest.keys() == rest.keys()
    assert all(torch.equal(converted.rest[name], rest[name]) for name in rest)


@pytest.mark.parametrize("config", PUBLISHED.values(), ids=PUBLISHED.keys())
def test_a_published_file_has_the_config_of_its_preset(config):
    with torch.device("meta"):
        tensors = file_of(R3GAN(config))
    assert official(ForeignState(tensors)).config == config


def test_groups_that_differ_and_a_generator_alone():
    config = replace(SMALL, classes=0, embedding=0, group=4, groups=(2, 4, 4))
    gan = R3GAN(config)
    tensors = {name: each for name, each in file_of(gan).items() if name.startswith("G_ema")}
    converted = official(ForeignState(tensors))
    assert (converted.config.groups, converted.config.stage_groups) == ((2, 4, 4), (2, 4, 4))
    assert not converted.rest


def test_files_of_another_kind_are_left_to_others():
    assert official(ForeignState({"G_ema.synthesis.b4.const": torch.zeros(1)})) is None


def test_what_our_networks_do_not_have_is_refused():
    tensors = file_of(R3GAN(SMALL))
    with pytest.raises(WeightsError, match="unexpected tensor Noise"):
        official(ForeignState({**tensors, "G_ema.Model.Noise": torch.zeros(1)}))
    kernel = {"D.Model.MainLayers.0.Layers.1.Resampler.Kernel": torch.ones(4, 4)}
    with pytest.raises(WeightsError, match=r"not the filter \[1, 3, 3, 1\]"):
        official(ForeignState({**tensors, **kernel}))
