"""Residual blocks, norms and spectral norm: shapes, values and state."""

from __future__ import annotations

import copy
from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from ganzoo import layers


def images(maps: int, size: int = 8, n: int = 3) -> torch.Tensor:
    return torch.randn(n, maps, size, size, generator=torch.Generator().manual_seed(0))


def without_branch(block: nn.Module) -> nn.Module:
    """A block whose residual branch outputs 0, so that only the shortcut is left."""
    nn.init.zeros_(block.convolutions[1].weight)
    return block.eval()


# Residual blocks


@pytest.mark.parametrize(("upsample", "size"), [(True, 16), (False, 8)])
@pytest.mark.parametrize("outputs", [4, 6])
@pytest.mark.parametrize("norm", [nn.BatchNorm2d, nn.Identity, partial(nn.GroupNorm, 2)])
def test_an_up_block_doubles_the_size_or_keeps_it(outputs, norm, upsample, size):
    block = layers.UpBlock(4, outputs, norm, upsample=upsample)
    assert block(images(4)).shape == (3, outputs, size, size)


@pytest.mark.parametrize(("downsample", "size"), [(True, 4), (False, 8)])
@pytest.mark.parametrize("outputs", [4, 6])
@pytest.mark.parametrize("first", [True, False])
def test_a_down_block_halves_the_size_or_keeps_it(outputs, downsample, size, first):
    block = layers.DownBlock(4, outputs, downsample=downsample, first=first)
    assert block(images(4)).shape == (3, outputs, size, size)


def test_the_shortcut_is_the_identity_where_the_shape_stays():
    x = images(4)
    for block in (layers.UpBlock(4, 4, upsample=False), layers.DownBlock(4, 4, downsample=False)):
        assert not list(block.shortcut.parameters())
        torch.testing.assert_close(without_branch(block)(x), x)


def test_the_shortcut_is_a_convolution_after_resampling():
    """1 x 1 convolutions commute with both kinds of resampling: either order is the paper's."""
    x = images(4)
    up, down = without_branch(layers.UpBlock(4, 6)), without_branch(layers.DownBlock(4, 6))
    nearest = F.interpolate(x, scale_factor=2.0, mode="nearest")
    torch.testing.assert_close(up(x), up.shortcut(nearest))
    torch.testing.assert_close(down(x), down.shortcut(F.avg_pool2d(x, 2)))


def test_the_first_block_does_not_rectify_the_image():
    """A ReLU on the image would discard all values below 0."""
    dark = -images(1).abs()
    for first, differs in ((True, True), (False, False)):
        block = layers.DownBlock(1, 4, first=first)
        nn.init.zeros_(block.shortcut.weight)
        assert torch.equal(block(dark), block(2 * dark)) is not differs


@pytest.mark.parametrize("n", [1, 3], ids=["few pixels", "many"])
@pytest.mark.parametrize("bias", [True, False])
def test_an_upsampled_convolution_is_upsampling_then_a_convolution(bias, n):
    """Values and gradients are those of both steps, at the borders too."""
    layer = layers.UpsampledConv2d(3, 5, bias=bias).double()
    x = images(3, n=n).double().requires_grad_()
    two_steps = F.conv2d(layers.upsample_nearest(x), layer.weight, layer.bias, padding=1)
    torch.testing.assert_close(layer(x), two_steps)
    weighted = images(5, 16, n)
    ours, theirs = (
        torch.autograd.grad((each * weighted).sum(), (x, *layer.parameters()))
        for each in (layer(x), two_steps)
    )
    torch.testing.assert_close(ours, theirs)


def test_the_first_convolution_of_an_up_block_sees_the_larger_image():
    """With weights and state of the same names as before it was one layer."""
    torch.manual_seed(0)
    block = layers.UpBlock(4, 6, nn.Identity)
    first, second = block.convolutions
    large = F.conv2d(layers.upsample_nearest(images(4).relu()), first.weight, padding=1)
    expected = second(large.relu()) + layers.upsample_nearest(block.shortcut(images(4)))
    torch.testing.assert_close(block(images(4)), expected)
    assert [*block.state_dict()] == [
        *layers.UpBlock(4, 6, nn.Identity, upsampling="bilinear").state_dict()
    ]


def test_blocks_start_with_glorot_weights():
    """Standard deviation gain sqrt(2 / (fan in + fan out)): gain sqrt 2 in the branch, 1 beside."""
    torch.manual_seed(0)
    block = layers.UpBlock(64, 32)
    for layer, gain, fans in (
        (block.convolutions[0], 2**0.5, 9 * (64 + 32)),
        (block.convolutions[1], 2**0.5, 9 * (32 + 32)),
        (block.shortcut, 1.0, 64 + 32),
    ):
        assert layer.weight.std().item() == pytest.approx(gain * (2 / fans) ** 0.5, rel=0.05)
        assert not layer.bias.any()


# Class-conditional batch normalization


