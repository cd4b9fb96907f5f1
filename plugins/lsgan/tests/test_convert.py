"""Published files of mmgeneration: names, configs, refusals."""

import pytest
import torch
from ganzoo_lsgan import Config, convert, spec
from ganzoo_lsgan.model import LSGAN

from ganzoo.errors import WeightsError
from ganzoo.hub.conversion import ForeignState

PUBLISHED = {
    name: each
    for name, each in spec.presets.items()
    if "published" in each.description and "mmgen" in each.weights.converter
}
DCGAN = Config(size=16, latent=4, width=2, discriminator_width=3, slope=0.01)
PAPER = Config(channels=1, size=64, latent=3, width=2, network="paper")


def layers(network):
    """(position, rest of the name, tensor), and the last position."""
    parts = [(*name.split(".", 1), tensor) for name, tensor in network.state_dict().items()]
    entries = [(int(position), rest, tensor) for position, rest, tensor in parts]
    return entries, max(position for position, _, _ in entries)


def mmgen_dcgan(gan):
    """A state under the names of mmgeneration: no bias before a norm, no linear layers, BGR."""
    names = {}
    entries, last = layers(gan.generator)
    for position, rest, tensor in entries:
        if position == last:
            names[f"generator.output_layer.conv.{rest}"] = tensor.flip(1 if tensor.ndim > 1 else 0)
        elif position % 3 == 2:
            block = "noise2feat" if position == 2 else f"upsampling.{(position - 5) // 3}"
            names[f"generator.{block}.bn.{rest}"] = tensor
        elif rest == "weight":
            block = "noise2feat" if position == 0 else f"upsampling.{(position - 4) // 3}"
            if position == 0:
                tensor = tensor.t().unflatten(1, gan.generator[1].unflattened_size)
            names[f"generator.{block}.conv.weight"] = tensor
    entries, last = layers(gan.discriminator)
    for position, rest, tensor in entries:
        if position == last:
            tensor = tensor.view(1, -1, 4, 4) if rest == "weight" else tensor
            names[f"discriminator.output_layer.conv.{rest}"] = tensor
        elif position == 0:
            tensor = tensor.flip(1) if tensor.ndim > 1 else tensor
            names[f"discriminator.downsamples.0.conv.{rest}"] = tensor
        elif position % 3 == 0:
            names[f"discriminator.downsamples.{position // 3}.bn.{rest}"] = tensor
        elif rest == "weight":
            names[f"discriminator.downsamples.{(position + 1) // 3}.conv.{rest}"] = tensor
    return {f"state_dict.{name}": tensor for name, tensor in names.items()}


def mmgen_paper(gan):
    """A state under the names of mmgeneration, BGR."""
    names = {}
    entries, last = layers(gan.generator)
    for position, rest, tensor in entries:
        if position < 4:
            block = "noise2feat_tail.0" if position else "noise2feat_head.0"
            names[f"generator.{block}.{rest}"] = tensor
        else:
            kind = "bn" if position % 3 == 2 else "conv"
            tensor = tensor.flip(int(tensor.ndim > 1)) if position == last else tensor
            names[f"generator.conv_blocks.{(position - 4) // 3}.{kind}.{rest}"] = tensor
    entries, last = layers(gan.discriminator)
    for position, rest, tensor in entries:
        if position == last:
            names[f"discriminator.decision.0.{rest}"] = tensor
        else:
            kind = "bn" if position and position % 3 == 0 else "conv"
            tensor = tensor.flip(1) if position == 0 and tensor.ndim > 1 else tensor
            names[f"discriminator.conv_blocks.{(position + 1) // 3}.{kind}.{rest}"] = tensor
    return {f"state_dict.{name}": tensor for name, tensor in names.items()}


WRITERS = {"mmgen_dcgan": mmgen_dcgan, "mmgen_paper": mmgen_paper}


@pytest.mark.parametrize(("kind", "config"), [("mmgen_dcgan", DCGAN), ("mmgen_paper", PAPER)])
def test_a_converted_file_is_the_model_that_was_written(kind, config):
    torch.manual_seed(0)
    gan = LSGAN(config)
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
        state = ForeignState(WRITERS[kind.removesuffix("_hinge")](LSGAN(preset.config)))
    assert getattr(convert, kind)(state).config == preset.config


def test_a_generator_of_studiogan_is_the_model_that_was_written():
    gan = LSGAN(spec.presets["cifar10-studiogan"].config)
    entries, last = layers(gan.generator)
    names = {0: "linear0", last: "conv4"}
    for position, _, _ in entries:
        block, layer = divmod(position - 2, 3)
        names.setdefault(position, f"blocks.{block}.0.{'bn0' if layer else 'deconv0'}")
    state = {f"state_dict.{names[position]}.{rest}": tensor for position, rest, tensor in entries}
    converted = convert.studiogan(ForeignState(state))
    assert converted.config == gan.config
    gan.generator.load_state_dict(converted.generator)
    assert convert.studiogan(ForeignState(mmgen_dcgan(LSGAN(DCGAN)))) is None


@pytest.mark.parametrize("kind", WRITERS)
def test_other_files_are_left_to_other_converters(kind):
    other, config = ("mmgen_paper", PAPER) if kind == "mmgen_dcgan" else ("mmgen_dcgan", DCGAN)
    assert getattr(convert, kind)(ForeignState(WRITERS[other](LSGAN(config)))) is None


@pytest.mark.parametrize(("kind", "config"), [("mmgen_dcgan", DCGAN), ("mmgen_paper", PAPER)])
def test_an_unexpected_tensor_is_refused(kind, config):
    state = WRITERS[kind](LSGAN(config)) | {"state_dict.discriminator.extra": torch.zeros(1)}
    with pytest.raises(WeightsError, match="unexpected tensor extra"):
        getattr(convert, kind)(ForeignState(state))


@pytest.mark.parametrize("size", [8, 16, 28, 32, 64, 112, 128])
def test_networks_of_the_paper_fit_every_size(size):
    with torch.device("meta"):
        gan = LSGAN(Config(channels=1, size=size, latent=3, width=1, network="paper"))
        fake = gan.generate({"latent": torch.empty(2, 3)})
        assert fake.shape == (2, 1, size, size)
        assert gan.discriminator(fake).shape == (2, 1)


def test_geometric_gan_has_the_hinge_loss():
    """Lim and Ye (2017): a discriminator that scores 0 loses 1 for each kind of image."""
    gan = LSGAN(Config(channels=1, size=8, width=1, loss="hinge"))
    torch.nn.init.zeros_(gan.discriminator[-1].weight)
    images = torch.zeros(2, 1, 8, 8)
    assert gan.discriminator_loss({"real": images}, images)["adv"].item() == 2
    assert gan.generator_loss({}, images)["adv"].item() == 0
