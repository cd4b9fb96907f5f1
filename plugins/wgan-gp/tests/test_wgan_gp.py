"""WGAN-GP: networks and gradient penalty."""

import pytest
import torch
from ganzoo_wgan_gp import Config, spec
from ganzoo_wgan_gp.model import WGANGP
from torch import nn

from ganzoo.errors import ConfigError

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.InstanceNorm2d, nn.LayerNorm, nn.GroupNorm)

each_preset = pytest.mark.parametrize("preset", spec.presets.values(), ids=spec.presets.keys())
each_network = pytest.mark.parametrize("network", ["resnet", "conv"])


def parameters(module):
    return sum(each.numel() for each in module.parameters())


def small(**changes):
    return Config(**{"channels": 1, "size": 8, "latent": 3, "width": 2, **changes})


@pytest.mark.parametrize(
    ("preset", "generator", "critic"),
    [("mnist", 347_105, 165_738), ("cifar10", 1_204_483, 1_053_825)],
)
def test_parameter_counts(preset, generator, critic):
    with torch.device("meta"):
        gan = WGANGP(spec.presets[preset].config)
    assert parameters(gan.generator) == generator
    assert parameters(gan.discriminator) == critic


@each_preset
def test_shapes_on_the_meta_device(preset):
    config = preset.config
    with torch.device("meta"):
        gan = WGANGP(config)
        fake = gan.generate({"latent": torch.empty(2, config.latent)})
        assert fake.shape == (2, config.channels, config.size, config.size)
        assert gan.discriminator(fake).shape == (2, 1)


@each_network
@pytest.mark.parametrize("size", [8, 12, 20, 28, 32, 64])
def test_every_size_of_four_to_seven_doubled(network, size):
    with torch.device("meta"):
        gan = WGANGP(small(network=network, size=size))
        fake = gan.generate({"latent": torch.empty(2, 3)})
        assert fake.shape == (2, 1, size, size)
        assert gan.discriminator(fake).shape == (2, 1)


@each_network
def test_samples_are_in_range(network):
    torch.manual_seed(0)
    gan = WGANGP(small(network=network)).eval()
    fake = gan.generate({"latent": 1e6 * torch.randn(64, 3)})
    assert fake.shape[1:] == gan.sample_spec.shape == (1, 8, 8)
    assert (fake.min(), fake.max()) == (-1, 1)


@each_network
def test_the_critic_has_no_normalization_and_the_generator_has(network):
    """Gulrajani et al. (2017), section 4: the penalty is on each row, so rows must not mix."""
    gan = WGANGP(small(network=network))
    assert not any(isinstance(each, NORMS) for each in gan.discriminator.modules())
    assert any(isinstance(each, NORMS) for each in gan.generator.modules())


@each_network
def test_the_critic_scores_each_row_by_itself(network):
    torch.manual_seed(0)
    critic = WGANGP(small(network=network)).discriminator.train()
    images = torch.randn(6, 1, 8, 8)
    rows = torch.cat([critic(image[None]) for image in images])
    torch.testing.assert_close(critic(images), rows)


def test_groups_are_the_same_however_a_batch_is_split():
    torch.manual_seed(0)
    critic = WGANGP(small(network="conv", group=4)).discriminator
    images = torch.randn(16, 1, 8, 8)
    parts = torch.cat([critic(part) for part in images.split(8)])
    torch.testing.assert_close(critic(images), parts)
    assert critic(images[:6]).shape == (6, 1)


def test_the_residual_critic_halves_32_pixels_exactly_twice():
    """Appendix F: two blocks that halve, two that do not, and the mean over 8 x 8."""
    critic = WGANGP(Config(width=2)).discriminator
    sides = []
    for child in critic:
        child.register_forward_hook(lambda _, __, output: sides.append(output.shape[2:]))
    critic(torch.zeros(1, 3, 32, 32))
    before_the_mean = [shape[0] for shape in sides if len(shape) == 2 and shape[0] > 1]
    assert before_the_mean == [16, 8, 8, 8, 8]


def test_the_generator_doubles_from_4_to_32():
    generator = WGANGP(Config(width=2)).generator
    sides = []
    for child in generator:
        child.register_forward_hook(lambda _, __, output: sides.append(output.shape[2:]))
    generator(torch.zeros(2, 128))
    assert [shape[0] for shape in sides if len(shape) == 2][:4] == [4, 8, 16, 32]


