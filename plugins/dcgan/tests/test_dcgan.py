"""DCGAN: networks, initial weights and losses."""

from math import log

import pytest
import torch
from ganzoo_dcgan import Config, spec
from ganzoo_dcgan.model import DCGAN
from torch import nn

from ganzoo.errors import ConfigError

PAPER = {name: preset for name, preset in spec.presets.items() if "studiogan" not in name}
"""Presets of the paper's layers; StudioGAN's standard networks have others."""
each_preset = pytest.mark.parametrize("preset", PAPER.values(), ids=PAPER.keys())


def parameters(module):
    return sum(each.numel() for each in module.parameters())


def layers(module, *kinds):
    return [each for each in module.modules() if isinstance(each, kinds)]


@pytest.mark.parametrize(
    ("config", "generator", "discriminator"),
    [
        (Config(channels=1, size=28, width=32), 347_072, 165_888),
        (Config(channels=1, size=28, width=64), 759_680, 659_456),
        (spec.presets["cifar10"].config, 1_068_928, 663_296),
        # the DCGAN of github.com/pytorch/examples, for nc=3, nz=100, ngf=ndf=64
        (spec.presets["celeba64"].config, 3_576_704, 2_765_568),
    ],
    ids=["digits, 32 maps", "digits, 64 maps", "cifar10", "celeba64"],
)
def test_parameter_counts(config, generator, discriminator):
    with torch.device("meta"):
        gan = DCGAN(config)
    assert parameters(gan.generator) == generator
    assert parameters(gan.discriminator) == discriminator


@each_preset
def test_shapes_on_the_meta_device(preset):
    config = preset.config
    with torch.device("meta"):
        gan = DCGAN(config)
        fake = gan.generate({"latent": torch.empty(2, config.latent)})
        assert fake.shape == (2, config.channels, config.size, config.size)
        assert gan.discriminator(fake).shape == (2, 1)


@pytest.mark.parametrize("size", [8, 10, 12, 14, 16, 20, 28, 32, 48, 56, 64, 112, 128])
def test_every_size_of_four_to_seven_doubled(size):
    config = Config(channels=1, size=size, latent=3, width=1)
    with torch.device("meta"):
        gan = DCGAN(config)
        fake = gan.generate({"latent": torch.empty(2, 3)})
        assert fake.shape == (2, 1, size, size)
        assert gan.discriminator(fake).shape == (2, 1)
    first = layers(gan.generator, nn.ConvTranspose2d)[0]
    assert 4 <= first.kernel_size[0] <= 7


def test_samples_are_in_range():
    config = spec.presets["mnist"].config
    gan = DCGAN(config).eval()
    fake = gan.generate({"latent": 1e6 * torch.randn(4, config.latent)})
    assert fake.shape[1:] == gan.sample_spec.shape == (1, 28, 28)
    assert (fake.min(), fake.max()) == (-1, 1)


@each_preset
def test_batch_norm_is_everywhere_but_at_the_image(preset):
    """Radford et al. (2015), section 3: not at the generator's output nor the critic's input."""
    with torch.device("meta"):
        gan = DCGAN(preset.config)
    up, down = layers(gan.generator, nn.ConvTranspose2d), layers(gan.discriminator, nn.Conv2d)
    assert len(layers(gan.generator, nn.BatchNorm2d)) == len(up) - 1
    assert len(layers(gan.discriminator, nn.BatchNorm2d)) == len(down) - 2
    kinds = [type(each) for each in layers(gan.discriminator, nn.Conv2d, nn.BatchNorm2d)]
    assert kinds[:2] == [nn.Conv2d, nn.Conv2d]
    kinds = [type(each) for each in layers(gan.generator, nn.ConvTranspose2d, nn.BatchNorm2d)]
    assert kinds[-1] is nn.ConvTranspose2d
    assert kinds[0::2] == [nn.ConvTranspose2d] * len(up)


def test_there_is_no_pooling_and_no_hidden_linear_layer():
    gan = DCGAN(spec.presets["mnist"].config)
    assert layers(gan, nn.Linear, nn.MaxPool2d, nn.AvgPool2d, nn.Upsample) == []


def test_weights_begin_as_in_section_4():
    torch.manual_seed(0)
    gan = DCGAN(spec.presets["cifar10"].config)
    for layer in layers(gan, nn.Conv2d, nn.ConvTranspose2d):
        assert layer.bias is None
        assert layer.weight.mean().item() == pytest.approx(0, abs=0.002)
        assert layer.weight.std().item() == pytest.approx(0.02, rel=0.1)
    for layer in layers(gan, nn.BatchNorm2d):
        assert layer.weight.mean().item() == pytest.approx(1, abs=0.01)
        assert layer.weight.std().item() == pytest.approx(0.02, rel=0.5)
        assert not layer.bias.any()


def test_the_game_starts_about_even():
    """About 2 ln 2 = 1.39, and above it: batch norm gives the first logits a spread of about 1."""
    starts = []
    for seed in range(8):
        torch.manual_seed(seed)
        gan = DCGAN(spec.presets["mnist"].config)
        batch = {"real": 2 * torch.rand(32, 1, 28, 28) - 1, **gan.prior(32)}
        loss = gan.discriminator_loss(batch, gan.generate(batch).detach())
        starts.append(loss["adv"].item())
    assert 2 * log(2) - 0.1 < sum(starts) / len(starts) < 2 * log(2) + 0.6


def test_real_and_fake_pass_apart():
    """Each with batch statistics of its own: the fakes do not change what the real ones score."""
    torch.manual_seed(0)
    gan = DCGAN(Config(channels=1, size=8, width=4))
    passed = []
    gan.discriminator.register_forward_hook(lambda _, inputs, __: passed.append(len(inputs[0])))
    images = torch.rand(6, 1, 8, 8)
    gan.discriminator_loss({"real": images[:4]}, images[4:])
    assert passed == [4, 2]


@pytest.mark.parametrize(
    "wrong",
    [
        *({"size": size} for size in (-64, 0, 4, 7, 9, 18, 30, 31, 33, 100)),
        {"channels": 0},
        {"latent": 0},
        {"width": 0},
        {"width": -1},
    ],
    ids=str,
)
def test_a_config_that_cannot_be_is_refused(wrong):
    (name,) = wrong
    with pytest.raises(ConfigError, match=name):
        Config(**wrong)
