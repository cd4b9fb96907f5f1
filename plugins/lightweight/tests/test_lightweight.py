"""Lightweight GAN: networks, losses, conversion."""

import pytest
import torch
from ganzoo_lightweight import Config, convert, spec
from ganzoo_lightweight.generator import Attention, GlobalContext, blurred
from ganzoo_lightweight.model import LightweightGAN

from ganzoo.errors import ConfigError, WeightsError
from ganzoo.hub.conversion import ForeignState

SMALL = {
    "size": 80,
    "latent": 6,
    "widths": (8, 6, 6, 4),
    "attention": (10,),
    "discriminator_width": 2,
    "largest_width": 4,
}


def made(**changes):
    torch.manual_seed(0)
    return LightweightGAN(Config(**{**SMALL, **changes}))


@pytest.mark.parametrize("preset", spec.presets)
def test_shapes_on_the_meta_device(preset):
    with torch.device("meta"):
        gan = LightweightGAN(spec.presets[preset].config)
        images = gan.generate(gan.prior(2))
        assert images.shape == (2, *gan.sample_spec.shape)
        assert gan.discriminator(images).shape == (2, 1)


def test_excitations_and_attention_are_where_the_config_says():
    with torch.device("meta"):
        generator = LightweightGAN(spec.presets["folder256"].config).generator
    assert generator.excited == {1: 4, 2: 5}
    assert [*generator.excitations] == ["1", "2"]
    assert [*generator.attention] == ["3"]  # 4, 8, 16, then 32


def test_noise_and_latents_change_a_sample():
    gan = made()
    with torch.no_grad():
        for doubling in gan.generator.doublings:
            doubling.strength.fill_(1)
    prior = gan.prior_rows(2, 0)
    assert prior["noise"].shape == (2, 10**2 + 20**2 + 40**2 + 80**2)
    first = gan.sample(**prior)
    assert torch.equal(first, gan.sample(2, seed=0))
    for name in prior:
        assert not torch.equal(first, gan.sample(**{**prior, name: -prior[name]}))


def test_attention_sees_the_whole_map():
    layer = Attention(3)
    x = torch.randn(1, 3, 8, 8, requires_grad=True)
    layer(x)[..., -1, -1].sum().backward()
    assert x.grad[..., 0, 0].abs().max() > 0


def test_blur_keeps_flat_maps_and_context_is_a_factor():
    flat = torch.full((1, 2, 5, 5), 0.3)
    torch.testing.assert_close(blurred(flat), flat)
    factors = GlobalContext(2, 5)(torch.randn(3, 2, 4, 4))
    assert factors.shape == (3, 5, 1, 1)
    assert 0 < factors.min() < factors.max() < 1


def test_losses():
    gan = made(reconstruction=2.0)
    batch = {**gan.prior(3), "real": torch.rand(3, 3, 80, 80) * 2 - 1}
    fake = gan.generate(batch)
    terms = gan.discriminator_loss(batch, fake.detach())
    assert terms.keys() == {"adv", "reconstruction"}
    assert terms["adv"].item() == pytest.approx(2, abs=1.5)
    error = gan.discriminator.reconstruction_error(batch["real"])
    assert terms["reconstruction"].item() == pytest.approx(2 * error.item(), rel=0.2)
    assert made(reconstruction=0.0).discriminator_loss(batch, fake.detach()).keys() == {"adv"}
    (gan.discriminator_loss(batch, fake.detach())["reconstruction"]).backward()
    assert gan.discriminator.first.parametrizations.weight.original.grad.abs().sum() > 0


def official(config):
    """Our state under the official names."""
    with torch.device("meta"):
        state = LightweightGAN(config).generator.state_dict()
    table = {
        "spread": "0.0.net.0",
        "convolution": "0.2.1",
        "norm": "0.4",
        "weights": "1.to_k",
        "first": "1.net.0",
        "second": "1.net.2",
        "linear_query": "2.fn.to_lin_q",
        "linear_rest": "2.fn.to_lin_kv.net",
        "query": "2.fn.to_q",
        "rest": "2.fn.to_kv",
        "output": "2.fn.to_out",
    }
    alone = {"strength": "0.3.weight", "gain": "2.norm.g", "shift": "2.norm.b"}
    found = {"layers.0.0.1.f": torch.tensor([1.0, 2, 1])}
    for name, value in state.items():
        value = torch.empty(value.shape)
        part, *rest = name.split(".")
        if part == "first":
            name = f"initial_conv.{int(rest[0]) - 1}.{rest[1]}"
        elif part == "image":
            name = f"out_conv.{rest[0]}"
        elif rest[1] in alone:
            name = f"layers.{rest[0]}.{alone[rest[1]]}"
            value = value.view(1) if rest[1] == "strength" else value[None]
        else:
            name = ".".join(["layers", rest[0], table[rest[1]], *rest[2:]])
        found[name] = value
    return found


@pytest.mark.parametrize("prefix", ["GAN.GE.", "GE.", "GAN.G.", ""])
def test_published_names_are_converted(prefix):
    config = Config(**{**SMALL, "discriminator_width": 32, "largest_width": 512})
    tensors = {f"{prefix}{name}": value for name, value in official(config).items()}
    if prefix == "GAN.GE.":
        tensors["GAN.D.to_logits.0.weight"] = torch.zeros(1)
    converted = convert.lightweight(ForeignState(tensors))
    assert converted.config == config
    LightweightGAN(Config(**SMALL)).generator.load_state_dict(dict(converted.generator))


def test_other_files_are_refused():
    assert convert.lightweight(ForeignState({"layers.0.weight": torch.zeros(1)})) is None
    tensors = {**official(Config(**SMALL)), "layers.0.9.weight": torch.zeros(1)}
    with pytest.raises(WeightsError, match=r"unexpected tensor layers\.0\.9\.weight"):
        convert.lightweight(ForeignState(tensors))


@pytest.mark.parametrize("wrong", [{"widths": (8,)}, {"attention": (80,)}, {"size": 9}], ids=str)
def test_a_config_that_cannot_be_is_refused(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        Config(**{**SMALL, **wrong})
