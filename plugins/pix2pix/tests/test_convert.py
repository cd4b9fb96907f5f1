"""Conversion of published pix2pix weights."""

from dataclasses import replace

import pytest
import torch
from ganzoo_pix2pix import Config, convert, spec
from ganzoo_pix2pix.model import Pix2Pix

from ganzoo.errors import WeightsError
from ganzoo.hub.conversion import ForeignState


def made(**changes):
    torch.manual_seed(0)
    values = {"size": 64, "width": 1, "noisy": 1, "skipped": 1, **changes}
    return Pix2Pix(Config(**values)).eval()


def levels(gan):
    return len(gan.config.widths)


def berkeley_names(gan):
    """The state as the authors' code names it, with the statistics of batch norm."""
    last, tensors = levels(gan) - 1, {}
    for name, value in gan.generator.state_dict().items():
        side, number, place, entry = name.split(".")
        level = int(number) if side == "downs" else last - int(number)
        if level == 0:
            theirs = "0" if side == "downs" else "3"
            tensors[f"G.model.model.{theirs}.{entry}"] = value
            continue
        first = 0 if side == "downs" else 2 if level == last else 4
        prefix = "G.model.model.1" + ".model.3" * (level - 1)
        tensors[f"{prefix}.model.{int(place) + first}.{entry}"] = value
    for name, value in gan.discriminator.state_dict().items():
        tensors[f"D.model.{name}"] = value
    return with_statistics(tensors) if gan.config.norm == "affine" else tensors


def mmgen_names(gan):
    """The state as mmgeneration names and colors it."""
    last, tensors = levels(gan) - 1, {}
    for name, value in gan.generator.state_dict().items():
        side, number, place, entry = name.split(".")
        level = int(number) if side == "downs" else last - int(number)
        theirs = 0 if side == "downs" else 1 if level == last else 2
        kind = "bn" if place == "2" else "conv"
        if level == 0:
            value = value[[2, 1, 0]] if entry == "bias" else value[:, [2, 1, 0]]
        prefix = "state_dict.generators.photo.model" + ".model.1" * level
        tensors[f"{prefix}.model.{theirs}.{kind}.{entry}"] = value
    for name, value in gan.discriminator.state_dict().items():
        place, entry = name.split(".")
        level, norm = -(-int(place) // 3), int(place) and int(place) % 3 == 0
        middle = "" if level > gan.config.halvings else "bn." if norm else "conv."
        if name == "0.weight":
            value = value[:, [2, 1, 0, 5, 4, 3]]
        tensors[f"state_dict.discriminators.photo.model.{level}.{middle}{entry}"] = value
    return with_statistics(tensors) if gan.config.norm == "affine" else tensors


def with_statistics(tensors):
    """Batch norm's buffers beside each of its gains."""
    added = {
        name.replace("weight", f"running_{kind}"): torch.ones_like(value)
        for name, value in tensors.items()
        for kind in ("mean", "var")
        if name.endswith(".weight") and value.ndim == 1
    }
    return {**tensors, **added}


def huggan_names(gan):
    """The state as huggan names it; the discriminator sees the target first."""
    tensors = {}
    for name, value in gan.generator.state_dict().items():
        side, *rest = name.split(".")
        if side == "last":
            tensors[f"G.final.{'.'.join(rest)}"] = value
        else:
            tensors[f"G.{side.removesuffix('s')}{int(rest[0]) + 1}.model.0.weight"] = value
    for name, value in gan.discriminator.state_dict().items():
        if name == "0.weight":
            value = torch.cat([value[:, 3:], value[:, :3]], 1)
        tensors[f"D.model.{name}"] = value
    return tensors


def check(converted, gan):
    assert converted.config == gan.config
    own, found = gan.state_dict(), {f"generator.{k}": v for k, v in converted.generator.items()}
    found |= converted.rest
    assert found.keys() == own.keys()
    assert all(torch.equal(found[name], own[name]) for name in own)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"discriminator_width": 2, "halvings": 2},
        {"size": 128, "noisy": 2},
        {"norm": "instance"},
    ],
    ids=str,
)
def test_the_authors_names(changes):
    gan = made(**changes)
    check(convert.berkeley(ForeignState(berkeley_names(gan))), gan)


def test_mmgenerations_names():
    gan = made()
    state = ForeignState(mmgen_names(gan))
    check(convert.mmgen(state), gan)
    assert convert.berkeley(state) is convert.huggan(state) is None
    assert convert.mmgen_swapped(state).config == replace(gan.config, source="swapped")


@pytest.mark.parametrize("names", [berkeley_names, mmgen_names])
def test_running_statistics_are_kept_on_request(names):
    gan = made(norm="batch")
    converter = convert.mmgen if names is mmgen_names else convert.berkeley
    check(converter(ForeignState(names(gan)), norm="batch"), gan)


def test_huggans_names():
    gan = made(networks="huggan", halvings=4, noisy=3, skipped=0)
    check(convert.huggan(ForeignState(huggan_names(gan))), gan)


def test_a_bare_generator():
    gan = made()
    tensors = {
        name.removeprefix("G."): value
        for name, value in berkeley_names(gan).items()
        if name.startswith("G.")
    }
    converted = convert.berkeley_swapped(ForeignState(tensors))
    assert converted.config == replace(gan.config, source="swapped")
    assert not converted.rest
    assert converted.generator.keys() == gan.generator.state_dict().keys()


@pytest.mark.parametrize("names", [berkeley_names, mmgen_names, huggan_names])
def test_an_unexpected_tensor_is_named(names):
    huggan = names is huggan_names
    gan = made(networks="huggan", halvings=4) if huggan else made()
    tensors = names(gan)
    first = next(name for name in tensors if name.endswith(".weight"))
    converter = getattr(convert, names.__name__.partition("_")[0])
    with pytest.raises(WeightsError, match=r"unexpected tensor .*\.gamma"):
        converter(ForeignState({**tensors, first.replace("weight", "gamma"): torch.ones(1)}))


def test_other_channels_out_than_in_are_refused():
    tensors = berkeley_names(made())
    tensors |= {"G.model.model.3.weight": torch.ones(2, 1, 4, 4)}
    tensors |= {"G.model.model.3.bias": torch.ones(1)}
    with pytest.raises(WeightsError, match="from 3 channels to 1"):
        convert.berkeley(ForeignState(tensors))


@pytest.mark.parametrize(
    "name", ["facades-berkeley", "sat2map-mmgen", "map2sat-mmgen", "night2day"]
)
def test_the_config_of_a_file_is_that_of_its_preset(name):
    preset = spec.presets[name]
    with torch.device("meta"):
        gan = Pix2Pix(preset.config)
    converter = preset.weights.converter.partition(":")[2]
    names = {"berkeley": berkeley_names, "mmgen": mmgen_names, "huggan": huggan_names}
    tensors = names[converter.partition("_")[0]](gan)
    assert getattr(convert, converter)(ForeignState(tensors)).config == preset.config
