"""Residual generators and discriminators: shapes, conditions, spectral norm."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from torch import nn

from ganzoo import layers


@pytest.mark.parametrize(("size", "widths"), [(8, (4, 4)), (28, (8, 4, 2)), (32, (2, 2, 2, 2))])
def test_each_up_block_doubles_the_size(size, widths):
    generator = layers.ResidualGenerator(3, size, 5, widths)
    assert generator(torch.randn(2, 5)).shape == (2, 3, size, size)
    assert len(generator.blocks) == len(widths) - 1


def test_the_flat_chain_holds_the_same_layers():
    torch.manual_seed(0)
    generator = layers.ResidualGenerator(1, 8, 5, (4, 2)).eval()
    latent = torch.randn(2, 5)
    assert torch.equal(generator.flatten()(latent), generator(latent))


def test_conditions_reach_the_norms_of_the_blocks():
    torch.manual_seed(0)
    norm = partial(layers.ConditionalBatchNorm2d, classes=3)
    generator = layers.ResidualGenerator(1, 8, 5, (4, 2), norm).eval()
    nn.init.normal_(generator.blocks[0].norms[0].shift.weight)
    latent = torch.randn(1, 5)
    one, other = (generator(latent, torch.tensor([label])) for label in (0, 1))
    assert not torch.allclose(one, other)


@pytest.mark.parametrize(("halvings", "sides"), [(0, [8, 8, 8]), (2, [4, 2, 2]), (3, [4, 2, 1])])
def test_the_first_blocks_halve_the_size(halvings, sides):
    blocks = nn.Sequential(*layers.down_blocks(1, (2, 2, 2), halvings))
    seen = []
    for block in blocks:
        block.register_forward_hook(lambda _, __, output: seen.append(output.shape[-1]))
    blocks(torch.zeros(1, 1, 8, 8))
    assert seen == sides
    assert [block.first for block in blocks] == [True, False, False]


def test_without_classes_the_label_is_ignored():
    torch.manual_seed(0)
    discriminator = layers.ResidualDiscriminator(1, (2, 4), 1).eval()
    images = torch.randn(3, 1, 8, 8)
    scores = discriminator(images)
    assert scores.shape == (3, 1)
    assert torch.equal(discriminator(images, torch.tensor([0, 1, 2])), scores)


def test_with_classes_the_projection_on_the_label_is_added():
    """Miyato and Koyama (2018), equation 3."""
    torch.manual_seed(0)
    discriminator = layers.ResidualDiscriminator(1, (2, 4), 1, classes=3).eval()
    images, label = torch.randn(3, 1, 8, 8), torch.tensor([0, 2, 2])
    features = discriminator.blocks(images).sum((2, 3))
    projection = (discriminator.classes(label) * features).sum(1, keepdim=True)
    torch.testing.assert_close(
        discriminator(images, label), discriminator.score(features) + projection
    )


def test_every_layer_of_the_discriminator_has_spectral_norm():
    discriminator = layers.ResidualDiscriminator(1, (2, 4), 1, classes=3)
    for layer in discriminator.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear | nn.Embedding):
            assert nn.utils.parametrize.is_parametrized(layer, "weight")
