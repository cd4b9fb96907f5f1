"""Strided generators and discriminators, patch discriminators: shapes and options."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from ganzoo import layers

SIZES = [8, 10, 12, 14, 16, 20, 28, 32, 48, 56, 64, 112, 128]


def count(module: nn.Module, *kinds: type[nn.Module]) -> int:
    return sum(isinstance(layer, kinds) for layer in module.modules())


@pytest.mark.parametrize("linear", [True, False])
@pytest.mark.parametrize("size", SIZES)
def test_every_size_of_four_to_seven_pixels_doubled(size, linear):
    with torch.device("meta"):
        generator = layers.StridedGenerator(1, size, 3, 1, linear=linear)
        widths = layers.StridedDiscriminator.doubled_widths(1, size)
        discriminator = layers.StridedDiscriminator(1, size, widths, linear=linear)
        fake = generator(torch.empty(2, 3))
        assert fake.shape == (2, 1, size, size)
        assert discriminator(fake).shape == (2, 1)
    assert 4 <= size // 2 ** count(generator, nn.BatchNorm2d) <= 7
    assert size // 2 ** len(widths) <= 4


def test_feature_maps_double_from_the_image_inwards():
    discriminator = layers.StridedDiscriminator(
        3, 32, layers.StridedDiscriminator.doubled_widths(8, 32)
    )
    maps = [layer.out_channels for layer in discriminator if isinstance(layer, nn.Conv2d)]
    assert maps == [8, 16, 32, 1]
    generator = layers.StridedGenerator(3, 32, 5, 8)
    maps = [layer.out_channels for layer in generator if isinstance(layer, nn.ConvTranspose2d)]
    assert maps == [32, 16, 8, 3]


def test_samples_are_in_range():
    generator = layers.StridedGenerator(1, 8, 4, 2).eval()
    images = generator(1e6 * torch.randn(4, 4))
    assert images.abs().max() <= 1


def test_norm_is_everywhere_but_at_the_image_or_nowhere():
    normalized = layers.StridedDiscriminator(1, 32, [4, 8, 16])
    kinds = [type(layer) for layer in normalized if not isinstance(layer, nn.LeakyReLU)]
    conv, norm = nn.Conv2d, nn.BatchNorm2d
    assert kinds == [conv, conv, norm, conv, norm, conv, nn.Flatten]
    plain = layers.StridedDiscriminator(1, 32, [4, 8, 16], norm=None)
    assert not count(plain, nn.BatchNorm2d)


def test_the_minibatch_standard_deviation_is_seen_by_the_last_layer():
    torch.manual_seed(0)
    critic = layers.StridedDiscriminator(1, 8, [2], norm=None, linear=True, group=4)
    images = torch.randn(16, 1, 8, 8)
    parts = torch.cat([critic(part) for part in images.split(8)])
    torch.testing.assert_close(critic(images), parts)
    assert critic[-1].in_features == 3 * 4 * 4


@pytest.mark.parametrize(("halvings", "patch"), [(1, 16), (2, 34), (3, 70)])
def test_a_patch_discriminator_sees_patches_of_the_papers_size(halvings, patch):
    """Isola et al. (2017), appendix 6.1: the gradient of one score covers one patch."""
    torch.manual_seed(0)
    network = layers.PatchDiscriminator(1, 2, halvings, nn.Identity)
    images = torch.randn(1, 1, 112, 112, requires_grad=True)
    scores = network(images)
    middle = scores.shape[2] // 2
    scores[0, 0, middle, middle].backward()
    rows = images.grad[0, 0].abs().sum(1).nonzero()
    assert rows.max() - rows.min() + 1 == patch


def test_a_padded_patch_discriminator_halves_in_every_layer_but_the_last():
    network = layers.PatchDiscriminator(3, 2, 4, nn.Identity, last_bias=False, padded=True)
    assert network(torch.zeros(1, 3, 64, 64)).shape == (1, 1, 4, 4)
    assert [each.stride[0] for each in network if isinstance(each, nn.Conv2d)] == [2, 2, 2, 2, 1]
    assert network[-1].bias is None
