"""R3GAN: networks, relativistic loss, penalties."""

from math import log, sqrt

import pytest
import torch
import torch.nn.functional as F
from ganzoo_r3gan import Config, spec
from ganzoo_r3gan.model import R3GAN
from ganzoo_r3gan.networks import Block, Down, Up
from torch import nn

from ganzoo.errors import ConfigError

NORMS = (nn.BatchNorm2d, nn.InstanceNorm2d, nn.LayerNorm, nn.GroupNorm)

each_preset = pytest.mark.parametrize("preset", spec.presets.values(), ids=spec.presets.keys())


def parameters(module):
    return sum(each.numel() for each in module.parameters())


def small(**changes):
    settings = {"channels": 1, "size": 8, "latent": 3, "widths": (8, 4), "blocks": (1, 1)}
    return Config(**{**settings, "group": 4, **changes})


@pytest.mark.parametrize(
    ("preset", "generator", "discriminator"),
    [
        # by hand: a block of C maps, 16 a group, has 4 C C + 288 C weights (8: 144 C), 4 C biases
        ("cifar10", 20_781_952, 21_280_512),
        ("ffhq64", 22_429_824, 22_381_440),
        ("mnist", 177_672, 171_624),
    ],
)
def test_parameter_counts(preset, generator, discriminator):
    with torch.device("meta"):
        gan = R3GAN(spec.presets[preset].config)
    assert parameters(gan.generator) == generator
    assert parameters(gan.discriminator) == discriminator


