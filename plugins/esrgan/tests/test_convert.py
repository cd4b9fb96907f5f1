"""Conversion of published super-resolution weights."""

from dataclasses import replace

import pytest
import torch
from ganzoo_esrgan import Config, convert, spec
from ganzoo_esrgan.networks import CompactNet, RRDBNet, UNetDiscriminator

from ganzoo.errors import WeightsError
from ganzoo.hub.conversion import ForeignState

NEW = {
    "rdb": "body.{}.rdb{}.conv{}.{}",
    "ups": "conv_up{}",
    "trunk": "conv_body",
    "high": "conv_hr",
}
TRUNK = {
    "rdb": "RRDB_trunk.{}.RDB{}.conv{}.{}",
    "ups": "upconv{}",
    "trunk": "trunk_conv",
    "high": "HRconv",
}


def state_of(config, device="cpu"):
    torch.manual_seed(0)
    network = CompactNet if config.network == "compact" else RRDBNet
    with torch.device(device):
        return network(config).state_dict()


def named(state, names):
    """The state as the official code names it."""
    found = {}
    for name, value in state.items():
        part, *rest = name.split(".")
        if part == "body":
            block, _, dense, _, number, entry = rest
            name = names["rdb"].format(block, int(dense) + 1, int(number) + 1, entry)
        elif part == "ups":
            name = f"{names['ups'].format(int(rest[0]) + 1)}.{rest[1]}"
        else:
            part = {"conv_body": names["trunk"], "conv_hr": names["high"]}.get(part, part)
            name = f"{part}.{rest[0]}"
        found[name] = value
    return found


def numbered(state, ups):
    """The state with the names of the first community models."""
    places = {f"ups.{place}": 3 + 3 * place for place in range(ups)}
    high = 2 + 3 * ups
    places |= {"conv_first": 0, "conv_hr": high, "conv_last": high + 2}
    blocks = 1 + max(int(name.split(".")[1]) for name in state if name.startswith("body."))
    found = {}
    for name, value in state.items():
        stem, _, entry = name.rpartition(".")
        if name.startswith("body."):
            _, block, _, dense, _, number = stem.split(".")
            stem = f"1.sub.{block}.RDB{int(dense) + 1}.conv{int(number) + 1}.0"
        else:
            stem = f"1.sub.{blocks}" if stem == "conv_body" else str(places[stem])
        found[f"model.{stem}.{entry}"] = value
    return found


def check(converter, tensors, config, state, prefix=""):
    converted = converter(ForeignState({f"{prefix}{k}": v for k, v in tensors.items()}))
    assert converted.of_preset(config).config == config
    assert converted.generator.keys() == state.keys()
    for name, value in state.items():
        assert value.is_meta or torch.equal(converted.generator[name], value)


@pytest.mark.parametrize("prefix", ["params_ema.", "params.", "", "module.", "params_ema.module."])
@pytest.mark.parametrize("names", [NEW, TRUNK], ids=["new", "trunk"])
def test_rrdb_networks_come_back(names, prefix):
    config = replace(Config(), width=4, blocks=2, growth=3)
    state = state_of(config)
    check(convert.rrdb, named(state, names), config, state, prefix)


@pytest.mark.parametrize(("scale", "unshuffle"), [(1, 1), (2, 1), (8, 1), (2, 2), (1, 4)], ids=str)
def test_scales_are_known_by_shapes(scale, unshuffle):
    config = replace(Config(), width=4, blocks=1, growth=3, scale=scale, unshuffle=unshuffle)
    state = state_of(config)
    check(convert.rrdb, named(state, NEW), config, state)


@pytest.mark.parametrize("scale", [1, 2, 4, 8, 16])
def test_numbered_networks_come_back(scale):
    config = replace(Config(), width=4, blocks=2, growth=3, scale=scale)
    state = state_of(config)
    check(convert.rrdb_old, numbered(state, config.doublings), config, state)


def test_averaged_weights_come_first():
    config = replace(Config(), width=4, blocks=1, growth=3)
    state = state_of(config)
    both = {f"params_ema.{name}": value for name, value in named(state, NEW).items()}
    both |= {f"params.{name}": value + 1 for name, value in named(state, NEW).items()}
    check(convert.rrdb, both, config, state)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_compact_networks_come_back(scale):
    config = Config(network="compact", width=4, blocks=3, scale=scale)
    state = state_of(config)
    check(convert.compact, state, config, state, "params.")


def test_a_discriminator_comes_back():
    torch.manual_seed(0)
    state = UNetDiscriminator(3, 2).state_dict()
    theirs = {"conv_first": 0, "conv_last": 9, "downs": 1, "ups": 4, "convs": 7}
    entries = {"original": "weight_orig", "_u": "weight_u", "_v": "weight_v"}
    tensors = {}
    for name, value in state.items():
        part, *rest = name.split(".")
        number = theirs[part] + (int(rest[0]) if len(rest) > 1 else 0)
        tensors[f"params.conv{number}.{entries.get(rest[-1], rest[-1])}"] = value
    found = convert.discriminator(ForeignState(tensors))
    assert found.keys() == state.keys()
    assert all(torch.equal(found[name], value) for name, value in state.items())


def test_other_files_are_refused():
    for converter in (convert.rrdb, convert.rrdb_old, convert.compact, convert.discriminator):
        assert converter(ForeignState({"fc.weight": torch.zeros(2, 2)})) is None
    tensors = named(state_of(replace(Config(), width=4, blocks=1, growth=3)), NEW)
    with pytest.raises(WeightsError, match=r"RRDB network: unexpected tensor conv_extra\.weight"):
        convert.rrdb(ForeignState({**tensors, "conv_extra.weight": torch.zeros(1)}))


PUBLISHED = {name: preset for name, preset in spec.presets.items() if name != "digits2x"}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_files_have_the_config_of_their_preset(name):
    """By the shapes of the whole network; the settings of training are those of the preset."""
    preset = PUBLISHED[name]
    config = preset.config
    state = state_of(config, "meta")
    converter = preset.weights.converter.partition(":")[2]
    if converter == "compact":
        check(convert.compact, state, config, state, "params.")
    elif converter == "rrdb_old":
        check(convert.rrdb_old, numbered(state, config.doublings), config, state)
    else:
        check(convert.rrdb, named(state, NEW), config, state, "params_ema.")
    floats = 4 * sum(value.numel() for value in state.values())
    size = preset.weights.size or floats
    assert floats <= size < 1.01 * floats + 100_000
