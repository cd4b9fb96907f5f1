"""Published files of other programs: names, configs, refusals."""

import sys
import types

import pytest
import torch
from ganzoo_dcgan import Config, convert, spec
from ganzoo_dcgan.model import DCGAN

from ganzoo.errors import WeightsError
from ganzoo.hub.conversion import ForeignState
from ganzoo.hub.foreign import read_state

PUBLISHED = {
    name: each
    for name, each in spec.presets.items()
    if "published" in each.description and "blocks" not in each.weights.converter
}


def tutorial(gan):
    """A state under the names of PyTorch's tutorial."""
    names = {}
    for name, tensor in gan.generator.state_dict().items():
        position, rest = name.split(".", 1)
        names[f"G.main.{int(position) - 1}.{rest}"] = tensor
    for name, tensor in gan.discriminator.state_dict().items():
        names[f"D.main.{name}"] = tensor
    return names


def mmgen(gan):
    """A state under the names of mmgeneration, with BGR images."""
    names = {}
    last = max(int(name.split(".")[0]) for name in gan.generator.state_dict())
    for name, tensor in gan.generator.state_dict().items():
        position, rest = name.split(".", 1)
        level, norm = divmod(int(position) - 1, 3)
        block = "noise2feat" if level == 0 else f"upsampling.{level - 1}"
        if int(position) == last:
            block, tensor = "output_layer", tensor.flip(1 if tensor.ndim > 1 else 0)
        names[f"state_dict.generator.{block}.{'bn' if norm else 'conv'}.{rest}"] = tensor
    last = max(int(name.split(".")[0]) for name in gan.discriminator.state_dict())
    for name, tensor in gan.discriminator.state_dict().items():
        position, rest = name.split(".", 1)
        block = f"downsamples.{(int(position) + 1) // 3}"
        kind = "conv" if position == "0" or int(position) % 3 else "bn"
        if position == "0":
            tensor = tensor.flip(1) if tensor.ndim > 1 else tensor
        elif int(position) == last:
            block = "output_layer"
        names[f"state_dict.discriminator.{block}.{kind}.{rest}"] = tensor
    return names


def gan_zoo(gan):
    """A state under the names of pytorch_GAN_zoo."""
    names, depth = {}, gan.config.halvings - 1
    for name, tensor in gan.generator.state_dict().items():
        position, rest = name.split(".", 1)
        block, norm = divmod(int(position) - 1, 3)
        layer = f"main.{'batchNorm' if norm else 'convTranspose'}{block}"
        layer = {1: "formatLayer", 3 * depth + 4: "main.outlayer"}.get(int(position), layer)
        names[f"avgG.{layer}.{rest}"] = names[f"netG.{layer}.{rest}"] = tensor
    for name, tensor in gan.discriminator.state_dict().items():
        position, rest = name.split(".", 1)
        block = (int(position) + 1) // 3
        layer = "convTranspose" if int(position) % 3 == 2 or block == 0 else "batchNorm"
        layer = "decisionLayer" if block > depth else f"main.{layer}{depth - block}"
        names[f"netD.{layer}.{rest}"] = tensor
    return names


def studiogan(gan):
    """A state under the names of StudioGAN's deep_conv, a generator alone."""
    names = {}
    for name, tensor in gan.generator.state_dict().items():
        position, rest = name.split(".", 1)
        block, layer = divmod(int(position) - 2, 3)
        where = f"blocks.{block}.0.{'bn0' if layer else 'deconv0'}"
        where = {0: "linear0", 2 + 3 * gan.config.halvings: "conv4"}.get(int(position), where)
        names[f"state_dict.{where}.{rest}"] = tensor
    return names


WRITERS = {
    "tutorial": tutorial,
    "mmgen": mmgen,
    "gan_zoo": gan_zoo,
    "studiogan": studiogan,
}


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("tutorial", Config(channels=1, size=16, latent=4, width=2)),
        ("tutorial", Config(size=8, latent=4, width=3, discriminator_width=2)),
        ("mmgen", Config(size=16, latent=4, width=2, outer_bias=True, slope=0.01)),
        ("mmgen", Config(1, 32, 4, 3, discriminator_width=2, outer_bias=True, slope=0.01)),
        ("gan_zoo", Config(size=16, latent=4, width=2, discriminator_width=3)),
        ("studiogan", Config(size=16, latent=4, width=2, network="standard")),
    ],
)
def test_a_converted_file_is_the_model_that_was_written(kind, config):
    torch.manual_seed(0)
    gan = DCGAN(config)
    converted = getattr(convert, kind)(ForeignState(WRITERS[kind](gan)))
    assert converted.config == config
    state = gan.state_dict()
    found = {f"generator.{name}": each for name, each in converted.generator.items()}
    found |= converted.rest
    if not converted.rest:
        state = {name: each for name, each in state.items() if name.startswith("generator.")}
    assert found.keys() == state.keys()
    assert all(torch.equal(found[name], state[name]) for name in state)


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_config_of_a_preset_is_that_of_the_published_file(name):
    preset = PUBLISHED[name]
    kind = preset.weights.converter.partition(":")[2]
    with torch.device("meta"):
        state = ForeignState(WRITERS[kind](DCGAN(preset.config)))
    assert getattr(convert, kind)(state).config == preset.config


@pytest.mark.parametrize("kind", WRITERS)
def test_other_files_are_left_to_other_converters(kind):
    gan = DCGAN(Config(size=8, width=1))
    for name, other in WRITERS.items():
        if name not in (kind, "studiogan"):
            assert getattr(convert, kind)(ForeignState(other(gan))) is None


class BaseConfig:
    """As pytorch_GAN_zoo keeps its settings; pickled under its name below."""


BaseConfig.__module__ = "models.utils.config"


@pytest.mark.parametrize("zipped", [True, False])
def test_the_settings_in_a_file_of_gan_zoo_are_read_as_plain_data(tmp_path, monkeypatch, zipped):
    """The class is neither imported nor built."""
    module = types.ModuleType("models.utils.config")
    module.BaseConfig = BaseConfig
    monkeypatch.setitem(sys.modules, "models.utils.config", module)
    settings = BaseConfig()
    settings.depth = 1
    gan = DCGAN(Config(size=16, latent=4, width=2))
    content = {"config": settings}
    for name, tensor in gan_zoo(gan).items():
        network, rest = name.split(".", 1)
        content.setdefault(network, {})[rest] = tensor
    torch.save(content, tmp_path / "a.pth", _use_new_zipfile_serialization=zipped)
    monkeypatch.delitem(sys.modules, "models.utils.config")
    assert convert.gan_zoo(read_state(tmp_path / "a.pth")).config == gan.config


def test_an_unexpected_tensor_is_refused():
    state = mmgen(DCGAN(Config(size=8, width=1, outer_bias=True)))
    state["state_dict.generator.attention.weight"] = torch.zeros(1)
    with pytest.raises(WeightsError, match=r"unexpected tensor attention\.weight"):
        convert.mmgen(ForeignState(state))
