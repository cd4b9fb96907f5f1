"""LSGAN: networks, initial weights and least-squares losses."""

import pytest
import torch
from ganzoo_lsgan import Config, spec
from ganzoo_lsgan.model import LSGAN
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
    ("preset", "generator", "discriminator"),
    [("mnist", 350_241, 166_113), ("cifar10", 1_073_219, 663_745)],
)
def test_parameter_counts(preset, generator, discriminator):
    with torch.device("meta"):
        gan = LSGAN(spec.presets[preset].config)
    assert parameters(gan.generator) == generator
    assert parameters(gan.discriminator) == discriminator


@pytest.mark.parametrize("size", [8, 12, 20, 28, 32, 64, 112])
def test_every_size_of_four_to_seven_doubled(size):
    config = Config(channels=1, size=size, latent=3, width=1)
    with torch.device("meta"):
        gan = LSGAN(config)
        fake = gan.generate({"latent": torch.empty(2, 3)})
        assert fake.shape == (2, 1, size, size)
        assert gan.discriminator(fake).shape == (2, 1)


@each_preset
def test_the_discriminator_is_a_regression(preset):
    """No sigmoid: its output may be any number, above 1 and below 0."""
    with torch.device("meta"):
        gan = LSGAN(preset.config)
    assert isinstance(list(gan.discriminator)[-1], nn.Linear)
    assert layers(gan.discriminator, nn.Sigmoid, nn.Tanh) == []


@each_preset
def test_batch_norm_is_everywhere_but_at_the_image(preset):
    with torch.device("meta"):
        gan = LSGAN(preset.config)
    up, down = layers(gan.generator, nn.ConvTranspose2d), layers(gan.discriminator, nn.Conv2d)
    assert len(layers(gan.generator, nn.BatchNorm2d)) == len(up)
    assert len(layers(gan.discriminator, nn.BatchNorm2d)) == len(down) - 1


def constant(gan, score):
    """A discriminator that says the same of everything."""
    gan.discriminator = nn.Sequential(nn.Flatten(), nn.Linear(64, 1))
    nn.init.zeros_(gan.discriminator[1].weight)
    nn.init.constant_(gan.discriminator[1].bias, score)
    return gan


@pytest.mark.parametrize(
    ("score", "discriminator", "generator"),
    [(0.0, 0.5, 0.5), (0.5, 0.25, 0.125), (1.0, 0.5, 0.0), (3.0, 6.5, 2.0)],
)
def test_the_losses_are_those_of_equation_9(score, discriminator, generator):
    """1/2 (D(x) - 1)^2 + 1/2 D(G)^2, and 1/2 (D(G) - 1)^2; a score beyond 1 costs again."""
    gan = constant(LSGAN(Config(channels=1, size=8, width=2)), score)
    images = torch.zeros(3, 1, 8, 8)
    loss = gan.discriminator_loss({"real": images}, images)["adv"].item()
    assert loss == pytest.approx(discriminator)
    assert gan.generator_loss({}, images)["adv"].item() == pytest.approx(generator)


def test_a_fake_that_already_convinces_is_still_pulled():
    """Section 3: where a sigmoid has flattened, the square has not."""
    gan = LSGAN(Config(channels=1, size=8, width=2))
    gan.discriminator = nn.Flatten()
    fake = torch.full((1, 1, 8, 8), 20.0, requires_grad=True)
    gan.generator_loss({}, fake)["adv"].backward()
    assert (fake.grad > 0).all()


def test_the_game_starts_at_a_half():
    """An untrained discriminator says 0 of everything: half a square for the real images."""
    torch.manual_seed(0)
    gan = LSGAN(spec.presets["mnist"].config)
    batch = {"real": 2 * torch.rand(32, 1, 28, 28) - 1, **gan.prior(32)}
    fake = gan.generate(batch)
    assert gan.generator_loss(batch, fake)["adv"].item() == pytest.approx(0.5, abs=0.25)


def test_real_and_fake_pass_apart():
    """Each with batch statistics of its own: the fakes do not change what the real ones score."""
    gan = LSGAN(Config(channels=1, size=8, width=4))
    passed = []
    gan.discriminator.register_forward_hook(lambda _, inputs, __: passed.append(len(inputs[0])))
    images = torch.rand(6, 1, 8, 8)
    gan.discriminator_loss({"real": images[:4]}, images[4:])
    assert passed == [4, 2]


@pytest.mark.parametrize(
    "wrong",
    [
        *({"size": size} for size in (-32, 0, 4, 7, 18, 30, 33)),
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
