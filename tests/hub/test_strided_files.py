"""Strided networks under other names: biases before a norm, files of other networks."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from ganzoo import layers, registry
from ganzoo.gan import build
from ganzoo.hub.conversion import ForeignState
from ganzoo.hub.published import convert
from ganzoo.hub.strided_files import (
    standard_generator,
    standard_shape,
    strided_discriminator,
    strided_generator,
)


def randomize(network):
    """Seeded values everywhere, and statistics that differ from 0 and 1."""
    torch.manual_seed(0)
    for tensor in [*network.parameters(), *network.buffers()]:
        if tensor.is_floating_point():
            tensor.data.copy_(torch.rand_like(tensor) + 0.1)
    return network.eval()


class Blocks(nn.Module):
    """First convolution, blocks of norm, activation and convolution, in a file's order."""

    def __init__(self, first, blocks, last):
        super().__init__()
        self.first_conv, self.layers, self.last_conv = first, nn.ModuleList(blocks), last

    def forward(self, inputs):
        inputs = self.first_conv(inputs)
        for block in (*self.layers, self.last_conv):
            inputs = block(inputs)
        return inputs


def block(inputs, norm, activation, convolution):
    return nn.Sequential(nn.BatchNorm2d(inputs) if norm else nn.Identity(), activation, convolution)


def official_networks(latent, width):
    """Generator and discriminator of images of 32 x 32."""
    up, leaky = nn.ConvTranspose2d, nn.LeakyReLU(0.2)
    widths = [4 * width, 2 * width, width]
    *body, last = [
        block(inputs, True, nn.ReLU(), up(inputs, outputs, 4, 2, 1))
        for inputs, outputs in pairwise((*widths, 3))
    ]
    generator = Blocks(up(latent, widths[0], 4), body, last)
    body = [
        block(inputs, index > 0, leaky, nn.Conv2d(inputs, outputs, 4, 2, 1))
        for index, (inputs, outputs) in enumerate(pairwise(widths[::-1]))
    ]
    last = block(widths[0], True, leaky, nn.Conv2d(widths[0], 1, 4))
    return generator, Blocks(nn.Conv2d(3, width, 4, 2, 1), body, last)


def a_file(generator, discriminator):
    names = {f"G.{name}": tensor for name, tensor in generator.state_dict().items()}
    names |= {f"D.{name}": tensor for name, tensor in discriminator.state_dict().items()}
    return ForeignState(names)


@pytest.mark.parametrize("name", ["dcgan", "lsgan", "wgan", "wgan-gp"])
def test_biases_before_a_norm_give_the_same_outputs(name):
    model = registry.resolve(f"{name}.cifar10-xyfjason")
    generator, discriminator = map(randomize, official_networks(3, 2))
    converter = model.preset.weights.converter
    converted = convert(model.plugin, converter, a_file(generator, discriminator))
    gan = build(model, converted.config).eval()
    gan.generator.load_state_dict(converted.generator)
    latents, images = torch.randn(2, 3), torch.randn(2, 3, 32, 32)
    expected = generator(latents[:, :, None, None]).tanh()
    torch.testing.assert_close(gan.generator(latents), expected)
    if converted.rest:
        gan.load_state_dict(dict(converted.rest), strict=False)
        expected = discriminator(images).flatten(1)
        torch.testing.assert_close(gan.discriminator(images), expected)
    with torch.device("meta"):
        published = a_file(*official_networks(100, 256))
        found = convert(model.plugin, converter, published)
    assert found.config == model.preset.config


@pytest.mark.parametrize("read", [strided_generator, standard_generator, strided_discriminator])
def test_other_files_are_not_recognized(read):
    assert read({"first_conv.parametrizations.weight.original": torch.zeros(1)}, "a file") is None


def test_discriminators_that_see_a_class_are_others():
    names = {"first_conv.weight": torch.zeros(2, 13, 4, 4), "last_conv.2.weight": torch.zeros(1)}
    assert strided_discriminator(names, "a file") is None


def test_the_shape_of_a_standard_generator():
    generator = layers.StandardGenerator(3, 32, 5, 2)
    assert standard_shape(generator.state_dict()) == (3, 32, 5, 2)
    assert generator(torch.randn(1, 5)).shape == (1, 3, 32, 32)
    assert layers.StandardDiscriminator(3, 32, 2)(torch.randn(2, 3, 32, 32)).shape == (2, 1)
