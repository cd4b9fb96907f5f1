"""WGAN: networks, weight clipping, critic updates."""

from dataclasses import replace

import pytest
import torch
from ganzoo_wgan import Config, spec
from ganzoo_wgan.model import WGAN
from torch import nn

from ganzoo import Dataset, Trainer
from ganzoo.errors import ConfigError

each_preset = pytest.mark.parametrize("preset", spec.presets.values(), ids=spec.presets.keys())


def parameters(module):
    return sum(each.numel() for each in module.parameters())


def small(**changes):
    return Config(**{"channels": 1, "size": 8, "latent": 3, "width": 2, **changes})


def trainer(gan):
    """On 32 random images of 16 x 16."""
    images = torch.randint(256, (32, 16, 16, 1), dtype=torch.uint8)
    recipe = replace(spec.presets["mnist"].recipe, batch=8)
    return Trainer(gan, recipe, Dataset("noise", {"real": images}))


def largest(module):
    return max(parameter.abs().max().item() for parameter in module.parameters())


@pytest.mark.parametrize(
    ("config", "generator", "critic"),
    [
        (spec.presets["mnist"].config, 347_072, 165_888),
        # DCGAN_G and DCGAN_D of github.com/martinarjovsky/WassersteinGAN, for nc=3, nz=100,
        # ngf=ndf=64, at imageSize=32 and at its default of 64
        (spec.presets["cifar10"].config, 1_068_928, 663_296),
        (Config(size=64), 3_576_704, 2_765_568),
    ],
    ids=["mnist", "cifar10", "64 x 64"],
)
def test_parameter_counts(config, generator, critic):
    with torch.device("meta"):
        gan = WGAN(config)
    assert parameters(gan.generator) == generator
    assert parameters(gan.discriminator) == critic


@pytest.mark.parametrize("size", [8, 12, 20, 28, 32, 64])
def test_every_size_of_four_to_seven_doubled(size):
    with torch.device("meta"):
        gan = WGAN(small(size=size))
        fake = gan.generate({"latent": torch.empty(2, 3)})
        assert fake.shape == (2, 1, size, size)
        assert gan.discriminator(fake).shape == (2, 1)


@each_preset
def test_the_critic_gives_no_probability(preset):
    with torch.device("meta"):
        critic = WGAN(preset.config).discriminator
    assert not any(isinstance(each, nn.Sigmoid | nn.Tanh) for each in critic.modules())


def test_training_keeps_every_weight_of_the_critic_in_the_box():
    """Algorithm 1, line 7: those of batch norm too; the generator's go where they like."""
    torch.manual_seed(0)
    gan = WGAN(small(size=16))
    assert largest(gan.discriminator) > 1
    trainer(gan).step()
    assert largest(gan.discriminator) == pytest.approx(0.01)
    assert largest(gan.generator) > 0.5


def test_the_box_is_as_large_as_the_config_says():
    torch.manual_seed(0)
    gan = WGAN(small(size=16, clip=0.3))
    trainer(gan).step()
    assert largest(gan.discriminator) == pytest.approx(0.3)


@pytest.mark.parametrize(("preset", "updates"), [("mnist", 2), ("cifar10", 5)])
def test_the_critic_is_updated_more_often(preset, updates):
    """Five times in the paper's algorithm 1; on digits two times, which the spec says."""
    with torch.device("meta"):
        critic, generator = WGAN(spec.presets[preset].config).phases()
    assert (critic.name, critic.repeat) == ("discriminator", updates)
    assert (generator.name, generator.repeat, generator.after_update) == ("generator", 1, None)


def test_how_often_is_a_key():
    critic, generator = WGAN(small(critic_updates=2)).phases()
    assert (critic.repeat, generator.repeat) == (2, 1)


@each_preset
def test_the_update_has_no_momentum(preset):
    """Section 3: the critic's loss is nonstationary, and momentum made it unstable."""
    assert preset.recipe.optimizer.name == "rmsprop"
    assert preset.recipe.optimizer.momentum == 0


def test_the_loss_is_minus_the_estimate_of_the_distance():
    gan = WGAN(small())
    gan.discriminator = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    real, fake = torch.full((4, 1, 8, 8), 0.5), torch.full((4, 1, 8, 8), -0.25)
    assert gan.discriminator_loss({"real": real}, fake)["adv"].item() == pytest.approx(-0.75)
    assert gan.generator_loss({}, fake)["adv"].item() == pytest.approx(0.25)


def test_real_and_fake_pass_apart():
    """Each with batch statistics of its own: the fakes do not change what the real ones score."""
    gan = WGAN(small())
    passed = []
    gan.discriminator.register_forward_hook(lambda _, inputs, __: passed.append(len(inputs[0])))
    images = torch.rand(6, 1, 8, 8)
    gan.discriminator_loss({"real": images[:4]}, images[4:])
    assert passed == [4, 2]


@pytest.mark.parametrize(
    "wrong",
    [
        *({"size": size} for size in (-32, 0, 4, 7, 18, 30, 33)),
        {"clip": 0.0},
        {"clip": -0.01},
        {"critic_updates": 0},
        {"channels": 0},
        {"latent": 0},
        {"width": 0},
    ],
    ids=str,
)
def test_a_config_that_cannot_be_is_refused(wrong):
    (name,) = wrong
    with pytest.raises(ConfigError, match=name):
        Config(**wrong)
