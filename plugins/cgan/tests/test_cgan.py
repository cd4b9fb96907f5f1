"""Projection GAN: networks, class conditions, hinge loss."""

from dataclasses import replace

import pytest
import torch
from ganzoo_cgan import Config, spec
from ganzoo_cgan.model import ConditionalGAN
from torch import nn

from ganzoo import Dataset, Trainer
from ganzoo.errors import ConfigError
from ganzoo.layers import ConditionalBatchNorm2d
from ganzoo.runtime.devices import without_memory

DISTINCT = {preset.config: name for name, preset in spec.presets.items()}
each_config = pytest.mark.parametrize("config", DISTINCT.keys(), ids=DISTINCT.values())


def parameters(module):
    return sum(each.numel() for each in module.parameters())


def small(**changes):
    sizes = {"size": 8, "latent": 3, "widths": (4, 2), "discriminator_widths": (2, 4)}
    return ConditionalGAN(
        Config(**{"channels": 1, "classes": 3, "discriminator_halvings": 1, **sizes, **changes})
    )


@pytest.mark.parametrize(
    ("preset", "generator", "discriminator"),
    [
        ("mnist", 357_057, 75_184),
        # ResNetGenerator(ch=256, n_classes=10) and SNResNetProjectionDiscriminator(ch=128,
        # n_classes=10) of github.com/pfnet-research/sngan_projection, counted by hand
        ("cifar10", 4_304_387, 1_055_104),
    ],
)
def test_parameter_counts(preset, generator, discriminator):
    with torch.device("meta"):
        gan = ConditionalGAN(spec.presets[preset].config)
    assert parameters(gan.generator) == generator
    assert parameters(gan.discriminator) == discriminator


@each_config
def test_shapes_on_the_meta_device(config):
    with without_memory():
        gan = ConditionalGAN(config).eval()
        batch = {"latent": torch.empty(2, config.latent), "label": torch.zeros(2, dtype=int)}
        fake = gan.generate(batch)
        assert fake.shape == (2, config.channels, config.size, config.size)
        assert gan.discriminator(fake, batch["label"]).shape == (2, 1)


def test_the_prior_draws_every_class():
    prior = small().prior(200)
    assert prior["latent"].shape == (200, 3)
    assert prior["label"].unique().tolist() == [0, 1, 2]


def told(gan):
    """A model whose classes have become different."""
    for module in gan.modules():
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight)
    return gan.eval()


def test_a_class_may_be_asked_for():
    torch.manual_seed(0)
    gan = told(small())
    ones, mixed = (
        gan.sample(4, seed=0, label=1),
        gan.sample(seed=0, label=torch.tensor([1, 2, 1, 0])),
    )
    torch.testing.assert_close(mixed[[0, 2]], ones[[0, 2]])
    assert not torch.allclose(mixed[[1, 3]], ones[[1, 3]])


def test_the_class_is_heard_in_each_block_of_the_generator():
    norms = [
        each for each in small().generator.modules() if isinstance(each, ConditionalBatchNorm2d)
    ]
    assert len(norms) == 2


def test_the_verdict_is_of_the_image_and_its_class():
    """Linear in the embedding: the score of the image alone, and its projection on the class."""
    torch.manual_seed(0)
    discriminator = told(small()).discriminator
    images = torch.randn(4, 1, 8, 8)
    features = discriminator.blocks(images).sum((2, 3))
    for label in range(3):
        scores = discriminator(images, torch.full((4,), label))
        vector = discriminator.score.weight[0] + discriminator.classes.weight[label]
        torch.testing.assert_close(scores[:, 0], features @ vector)


def test_each_row_is_judged_by_itself_and_of_its_own_class():
    torch.manual_seed(0)
    gan = told(small())
    images, label = torch.randn(4, 1, 8, 8), torch.tensor([2, 0, 1, 2])
    rows = [gan.discriminator(images[[i]], label[[i]]) for i in range(4)]
    torch.testing.assert_close(gan.discriminator(images, label), torch.cat(rows))


def test_both_losses_ask_about_the_class_of_the_batch():
    torch.manual_seed(0)
    gan = told(small())
    real, fake = torch.randn(2, 4, 1, 8, 8)
    right, wrong = torch.tensor([0, 1, 2, 0]), torch.tensor([1, 2, 0, 1])
    for losses in (
        [gan.discriminator_loss({"real": real, "label": label}, fake) for label in (right, wrong)],
        [gan.generator_loss({"label": label}, fake) for label in (right, wrong)],
    ):
        assert losses[0]["adv"].item() != losses[1]["adv"].item()


def test_the_data_say_which_classes_are_trained():
    """Labels of the batch win over those of the prior: what class 1 never shows is not learned."""
    torch.manual_seed(0)
    gan = small()
    images = torch.randint(256, (32, 8, 8, 1), dtype=torch.uint8)
    data = Dataset("one class", {"real": images, "label": torch.full((32,), 2)})
    trainer = Trainer(gan, replace(spec.presets["mnist"].recipe, batch=8), data)
    for _ in range(3):
        trainer.step()
    for norm in gan.generator.modules():
        if isinstance(norm, ConditionalBatchNorm2d):
            assert torch.equal(norm.gain.weight[:2], torch.ones_like(norm.gain.weight[:2]))
            assert not torch.equal(norm.gain.weight[2], norm.gain.weight[1])


@pytest.mark.parametrize("updates", [1, 2, 5])
def test_how_often_the_discriminator_is_updated_is_a_key(updates):
    discriminator, generator = small(discriminator_updates=updates).phases()
    assert (discriminator.repeat, generator.repeat) == (updates, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        *({"size": size} for size in (-32, 0, 4, 30, 33)),
        {"classes": 0},
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