def test_each_class_has_its_own_gain_and_shift():
    norm = layers.ConditionalBatchNorm2d(4, classes=3)
    x, plain = images(4), nn.BatchNorm2d(4, affine=False)
    label = torch.tensor([0, 2, 2])
    torch.testing.assert_close(norm(x, label), plain(x))
    with torch.no_grad():
        norm.gain.weight[2] = 3.0
        norm.shift.weight[2] = -1.0
    made = norm(x, label)
    torch.testing.assert_close(made[0], plain(x)[0])
    torch.testing.assert_close(made[1:], 3 * plain(x)[1:] - 1)


def test_a_block_passes_the_label_to_its_norms():
    torch.manual_seed(0)
    block = layers.UpBlock(4, 6, partial(layers.ConditionalBatchNorm2d, classes=3))
    nn.init.normal_(block.norms[1].shift.weight)
    x = images(4)
    one, other = block(x, torch.tensor([0, 0, 0])), block(x, torch.tensor([0, 1, 0]))
    assert not torch.allclose(one[1], other[1])


# Spectral norm


def largest_singular_value(layer: nn.Module) -> float:
    """Largest singular value of the weight as a matrix with a row per output."""
    with torch.no_grad():
        return torch.linalg.matrix_norm(layer.weight.flatten(1), 2).item()


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        layers.DownBlock(1, 4, first=True),
        layers.DownBlock(4, 4, downsample=False),
        nn.Flatten(),
        nn.Linear(64, 1),
        nn.Embedding(3, 4),
    )


def weighted(module: nn.Module) -> list[nn.Module]:
    return [each for each in module.modules() if isinstance(each, nn.Conv2d | nn.Linear)]


def test_spectral_norm_applies_to_every_layer_and_converges_in_training():
    normed = layers.apply_spectral_norm(network())
    normed[3].weight.data.mul_(5)
    for _ in range(30):
        normed[:4](images(1))
        normed[4](torch.tensor([0]))
    assert len(weighted(normed)) == 6
    for layer in (*weighted(normed), normed[4]):
        assert largest_singular_value(layer) == pytest.approx(1, abs=0.02)


def test_spectral_norm_only_rescales_weights():
    plain, normed = network()[:4], layers.apply_spectral_norm(network()[:4])
    for layer in weighted(plain):
        with torch.no_grad():
            layer.weight /= largest_singular_value(layer)
    torch.testing.assert_close(normed.eval()(images(1)), plain(images(1)), rtol=0.02, atol=0.02)


def test_evaluation_runs_no_power_iteration():
    normed = layers.apply_spectral_norm(network()[:4]).eval()
    before = copy.deepcopy(normed.state_dict())
    normed(images(1))
    assert all(torch.equal(value, normed.state_dict()[name]) for name, value in before.items())


def test_spectral_norm_on_the_meta_device_has_the_same_names_and_shapes():
    with torch.device("meta"):
        empty = layers.apply_spectral_norm(network())
    filled = layers.apply_spectral_norm(network())
    assert all(value.is_meta for value in empty.state_dict().values())
    assert [(name, value.shape) for name, value in empty.state_dict().items()] == [
        (name, value.shape) for name, value in filled.state_dict().items()
    ]


def test_spectral_norm_keeps_its_vectors_in_the_state_dict():
    one, other = (layers.apply_spectral_norm(network()[:4]) for _ in range(2))
    for _ in range(3):
        one(images(1))
    other.load_state_dict(one.state_dict())
    assert torch.equal(one(images(1)), other(images(1)))


# Minibatch standard deviation


def test_the_extra_map_is_the_spread_within_each_group():
    """Karras et al. (2018), section 3."""
    torch.manual_seed(0)
    maps = torch.randn(8, 3, 2, 2)
    maps[4:] = maps[4]
    wider = layers.MinibatchStd(4)(maps)
    assert torch.equal(wider[:, :3], maps)
    assert wider[:, 3:].flatten(1).unique(dim=1).shape == (8, 1)
    first = maps[:4].std(0, correction=0).mean()
    torch.testing.assert_close(wider[:4, 3, 0, 0], first.expand(4))
    assert (wider[4:, 3] < 1e-3).all()


def test_groups_that_do_not_divide_the_batch_are_smaller():
    maps = images(2, n=6)
    torch.testing.assert_close(layers.MinibatchStd(4)(maps), layers.MinibatchStd(2)(maps))


def test_bilinear_blocks_and_shortcuts_after_the_relu():
    x = images(4)
    up = without_branch(layers.UpBlock(4, 4, upsampling="bilinear"))
    expected = F.interpolate(x, scale_factor=2.0, mode="bilinear")
    torch.testing.assert_close(
        up(x), up.shortcut(expected) + up.convolutions[1].bias.view(-1, 1, 1)
    )
    down = without_branch(layers.DownBlock(4, 4, downsample=False, relu_shortcut=True))
    torch.testing.assert_close(down(x), x.relu())
