"""Conversion of published CycleGAN weights."""

from dataclasses import replace

import pytest
import torch
from ganzoo_cyclegan import Config, convert, spec
from ganzoo_cyclegan.model import CycleGAN

from ganzoo.errors import ConfigError, WeightsError
from ganzoo.hub import import_recognized
from ganzoo.hub.conversion import ForeignState


def made(**changes):
    torch.manual_seed(0)
    return CycleGAN(Config(**{"size": 48, "width": 2, "blocks": 2, "pool": 1, **changes})).eval()


def berkeley_names(gan, block="conv_block", dropout=False):
    """The state of one generator and its discriminator as the authors' code names it."""
    end, nearest = 9 + gan.config.blocks, gan.config.upsampling == "nearest"
    step = 4 if nearest else 3
    inner = {0: 1, 1: 2, 3: 5 + dropout, 4: 6 + dropout}
    tensors = {}
    for name, value in gan.generator["there"].state_dict().items():
        place, *rest = name.split(".")
        number = int(place)
        if rest[0] == "change":
            rest = [block, str(inner[int(rest[1])]), rest[2]]
        elif nearest and rest[0] == "1":
            rest = rest[1:]
        number += 1
        if number >= end + 1:
            number = end + 1 + step * ((number - end - 1) // 3) + (number - end - 1) % 3
            number += 1 if nearest or number == end + 1 + 2 * step else 0
        tensors[f"G.model.{number}.{rest[0] if len(rest) == 1 else '.'.join(rest)}"] = value
    for name, value in gan.discriminator["real"].state_dict().items():
        tensors[f"D.model.{name}"] = value
    return tensors


def mmgen_names(gan):
    """Both directions as mmgeneration names and colors them; source is horses."""
    end = 9 + gan.config.blocks
    order = {0: 0, 3: 1, 6: 2, end: end - 6, end + 3: end - 5, end + 6: end - 4}
    tensors = {}
    for way, domain in (("there", "zebra"), ("back", "horse")):
        for name, value in gan.generator[way].state_dict().items():
            place, *rest = name.split(".")
            if rest[0] == "change":
                theirs = f"{int(place) - 6}.block.{int(rest[1]) // 3}.conv.{rest[2]}"
            else:
                theirs = f"{order[int(place)]}.conv.{rest[0]}"
            if place == "0" and rest == ["weight"]:
                value = value[:, [2, 1, 0]]
            elif int(place) == end + 6:
                value = value[[2, 1, 0]]
            tensors[f"state_dict.generators.{domain}.model.{theirs}"] = value
    for side, domain in (("real", "zebra"), ("source", "horse")):
        for name, value in gan.discriminator[side].state_dict().items():
            place, end_of_name = name.split(".")
            number = (int(place) + 1) // 3
            middle = "" if number == 4 else "conv."
            if name == "0.weight":
                value = value[:, [2, 1, 0]]
            tensors[f"state_dict.discriminators.{domain}.model.{number}.{middle}{end_of_name}"] = (
                value
            )
    return tensors


def check(converted, gan):
    assert converted.config == replace(gan.config, size=256, pool=50)
    own = gan.state_dict()
    assert_equal(converted.generator, gan.generator.state_dict())
    assert_equal(
        converted.rest, {name: own[name] for name in own if name.startswith("discriminator.")}
    )


def assert_equal(found, wanted):
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)


@pytest.mark.parametrize(
    ("changes", "block", "dropout"),
    [
        ({}, "conv_block", False),
        ({"discriminator_width": 3, "halvings": 2}, "conv_block", True),
        ({"norm": "affine"}, "block", False),
        ({"norm": "affine"}, "conv_block", True),
        ({"norm": "batch", "channels": 1}, "conv_block", False),
        ({"upsampling": "nearest", "padded": True, "halvings": 4}, "block", False),
    ],
    ids=["authors", "dropout", "affine", "affine dropout", "batch", "huggan"],
)
def test_the_authors_names(changes, block, dropout):
    gan = made(directions="there", **changes)
    state = ForeignState(berkeley_names(gan, block, dropout))
    check(convert.berkeley(state), gan)
    assert convert.mmgen(state) is None


