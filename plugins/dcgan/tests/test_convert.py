"""Published files of other programs: names, configs, refusals."""

import pytest
import torch
from ganzoo_dcgan import Config, convert, spec
from ganzoo_dcgan.model import DCGAN

from ganzoo.errors import WeightsError
from ganzoo.hub.conversion import ForeignState

PUBLISHED = {name: each for name, each in spec.presets.items() if "published" in each.description}


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


WRITERS = {"tutorial": tutorial, "mmgen": mmgen}


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("tutorial", Config(channels=1, size=16, latent=4, width=2)),
        ("tutorial", Config(size=8, latent=4, width=3, discriminator_width=2)),
        ("mmgen", Config(size=16, latent=4, width=2, outer_bias=True, slope=0.01)),
        ("mmgen", Config(1, 32, 4, 3, discriminator_width=2, outer_bias=True, slope=0.01)),
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
    other = WRITERS["mmgen" if kind == "tutorial" else "tutorial"]
    assert getattr(convert, kind)(ForeignState(other(DCGAN(Config(size=8, width=1))))) is None


def test_an_unexpected_tensor_is_refused():
    state = mmgen(DCGAN(Config(size=8, width=1, outer_bias=True)))
    state["state_dict.generator.attention.weight"] = torch.zeros(1)
    with pytest.raises(WeightsError, match=r"unexpected tensor attention\.weight"):
        convert.mmgen(ForeignState(state))
