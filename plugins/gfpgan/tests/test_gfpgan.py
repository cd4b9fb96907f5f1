"""GFPGAN: networks, losses, data, conversion."""

import pytest
import torch
from ganzoo_gfpgan import Config, convert, spec
from ganzoo_gfpgan.model import GFPGAN

from ganzoo import Dataset
from ganzoo.errors import ConfigError, WeightsError
from ganzoo.hub.conversion import ForeignState

SMALL = {"size": 16, "widths": (8, 8, 4), "style": 4}


def made(**changes):
    torch.manual_seed(0)
    return GFPGAN(Config(**{**SMALL, **changes}))


def images(n=2, size=16):
    return torch.rand(n, 3, size, size) * 2 - 1


def official(config, mapping=2):
    """Our state under the official names, and a mapping network."""
    with torch.device("meta"):
        state = GFPGAN(config).generator.state_dict()
    found = {f"stylegan_decoder.style_mlp.{2 * i + 1}.bias": torch.ones(1) for i in range(mapping)}
    parts = {"first": "conv1", "second": "conv2", "skip": "skip"}
    single = {"first": "conv_body_first", "middle": "final_conv", "to_styles": "final_linear"}
    lists = {"to_images": "toRGB", "scales": "condition_scale", "shifts": "condition_shift"}
    for name, value in state.items():
        side, part, *rest = name.split(".")
        value = torch.empty(value.shape)
        if name == "decoder.maps":
            name = "stylegan_decoder.constant_input.weight"
        elif side == "encoder" and part in ("downs", "ups"):
            name = f"conv_body_{part[:-1]}.{rest[0]}.{parts[rest[1]]}.{rest[2]}"
        elif side == "encoder":
            name = ".".join([{**single, **lists}[part], *rest])
        else:
            name, value = decoder_name(part, rest, value)
        found[name] = value
    return found


def decoder_name(part, rest, value):
    """Official name and shape of a tensor of the decoder."""
    kind = {"first": "style_conv1", "image": "to_rgb1", "images": "to_rgbs"}.get(part)
    number, noise = "", 0
    if part in ("ups", "convolutions"):
        place = 2 * int(rest.pop(0)) + (part == "convolutions")
        kind, noise = f"style_convs.{place}", place + 1
    elif part == "images":
        number = f".{rest.pop(0)}"
    entry = ".".join(rest)
    if entry == "noise":
        return f"stylegan_decoder.noises.noise{noise}", value[None, None]
    stem = f"stylegan_decoder.{kind}{number}"
    if entry == "noise_strength":
        return f"{stem}.weight", value.view(1)
    if entry == "weight":
        return f"{stem}.modulated_conv.weight", value[None]
    if entry == "bias":
        return f"{stem}.bias", value.view(1, -1, 1, 1)
    return f"{stem}.modulated_conv.modulation.{rest[-1]}", value


@pytest.mark.parametrize("one_style", [False, True])
def test_published_names_are_converted(one_style):
    config = Config(**SMALL, one_style=one_style)
    for prefix in ("params_ema.", ""):
        tensors = {f"{prefix}{name}": value for name, value in official(config).items()}
        converted = convert.clean(ForeignState(tensors))
        assert converted.config == config
        GFPGAN(config).generator.load_state_dict(dict(converted.generator))


def test_the_published_file_has_the_size_of_its_tensors():
    """The mapping network has eight layers of 512 x 512."""
    preset = spec.presets["v14"]
    tensors = official(preset.config, mapping=0)
    floats = sum(value.numel() for value in tensors.values()) + 8 * (512**2 + 512)
    assert 0 < preset.weights.size - 4 * floats < 200_000


def test_other_files_are_refused():
    assert convert.clean(ForeignState({"conv_body_first.weight": torch.zeros(1)})) is None
    tensors = official(Config(**SMALL))
    assert (
        convert.clean(ForeignState({k: v for k, v in tensors.items() if "final" not in k})) is None
    )
    with pytest.raises(WeightsError, match=r"GFPGAN: unexpected tensor body\.weight"):
        convert.clean(ForeignState({**tensors, "body.weight": torch.zeros(1)}))


def test_the_same_face_gives_the_same_result():
    gan, source = made(), images()
    with torch.no_grad():
        for layer in gan.generator.decoder.ups:
            layer.noise_strength.fill_(1)
    one, other = (gan.sample(seed=seed, source=source) for seed in (0, 1))
    assert torch.equal(one, other)
    gan.train()
    batch = {"source": source}
    assert not torch.equal(gan.generate(batch), gan.generate(batch))


def test_every_resolution_changes_the_face():
    """Styles, and scale and shift at each resolution, depend on the source."""
    gan = made().eval()
    gan.generator(images()).square().sum().backward()
    encoder = gan.generator.encoder
    for part in (encoder.to_styles, *encoder.scales, *encoder.shifts):
        assert all(each.grad.abs().sum() > 0 for each in part.parameters())
    assert [tuple(each.shape[2:]) for each in encoder.images(images())] == [(8, 8), (16, 16)]


def test_losses():
    gan = made(l1=2.0, pyramid=0.0, adv=0.0)
    real = images()
    batch = {"real": real, "source": real}
    terms = gan.generator_loss(batch, real + 0.5)
    assert terms["l1"].item() == pytest.approx(1.0, rel=1e-4)
    assert terms["pyramid"].item() == terms["adv"].item() == 0
    assert [phase.name for phase in gan.phases()] == ["discriminator", "r1", "generator"]
    assert [phase.name for phase in made(r1=0.0).phases()] == ["discriminator", "generator"]
    assert gan.r1_loss(batch, real)["penalty"].item() > 0


def test_sources_are_scaled_down_and_up():
    real = torch.randint(256, (3, 16, 16, 3), dtype=torch.uint8)
    gan = made(factor=16)
    source = gan.prepare_data(Dataset("faces", {"real": real})).columns["source"]
    assert source.shape == real.shape
    assert torch.equal(source, source[:, :1, :1].expand_as(source))
    assert (source.float().mean((1, 2)) - real.float().mean((1, 2))).abs().max() < 5
    pairs = Dataset("pairs", {"real": real, "source": real})
    assert gan.prepare_data(pairs) is pairs


@pytest.mark.parametrize("wrong", [{"widths": (8, 8)}, {"widths": (8, 8, 3)}, {"size": 9}], ids=str)
def test_a_config_that_cannot_be_is_refused(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        Config(**{**SMALL, **wrong})