def test_a_bare_generator_of_an_old_pytorch():
    gan = made(directions="there")
    tensors = {
        name.replace("G.", "module."): value
        for name, value in berkeley_names(gan).items()
        if name.startswith("G.")
    }
    tensors |= {f"module.model.2.running_{each}": torch.ones(2) for each in ("mean", "var")}
    converted = convert.berkeley(ForeignState(tensors))
    assert_equal(converted.generator, gan.generator.state_dict())
    assert not converted.rest


def test_both_directions_of_mmgeneration():
    gan = made()
    state = ForeignState(mmgen_names(gan))
    check(convert.mmgen(state), gan)
    check(convert.mmgen_back(state), gan.reversed())
    assert convert.mmgen_id0(state).config.identity == 0
    assert convert.mmgen_id0_back(state).config.identity == 0
    assert convert.berkeley(state) is None


@pytest.mark.parametrize("names", [berkeley_names, mmgen_names])
def test_an_unexpected_tensor_is_named(names):
    tensors = names(made(directions="both" if names is mmgen_names else "there"))
    first = next(name for name in tensors if name.endswith(".weight"))
    converter = convert.mmgen if names is mmgen_names else convert.berkeley
    with pytest.raises(WeightsError, match=r"unexpected tensor .*\.gamma"):
        converter(ForeignState({**tensors, first.replace("weight", "gamma"): torch.ones(1)}))


def test_other_channels_out_than_in_are_refused():
    tensors = berkeley_names(made(directions="there"))
    last = max(
        (name for name in tensors if name.startswith("G.")), key=lambda n: int(n.split(".")[2])
    )
    last = last.rpartition(".")[0]
    tensors |= {f"{last}.weight": torch.ones(1, 2, 7, 7), f"{last}.bias": torch.ones(1)}
    with pytest.raises(WeightsError, match="from 3 channels to 1"):
        convert.berkeley(ForeignState(tensors))


def test_other_files_are_not_recognized():
    state = ForeignState({"model.0.weight": torch.ones(1), "generators.a.model.0.x": torch.ones(1)})
    assert convert.berkeley(state) is convert.mmgen(state) is convert.mmgen_id0_back(state) is None


@pytest.mark.parametrize("name", ["horse2zebra-berkeley", "zebra2horse-mmgen-id0", "photo2vintage"])
def test_the_config_of_a_file_is_that_of_its_preset(name):
    preset = spec.presets[name]
    with torch.device("meta"):
        gan = CycleGAN(preset.config)
    names = mmgen_names if preset.config.both else berkeley_names
    converter = getattr(convert, preset.weights.converter.partition(":")[2])
    assert converter(ForeignState(names(gan))).config == preset.config


def test_a_downloaded_file_is_known_by_its_name(tmp_path):
    with torch.device("meta"):
        names = berkeley_names(CycleGAN(spec.presets["map2sat"].config))
    one = torch.zeros(1)
    tensors = {name: one.expand(each.shape) for name, each in names.items() if name[0] == "G"}
    torch.save(tensors, tmp_path / "map2sat.pth")
    _, model = import_recognized(tmp_path / "map2sat.pth", tmp_path / "out")
    assert model.name == "cyclegan.map2sat"


def test_one_direction_is_sampled_and_not_trained():
    gan = made(directions="there", size=16, halvings=1)
    source = torch.rand(2, 3, 16, 16) * 2 - 1
    assert gan.sample(source=source).shape == source.shape
    assert [*gan.generator, *gan.discriminator, *gan.pools] == ["there", "real", "real"]
    with pytest.raises(ConfigError, match="--set directions=both"):
        gan.phases()
    with pytest.raises(ConfigError, match="no translation back"):
        gan.reversed()


def test_published_presets_name_the_direction_of_their_data():
    assert spec.presets["zebra2horse-mmgen"].recipe.data == "unpaired:zebra,horse"
    assert spec.presets["facades-label2photo-berkeley"].recipe.data == "unpaired:label,photo"
    assert all(
        "published" in each.description
        for each in spec.presets.values()
        if each.weights and each.weights.converter
    )
