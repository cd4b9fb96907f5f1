"""BigGAN: latents in parts, self-attention, truncation, BigGAN-deep's table of statistics."""

from dataclasses import replace

import pytest
import torch
from ganzoo_biggan import Config, spec
from ganzoo_biggan.model import BigGAN
from ganzoo_biggan.networks import SelfAttention

from ganzoo.errors import ConfigError

SMALL = Config(
    channels=1,
    size=8,
    latent=6,
    classes=3,
    widths=(8, 8, 4),
    attention=(1,),
    embedding=4,
    discriminator_widths=(4, 8),
    discriminator_halvings=1,
)
DEEP = replace(SMALL, statistics=51, hierarchical=False, doublings=(2,), widths=(16, 16, 4))


def parameters(module):
    return sum(each.numel() for each in module.parameters())


@pytest.mark.parametrize(
    ("preset", "generator"),
    [
        # stated in BigGAN-PyTorch's README and in the table of a port of it, without buffers
        ("imagenet128-ajbrock", 70_433_988),
        ("imagenet128", 50_244_484),
        ("cifar10", 4_304_387),
    ],
)
def test_parameter_counts(preset, generator):
    with torch.device("meta"):
        gan = BigGAN(spec.presets[preset].config)
    assert parameters(gan.generator) == generator


def test_each_block_gets_its_own_part_of_the_latent():
    """The last part changes the last block's norms alone: maps before it stay the same."""
    torch.manual_seed(0)
    gan = BigGAN(SMALL).eval()
    before = []
    gan.generator.blocks[0].register_forward_hook(lambda _, __, output: before.append(output))
    latent, label = torch.randn(1, 6), torch.zeros(1, dtype=torch.int64)
    other = torch.cat([latent[:, :4], torch.randn(1, 2)], 1)
    first, second = (gan.generate({"latent": z, "label": label}) for z in (latent, other))
    assert torch.equal(*before)
    assert not torch.equal(first, second)


def test_attention_starts_as_the_identity_and_looks_at_every_pixel():
    torch.manual_seed(0)
    attention, maps = SelfAttention(8), torch.randn(1, 8, 4, 4, requires_grad=True)
    assert torch.equal(attention(maps), maps)
    attention.gain.data.fill_(1)
    (slope,) = torch.autograd.grad(attention(maps)[0, :, 0, 0].sum(), maps)
    assert (slope.abs().amax(1) > 0).sum() >= 5  # its own, and one of each pooled key and value


def test_truncation_scales_latents():
    torch.manual_seed(0)
    gan = BigGAN(SMALL)
    latent = torch.randn(2, 6)
    halved = gan.sample(latent=latent, label=1, truncation=0.5)
    torch.testing.assert_close(halved, gan.sample(latent=latent / 2, label=1))


def test_latents_of_biggan_deep_are_cut_off_at_two():
    assert BigGAN(SMALL).prior_rows(1000, seed=0)["latent"].abs().max() > 3
    assert BigGAN(DEEP).prior_rows(1000, seed=0)["latent"].abs().max() <= 2


@pytest.mark.parametrize(
    ("truncation", "rows"),
    [
        (1.0, {50: 1.0}),
        (0.5, {25: 1.0}),
        (0.2, {10: 1.0}),
        (0.437, {21: 0.85, 22: 0.15}),  # 21.85: the nearer row has the smaller weight in the paper
        (0.14, {8: 1.0}),  # 7.000000000000001 in double precision
        (0.58, {28: 1.0}),  # 28.999999999999996
    ],
)
def test_rows_of_the_table_are_those_of_the_published_program(truncation, rows):
    weights = BigGAN(DEEP).generator.weights_of_rows(torch.tensor([truncation]))[0]
    expected = torch.zeros(51, dtype=torch.float64)
    for row, weight in rows.items():
        expected[row] = weight
    torch.testing.assert_close(weights, expected)


@pytest.mark.parametrize("truncation", [0.0, 1.5, -1.0])
def test_a_truncation_outside_of_the_table_is_refused(truncation):
    with pytest.raises(ConfigError, match="must be above 0 and at most 1"):
        BigGAN(DEEP).sample(1, truncation=truncation)


def test_biggan_deep_is_not_trained():
    with pytest.raises(ConfigError, match="cannot be trained"):
        BigGAN(DEEP).phases()


@pytest.mark.parametrize(
    "wrong",
    [
        {"widths": (8,)},
        {"size": 9},
        {"attention": (3,)},
        {"doublings": (4,)},
        {"discriminator_attention": (3,)},
        {"discriminator_halvings": 3},
        {"latent": 7},
        {"embedding": 0},
        {"statistics": 51},
    ],
    ids=str,
)
def test_a_config_that_cannot_be_is_refused(wrong):
    (name,) = wrong
    with pytest.raises(ConfigError, match=name):
        replace(SMALL, **wrong)