def test_the_critic_is_updated_five_times_as_often():
    """Algorithm 1's default; the small preset is trained with less."""
    gan = WGANGP(small())
    critic, generator = gan.phases()
    assert (critic.repeat, generator.repeat) == (5, 1)
    assert critic.module is gan.discriminator
    assert generator.module is gan.generator
    assert (critic.name, generator.name) == ("discriminator", "generator")


def test_how_often_is_a_key():
    critic, generator = WGANGP(small(critic_updates=2)).phases()
    assert (critic.repeat, generator.repeat) == (2, 1)


def linear_losses(norm, **changes):
    """Losses under a critic f(x) = w . x whose w has this norm."""
    torch.manual_seed(0)
    gan = WGANGP(small(**changes))
    layer = nn.Linear(64, 1)
    with torch.no_grad():
        layer.weight *= norm / layer.weight.norm()
    gan.discriminator = nn.Sequential(nn.Flatten(), layer)
    batch = {"real": torch.randn(5, 1, 8, 8), **gan.prior(5)}
    return gan, batch, gan.discriminator_loss(batch, torch.randn(5, 1, 8, 8))


def test_a_linear_critic_of_unit_gradient_pays_nothing():
    _, _, losses = linear_losses(1.0)
    assert losses["penalty"].item() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("norm", "weight", "penalty"), [(3.0, 10.0, 40.0), (0.5, 10.0, 2.5), (3.0, 1.0, 4.0)]
)
def test_any_other_gradient_pays_the_squared_distance_from_one(norm, weight, penalty):
    """Lambda (|| grad f || - 1)^2, equation 3: below one as well as above."""
    _, _, losses = linear_losses(norm, penalty=weight)
    assert losses["penalty"].item() == pytest.approx(penalty, rel=1e-4)


class Half(nn.Module):
    def forward(self, x):
        return x.square().flatten(1).sum(1, keepdim=True) / 2


def test_the_penalty_looks_between_real_and_fake():
    """At x' = x + mix (G(z) - x): under f(x) = x^2 / 2 the gradient there is x' itself."""
    gan = WGANGP(small())
    gan.discriminator = Half()
    real, fake = torch.full((1, 1, 8, 8), 0.25), torch.full((1, 1, 8, 8), 1.0)
    for mix, norm in [(0.0, 8 * 0.25), (1.0, 8.0), (0.4, 8 * 0.55)]:
        losses = gan.discriminator_loss({"real": real, "mix": torch.tensor([mix])}, fake)
        assert losses["penalty"].item() == pytest.approx(10 * (norm - 1) ** 2, rel=1e-5)


def test_the_penalty_trains_the_critic():
    gan, _, losses = linear_losses(3.0)
    losses["penalty"].backward()
    assert gan.discriminator[1].weight.grad.norm() > 0


def test_critic_and_generator_pull_in_opposite_directions():
    gan, batch, losses = linear_losses(1.0)
    fake = torch.randn(5, 1, 8, 8)
    score = gan.discriminator(fake).mean()
    assert gan.generator_loss(batch, fake)["adv"].item() == pytest.approx(-score.item(), rel=1e-5)
    again = gan.discriminator_loss(batch, batch["real"])["adv"]
    assert again.item() == pytest.approx(0, abs=1e-6)
    assert losses["adv"].ndim == 0


def test_the_mixing_weights_are_one_a_row():
    mix = WGANGP(small()).prior(1000)["mix"]
    assert mix.shape == (1000,)
    assert 0 <= mix.min() < 0.1
    assert 0.9 < mix.max() <= 1


@each_network
@pytest.mark.parametrize(
    "wrong",
    [
        *({"size": size} for size in (-32, 0, 4, 7, 18, 30, 33)),
        {"critic_updates": 0},
        {"group": 0},
        {"channels": 0},
        {"latent": 0},
        {"width": 0},
    ],
    ids=str,
)
def test_a_config_that_cannot_be_is_refused(network, wrong):
    (name,) = wrong
    with pytest.raises(ConfigError, match=name):
        Config(network=network, **wrong)
