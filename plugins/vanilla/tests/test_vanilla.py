"""Vanilla GAN: networks, initial losses."""

from math import exp, log

import pytest
import torch
from ganzoo_vanilla import Config, spec
from ganzoo_vanilla.model import Vanilla
from torch import nn

from ganzoo.errors import ConfigError

each_preset = pytest.mark.parametrize("preset", spec.presets.values(), ids=spec.presets.keys())


def parameters(module):
    return sum(each.numel() for each in module.parameters())


def widths(module):
    layers = [layer for layer in module.modules() if isinstance(layer, nn.Linear)]
    return [layers[0].in_features, *(layer.out_features for layer in layers)]


def test_parameter_counts():
    gan = Vanilla(spec.presets["mnist"].config)
    assert parameters(gan.generator) == 1_486_352
    assert parameters(gan.discriminator) == 533_505


def test_both_networks_are_perceptrons_of_the_widths_asked_for():
    gan = Vanilla(Config(channels=3, size=4, latent=5, hidden=(6, 7, 8)))
    assert widths(gan.generator) == [5, 6, 7, 8, 48]
    assert widths(gan.discriminator) == [48, 7, 6, 1]


@each_preset
def test_samples_are_images_of_the_preset_in_range(preset):
    config = preset.config
    gan = Vanilla(config).eval()
    fake = gan.generate({"latent": 1e6 * torch.randn(4, config.latent)})
    assert fake.shape == (4, config.channels, config.size, config.size)
    assert fake.shape[1:] == gan.sample_spec.shape
    assert (fake.min(), fake.max()) == (-1, 1)
    assert gan.discriminator(fake).shape == (4, 1)


def test_the_game_starts_even():
    """An untrained discriminator knows nothing: 2 ln 2 for itself, ln 2 for the generator."""
    torch.manual_seed(0)
    gan = Vanilla(spec.presets["mnist"].config)
    batch = {"real": 2 * torch.rand(64, *gan.sample_spec.shape) - 1, **gan.prior(64)}
    fake = gan.generate(batch)
    assert gan.discriminator_loss(batch, fake.detach())["adv"].item() == pytest.approx(
        2 * log(2), abs=0.1
    )
    assert gan.generator_loss(batch, fake)["adv"].item() == pytest.approx(log(2), abs=0.1)


def test_the_losses_are_those_of_the_paper():
    """On logits of 2: -log D and -log(1 - D), Goodfellow et al. (2014)."""
    gan = Vanilla(Config(size=2, hidden=(4, 4)))
    gan.discriminator = nn.Sequential(nn.Flatten(), nn.Linear(4, 1))
    nn.init.zeros_(gan.discriminator[1].weight)
    nn.init.constant_(gan.discriminator[1].bias, 2.0)
    images = torch.zeros(3, 1, 2, 2)
    sure = 1 / (1 + exp(-2))
    loss = gan.discriminator_loss({"real": images}, images)["adv"].item()
    assert loss == pytest.approx(-log(sure) - log(1 - sure))
    assert gan.generator_loss({}, images)["adv"].item() == pytest.approx(-log(sure))


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": 0},
        {"size": -28},
        {"channels": 0},
        {"latent": 0},
        {"latent": -1},
        {"hidden": (256, 0)},
    ],
    ids=str,
)
def test_a_config_that_cannot_be_is_refused(wrong):
    (name,) = wrong
    with pytest.raises(ConfigError, match=name):
        Config(**wrong)
