"""SNGAN: networks, spectral norm, hinge loss."""

from dataclasses import replace

import pytest
import torch
from ganzoo_sngan import Config, spec
from ganzoo_sngan.model import SNGAN
from torch import nn

from ganzoo import Dataset, Trainer
from ganzoo.errors import ConfigError
from ganzoo.runtime.devices import without_memory

DISTINCT = {preset.config: name for name, preset in spec.presets.items()}
each_config = pytest.mark.parametrize("config", DISTINCT.keys(), ids=DISTINCT.values())


def parameters(module):
    return sum(each.numel() for each in module.parameters())


def small(**changes):
    sizes = {"size": 8, "latent": 3, "widths": (4, 2), "discriminator_widths": (2, 4)}
    return Config(**{"channels": 1, **sizes, **changes})


@pytest.mark.parametrize(
    ("preset", "generator", "discriminator"),
    [
        ("mnist", 354_465, 74_544),
        # ResNetGenerator(ch=256, n_classes=0) and SNResNetDiscriminator32(ch=128, n_classes=0) of
        # github.com/pfnet-research/sngan_projection, counted by hand
        ("cifar10", 4_276_739, 1_053_824),
    ],
)
def test_parameter_counts(preset, generator, discriminator):
    with torch.device("meta"):
        gan = SNGAN(spec.presets[preset].config)
    assert parameters(gan.generator) == generator
    assert parameters(gan.discriminator) == discriminator


@each_config
def test_shapes_on_the_meta_device(config):
    with without_memory():
        gan = SNGAN(config).eval()
        fake = gan.generate({"latent": torch.empty(2, config.latent)})
        assert fake.shape == (2, config.channels, config.size, config.size)
        assert gan.discriminator(fake).shape == (2, 1)


@pytest.mark.parametrize(
    ("size", "widths", "halvings"),
    [(8, (2, 2), 1), (48, (8, 4, 2, 1), 3), (64, (16, 8, 4, 2, 1), 5), (30, (2, 2), 2)],
)
def test_other_sizes(size, widths, halvings):
    discriminator_widths = (1, 2, 4, 8, 16)
    config = small(
        size=size,
        widths=widths,
        discriminator_widths=discriminator_widths,
        discriminator_halvings=halvings,
    )
    with torch.device("meta"):
        gan = SNGAN(config)
        fake = gan.generate({"latent": torch.empty(2, 3)})
        assert fake.shape == (2, 1, size, size)
        assert gan.discriminator(fake).shape == (2, 1)


def test_the_discriminator_halves_32_pixels_exactly_twice():
    """Two blocks that halve, two that do not, and the sum over 8 x 8."""
    sides = []
    discriminator = SNGAN(Config(widths=(2, 2, 2, 2), discriminator_widths=(2,) * 4)).discriminator
    for block in discriminator.blocks:
        block.register_forward_hook(lambda _, __, output: sides.append(output.shape[2]))
    discriminator(torch.zeros(1, 3, 32, 32))
    assert sides == [16, 8, 8, 8, 8]


def layers_of(module):
    return [each for each in module.modules() if isinstance(each, nn.Conv2d | nn.Linear)]


def stretch(layer):
    """The largest singular value of a layer's weight, as a matrix of its outputs."""
    with torch.no_grad():
        return torch.linalg.matrix_norm(layer.weight.flatten(1), 2).item()


def test_training_keeps_every_layer_of_the_discriminator_at_norm_one_and_no_other():
    """Algorithm 1, also while the weights themselves grow."""
    torch.manual_seed(0)
    gan = SNGAN(small())
    images = torch.randint(256, (32, 8, 8, 1), dtype=torch.uint8)
    trainer = Trainer(
        gan, replace(spec.presets["mnist"].recipe, batch=8), Dataset("noise", {"real": images})
    )
    for _ in range(20):
        trainer.step()
    assert len(layers_of(gan.discriminator)) == 7
    for layer in layers_of(gan.discriminator):
        assert stretch(layer) == pytest.approx(1, abs=0.1)
    assert max(map(stretch, layers_of(gan.generator))) > 1.5


def test_the_discriminator_has_no_batch_norm_and_scores_each_row_by_itself():
    torch.manual_seed(0)
    discriminator = SNGAN(small()).discriminator.eval()
    assert not any(isinstance(each, nn.BatchNorm2d) for each in discriminator.modules())
    images = torch.randn(6, 1, 8, 8)
    rows = torch.cat([discriminator(image[None]) for image in images])
    torch.testing.assert_close(discriminator(images), rows)


class Sum(nn.Module):
    def forward(self, images):
        return images.flatten(1).sum(1, keepdim=True)


@pytest.mark.parametrize(
    ("real", "fake", "loss"),
    [(0.0, 0.0, 2.0), (1.0, -1.0, 0.0), (3.0, -9.0, 0.0), (-1.0, 2.0, 5.0)],
)
def test_the_hinge_is_that_of_equations_16_and_17(real, fake, loss):
    """Whoever is on the right side by more than 1 is left alone; the generator never is."""
    gan = SNGAN(small())
    gan.discriminator = Sum()
    real, fake = torch.full((4, 1, 1, 1), real), torch.full((4, 1, 1, 1), fake)
    assert gan.discriminator_loss({"real": real}, fake)["adv"].item() == pytest.approx(loss)
    assert gan.generator_loss({}, fake)["adv"].item() == pytest.approx(-fake.mean().item())


def test_samples_are_in_range():
    torch.manual_seed(0)
    gan = SNGAN(small()).eval()
    fake = gan.generate({"latent": 1e6 * torch.randn(64, 3)})
    assert fake.shape[1:] == gan.sample_spec.shape == (1, 8, 8)
    assert fake.abs().max() == 1


@pytest.mark.parametrize("updates", [1, 2, 5])
def test_how_often_the_discriminator_is_updated_is_a_key(updates):
    discriminator, generator = SNGAN(small(discriminator_updates=updates)).phases()
    assert (discriminator.repeat, generator.repeat) == (updates, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        *({"size": size} for size in (-32, 0, 4, 30, 33)),
        {"widths": ()},
        {"widths": (64,)},
        {"widths": (64, 0)},
        {"discriminator_widths": (64, 0)},
        {"discriminator_halvings": 5},
        {"discriminator_updates": 0},
        {"channels": 0},
        {"latent": 0},
    ],
    ids=str,
)
def test_a_config_that_cannot_be_is_refused(wrong):
    (name,) = wrong
    with pytest.raises(ConfigError, match=name):
        Config(**wrong)
