"""Converters of FastGAN generators that others published."""

import re
from dataclasses import replace

import pytest
import torch
from ganzoo_projected import Config, spec
from ganzoo_projected.convert import fastgan, projected
from ganzoo_projected.generator import Generator

from ganzoo.errors import WeightsError
from ganzoo.hub.conversion import ForeignState

SPECTRAL = {"original": "weight_orig", "0._u": "weight_u", "0._v": "weight_v"}
NORM = {
    "norm.running_mean": "stored_mean",
    "norm.running_var": "stored_var",
    "shift.bias": "bias.bias",
    "gain.bias": "gain.bias",
}


def small(**changes):
    return Config(**{"size": 128, "latent": 3, "width": 2, **changes})


def with_random_state(config):
    """A generator whose every tensor is random, as after training."""
    torch.manual_seed(0)
    generator = Generator(config)
    for name, tensor in generator.state_dict().items():
        if "num_batches" not in name:
            tensor.copy_(torch.rand_like(tensor) + 0.1)
    return generator


def file_of(generator, places):
    """The tensors under the names of Projected GAN; ``places`` names the layers of a block."""
    tensors = {}
    for name, tensor in generator.state_dict().items():
        old = re.sub(r"parametrizations\.weight\.(.+)", lambda m: SPECTRAL[m[1]], name)
        old = re.sub(r"^first\.(\d)", lambda m: f"init.init.{int(m[1]) - 1}", old)
        old = re.sub(r"^excitations\.(\d)", lambda m: f"se_{64 << int(m[1])}.main", old)
        old = old.replace("image.", "to_big.").replace("classes.", "embed.")
        if match := re.match(r"doublings\.(\d)\.(\w+)\.?(.*)", old):
            block = f"feat_{8 << int(match[1])}"
            full = generator.config.convolutions[int(match[1])] == 2
            if match[2] == "strengths":
                for place, strength in zip(places["noise"], tensor, strict=False):
                    tensors[f"{block}.{place}.weight"] = strength[None]
                continue
            rest = NORM.get(match[3], match[3]).replace("shift.", "bias.")
            if rest == "norm.num_batches_tracked":
                continue
            old = f"{block}.{places['full' if full else 'lite'][match[2]]}.{rest}"
        tensors[old] = tensor
    return tensors


PLAIN = {
    "full": {"1": 1, "2": 3, "4": 5, "5": 7},
    "lite": {"1": 1, "2": 2},
    "noise": (2, 6),
}
CONDITIONAL = {
    "full": {"1": "conv1", "2": "bn1", "4": "conv2", "5": "bn2"},
    "lite": {"1": "conv", "2": "bn"},
    "noise": ("noise",),
}


def huggan(tensors):
    """Names of Projected GAN to those of HugGAN's FastGAN."""
    names = {}
    for name in tensors:
        new = re.sub(r"^init\.init\.", "_init._layers.", name)
        new = re.sub(r"^feat_(\d+)\.(\d)\.", r"_upsample_\1._layers.\2.", new)
        new = re.sub(r"^se_(\d+)\.main\.", r"_sle_\1._layers.", new)
        new = new.replace("to_big.", "_out_1024.0.").replace(".weight_", "._conv.weight_")
        if tensors[name].shape == (1,) and new.endswith(".weight"):
            new = new.replace(".weight", "._weight")
        names[new] = tensors[name]
    return names


def check(converted, generator):
    assert converted.config == generator.config
    expected = generator.state_dict()
    assert converted.generator.keys() == expected.keys()
    assert all(torch.equal(converted.generator[name], expected[name]) for name in expected)
    assert not converted.rest


@pytest.mark.parametrize(
    "changes", [{"lite": True}, {"noise": True}, {"noise": True, "size": 256}], ids=str
)
def test_round_trip(changes):
    generator = with_random_state(small(**changes))
    tensors = file_of(generator, PLAIN)
    if generator.config.size == 128:  # the official network always has the layers of 256 x 256
        tensors["feat_256.1.weight_orig"] = torch.rand(2, 2, 3, 3)
        tensors["se_256.main.1.weight_u"] = torch.rand(1)
    named = {f"G_ema.synthesis.{name}": tensor for name, tensor in tensors.items()}
    check(projected(ForeignState({**named, "D.feature.weight": torch.zeros(1)})), generator)
    check(projected(ForeignState(tensors)), generator)


@pytest.mark.parametrize("changes", [{"lite": True}, {"noise": True}], ids=str)
def test_round_trip_with_classes(changes):
    generator = with_random_state(small(classes=4, **changes))
    for double in generator.doublings:
        if double.strengths is not None:
            double.strengths.data[1] = double.strengths[0]
    tensors = file_of(generator, CONDITIONAL)
    check(
        projected(ForeignState({f"synthesis.{name}": tensors[name] for name in tensors})), generator
    )


def test_round_trip_of_fastgan():
    generator = with_random_state(small(size=1024, width=8, noise=True, variant="fastgan"))
    tensors = huggan(file_of(generator, PLAIN))
    assert {
        "_init._layers.0._conv.weight_orig",
        "_upsample_8._layers.2._weight",
        "_upsample_16._layers.2.running_mean",
        "_sle_512._layers.3._conv.weight_v",
        "_out_1024.0._conv.weight_orig",
    } <= tensors.keys()
    tensors["_out_128.0._conv.weight_orig"] = torch.rand(3, 8, 1, 1)
    check(fastgan(ForeignState(tensors)), generator)
    assert projected(ForeignState(tensors)) is None


@pytest.mark.parametrize("name", ["church256", "fastgan-anime-face"])
def test_a_published_file_has_the_config_of_its_preset(name):
    """Made narrower, as the initial spectral norm of the full network takes seconds."""
    config = replace(spec.presets[name].config, latent=3, width=8)
    tensors = file_of(Generator(config), PLAIN)
    if config.variant == "fastgan":
        converted = fastgan(ForeignState(huggan(tensors)))
    else:
        converted = projected(ForeignState(tensors))
    assert converted.config == config


def test_what_our_generator_does_not_have_is_refused():
    tensors = file_of(Generator(small(lite=True)), PLAIN)
    assert projected(ForeignState({"conv.weight": torch.zeros(1)})) is None
    assert fastgan(ForeignState(tensors)) is None
    with pytest.raises(WeightsError, match=r"unexpected tensor mapping\.weight"):
        projected(ForeignState({**tensors, "mapping.weight": torch.zeros(1)}))