@pytest.mark.parametrize(("width", "group", "count"), [(768, 16, 2_583_552), (384, 16, 701_952)])
def test_a_block_has_the_papers_parameters(width, group, count):
    """Two 1 x 1 of width x 2 width, 2 width biases twice, and 2 width filters of 3 x 3 x group."""
    with torch.device("meta"):
        block = Block(width, 2 * width // group, depth=8)
    assert parameters(block) == 4 * width**2 + 2 * width * 9 * group + 4 * width == count


@each_preset
def test_shapes_on_the_meta_device(preset):
    config = preset.config
    with torch.device("meta"):
        gan = R3GAN(config)
        batch = gan.prior(2)
        fake = gan.generate(batch)
        assert fake.shape == (2, config.channels, config.size, config.size)
        assert gan.discriminator(fake, gan.label(batch)).shape == (2, 1)


def test_there_is_no_normalization():
    gan = R3GAN(small())
    assert not any(isinstance(each, NORMS) for each in gan.modules())


def test_each_row_is_scored_by_itself():
    torch.manual_seed(0)
    critic = R3GAN(small()).discriminator.train()
    images = torch.randn(6, 1, 8, 8)
    torch.testing.assert_close(critic(images), torch.cat([critic(image[None]) for image in images]))


def test_a_block_begins_as_the_identity_and_its_first_layers_with_the_gain_of_fixup():
    """Standard deviation g / sqrt(fan in), g = sqrt(2 / 1.04) depth ^ -1/4."""
    torch.manual_seed(0)
    block = Block(64, 8, depth=16)
    x = torch.randn(2, 64, 5, 5)
    assert torch.equal(block(x), x)
    for layer, fan_in in ((block.branch[0], 64), (block.branch[2], 16 * 9)):
        expected = sqrt(2 / 1.04) / 2 / sqrt(fan_in)
        assert layer.weight.std().item() == pytest.approx(expected, rel=0.05)
        assert not layer.bias.any()


def test_resampling_is_the_filter_1_3_3_1():
    """Within the image, up is linear interpolation, and down keeps what is flat and what rises."""
    x = torch.randn(2, 3, 6, 6)
    linear = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
    torch.testing.assert_close(Up()(x)[..., 1:-1, 1:-1], linear[..., 1:-1, 1:-1])
    slope = torch.arange(12.0).expand(1, 3, 12, 12)
    torch.testing.assert_close(
        Down()(slope)[..., 1:-1, 1:-1], F.avg_pool2d(slope, 2)[..., 1:-1, 1:-1]
    )
    assert Down()(torch.ones(1, 1, 8, 8))[0, 0, 0, 0].item() == pytest.approx((7 / 8) ** 2)


def test_samples_are_clamped_and_fakes_are_not():
    torch.manual_seed(0)
    gan = R3GAN(small())
    latent = 100 * torch.randn(16, 3)
    fake = gan.generate({"latent": latent})
    assert fake.abs().max() > 1
    assert gan.decode(fake).abs().max() == 1
    assert gan.sample_spec.shape == (1, 8, 8)


class Sum(nn.Module):
    """A discriminator D(x) = slope * sum of x, plus 0."""

    def __init__(self, slope):
        super().__init__()
        self.slope = nn.Parameter(torch.tensor(slope))

    def forward(self, x, label=None):
        return self.slope * x.flatten(1).sum(1, keepdim=True)


def played(slope, real, fake, images=0, **changes):
    gan = R3GAN(small(**changes))
    gan.discriminator, gan.images = Sum(slope), images
    batch = {"real": torch.full((2, 1, 8, 8), real)}
    fake = torch.full((2, 1, 8, 8), fake)
    return gan.discriminator_loss(batch, fake), gan.generator_loss(batch, fake)


def test_real_and_fake_are_compared_in_pairs():
    """softplus(D(fake) - D(real)) and the reverse (Jolicoeur-Martineau 2019)."""
    discriminator, generator = played(slope=1.0, real=1 / 64, fake=-1 / 64)
    assert discriminator["adv"].item() == pytest.approx(log(1 + 2.718281828**-2), rel=1e-5)
    assert generator["adv"].item() == pytest.approx(log(1 + 2.718281828**2), rel=1e-5)


@pytest.mark.parametrize(
    ("images", "gamma"), [(0, 2.0), (2500, 1.7364), (5000, 1.1), (10_000, 0.2), (99_999, 0.2)]
)
def test_both_penalties_weigh_gamma_which_falls_along_a_cosine(images, gamma):
    """Gamma / 2 times the squared norm of a gradient: here slope^2 times 64 pixels."""
    terms, _ = played(0.5, 0.3, 0.2, images, gamma=2.0, gamma_end=0.2, decay_kimg=10.0)
    expected = pytest.approx(gamma / 2 * 0.25 * 64, rel=1e-3)
    assert terms["r1"].item() == terms["r2"].item() == expected


def test_the_penalties_train_the_discriminator():
    gan = R3GAN(small())
    batch = {"real": torch.randn(4, 1, 8, 8)}
    terms = gan.discriminator_loss(batch, torch.randn(4, 1, 8, 8))
    (terms["r1"] + terms["r2"]).backward()
    head = gan.discriminator.stages[-1]
    assert head.weight.grad.norm() > 0


def test_r1_is_of_real_images_and_r2_of_fakes():
    """Under D(x) = |x|^2 / 2 the gradient is x itself."""

    class Half(nn.Module):
        def forward(self, x, label=None):
            return x.square().flatten(1).sum(1, keepdim=True) / 2

    gan = R3GAN(small(gamma=1.0))
    gan.discriminator = Half()
    batch = {"real": torch.full((1, 1, 8, 8), 0.5)}
    terms = gan.discriminator_loss(batch, torch.full((1, 1, 8, 8), 0.25))
    assert terms["r1"].item() == pytest.approx(64 * 0.5**2 / 2)
    assert terms["r2"].item() == pytest.approx(64 * 0.25**2 / 2)


def test_a_class_changes_samples_and_scores():
    torch.manual_seed(0)
    gan = R3GAN(small(classes=3))
    first, second = gan.sample(4, seed=0, label=0), gan.sample(4, seed=0, label=1)
    assert not torch.allclose(first, second)
    scores = [gan.discriminator(first, torch.full((4,), label)) for label in (0, 1)]
    assert not torch.allclose(*scores)
    assert set(gan.prior(100)["label"].tolist()) == {0, 1, 2}


def test_without_classes_labels_are_refused():
    gan = R3GAN(small())
    assert "label" not in gan.prior(2)
    with pytest.raises(ConfigError, match="takes no 'label'"):
        gan.sample(4, seed=0, label=0)


@pytest.mark.parametrize(
    "wrong",
    [
        *({"size": size} for size in (0, -8, 7)),
        {"widths": (8,)},
        {"widths": (8, 0)},
        {"group": 5},
        {"blocks": (1, 0)},
        {"blocks": (1,)},
        {"classes": -1},
        {"gamma": -1.0},
        {"gamma_end": -1.0},
        {"decay_kimg": 0.0},
    ],
    ids=str,
)
def test_a_config_that_cannot_be_is_refused(wrong):
    (name,) = wrong
    with pytest.raises(ConfigError, match=name):
        small(**wrong)


def test_the_published_gammas_end_at_a_tenth():
    for preset in spec.presets.values():
        config = preset.config
        assert config.gamma_end == pytest.approx(config.gamma / 10)


def test_groups_of_each_stage():
    gan = R3GAN(small(groups=(2, 4)))
    layers = [each for each in gan.generator.stages.modules() if isinstance(each, Block)]
    assert [each.branch[2].groups for each in layers] == [2, 4]
    for wrong in ((2,), (3, 4)):
        with pytest.raises(ConfigError, match="groups"):
            small(groups=wrong)


def test_the_width_of_the_embedding():
    generator = R3GAN(small(classes=3, embedding=5)).generator
    assert generator.embedding.weight.shape == (3, 5)
    assert generator.stages[0].weights.in_features == 3 + 5
