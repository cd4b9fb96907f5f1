"""AuraSR: convolutions, tiles, sizes, seeds, data, conversion."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from ganzoo_aurasr import Config, convert, networks, spec
from ganzoo_aurasr.model import AuraSR
from ganzoo_aurasr.tiles import upscale_in_tiles

from ganzoo import Dataset
from ganzoo.errors import ConfigError, DataError, WeightsError
from ganzoo.hub.conversion import ForeignState

SMALL = {
    "size": 32,
    "latent": 4,
    "style": 6,
    "mapping": 2,
    "widths": (8, 6, 4, 4),
    "halvings": 1,
    "blocks": 2,
    "kernels": 2,
    "attention": (2, 1, 0, 0),
    "heads": 1,
    "head": 4,
    "discriminator_width": 4,
}


def made(**changes):
    torch.manual_seed(0)
    return AuraSR(Config(**{**SMALL, **changes})).eval()


def images(*size):
    return torch.rand(*size) * 2 - 1


def official(config):
    """Our state under the official names."""
    state = AuraSR(config).generator.state_dict()
    single = {
        "first": "init_conv",
        "to_modulations": "style_to_conv_modulations",
        "to_image": "final_to_rgb",
        "last": "final_res_block",
        "middle_first": "mid_block1",
        "middle_second": "mid_block2",
    }
    found = {}
    for name, value in state.items():
        part, *rest = name.split(".")
        if part == "mapping":
            rest, part = [str(2 * int(rest[1])), rest[2]], "style_network.net"
        elif part == "middle_attention":
            part, rest = "mid_attn.layers", layer(rest)
        elif part in ("downs", "ups"):
            level, kind, *rest = rest
            inner = {"blocks": ["0"], "down": ["1", "1"], "up": ["1", "0", "conv"]}
            attention = kind == "attention"
            rest = ["1", "1", "layers", *layer(rest)] if attention else [*inner[kind], *block(rest)]
            part = f"{part}.{level}"
        else:
            part, rest = single[part], block(rest)
        found[".".join([part, *rest])] = torch.zeros(value.shape)
    for name in [name for name in found if name.endswith("norm.g")]:
        found[name.replace("norm.g", "attend.scale")] = torch.zeros(1)
    return found


def block(rest):
    """Official names of the parts of a residual block."""
    names = {"first": "block1.proj", "second": "block2.proj", "residual": "res_conv"}
    return [names.get(each, each) for each in rest]


def layer(rest):
    """Official names of the parts of a transformer layer."""
    names = {"output": "to_out", "gain": "g"}
    return [names.get(each, each) for each in rest if each != "body"]


@pytest.mark.parametrize("wrapper", ["", "module."])
def test_published_names_are_converted(wrapper):
    config = Config(**{**SMALL, "size": 256, "head": 64})
    tensors = {f"{wrapper}{name}": value for name, value in official(config).items()}
    converted = convert.upsampler(ForeignState(tensors))
    assert replace(converted.config, discriminator_width=4) == config
    AuraSR(config).generator.load_state_dict(dict(converted.generator))


def test_the_published_file_has_the_size_of_its_tensors():
    """2.47 GB of float32 (pages of fal/AuraSR and fal/AuraSR-v2)."""
    with torch.device("meta"):
        generator = AuraSR(spec.presets["v2"].config).generator
    assert 4 * sum(each.numel() for each in generator.parameters()) == pytest.approx(2.47e9, 1e-3)


def test_other_files_are_refused():
    assert convert.upsampler(ForeignState({"init_conv.weight": torch.zeros(1)})) is None
    tensors = official(Config(**SMALL))
    with pytest.raises(WeightsError, match=r"AuraSR: unexpected tensor text\.weight"):
        convert.upsampler(ForeignState({**tensors, "text.weight": torch.zeros(1)}))


def test_a_modulated_convolution_is_the_same_in_all_its_forms(monkeypatch):
    """One modulation for all rows, one each, and the form for export."""
    torch.manual_seed(0)
    convolution = networks.ModulatedConv2d(3, 5, 2)
    x, modulation = torch.randn(4, 3, 6, 7), torch.randn(4, 5)
    each = torch.cat([convolution(x[i : i + 1], modulation[i : i + 1]) for i in range(4)])
    torch.testing.assert_close(convolution(x, modulation), each)
    torch.testing.assert_close(convolution(x, modulation[:1])[0], each[0])
    monkeypatch.setattr(networks, "exporting", lambda: True)
    torch.testing.assert_close(convolution(x, modulation), each)
    assert each.std().item() == pytest.approx(1, abs=0.5)


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (9, 70), (37, 20)], ids=str)
def test_tiles_cover_an_image_of_any_size(size):
    """What does not depend on its surroundings is the same in tiles."""

    def doubled(x, count):
        assert len(x) == 2 * count
        assert x.shape[2:] == (8, 8)
        return nearest(x)

    source = images(2, 3, *size)
    torch.testing.assert_close(upscale_in_tiles(doubled, source, 8, 2), nearest(source))


def nearest(source):
    return F.interpolate(source, scale_factor=2, mode="nearest")


def test_tiles_that_differ_fade_into_each_other():
    """No step between neighboring pixels is near that between the tiles."""
    calls = []

    def shade(x, count):
        calls.append(count)
        flat = torch.arange(len(x)).float() % 2
        return flat.view(-1, 1, 1, 1).expand(-1, 1, 128, 128)

    image = upscale_in_tiles(shade, images(1, 1, 32, 104), 32, 4)
    assert (image[..., 1:] - image[..., :-1]).abs().max() < 0.05
    assert image.min() == 0
    assert image.max() == 1
    assert sum(calls) == 4


def test_any_size_and_seed():
    """Small images are padded, large ones tiled; a sample depends on its seed and place alone."""
    gan = made()
    for height, width in ((1, 1), (8, 8), (5, 19)):
        source = images(2, 3, height, width)
        samples = gan.sample(seed=0, source=source)
        assert samples.shape == (2, 3, 4 * height, 4 * width)
        assert samples.abs().max() <= 1
        alone = gan.samples(2, seed=0, given={"source": source[1:]}, span=(1, 2))
        torch.testing.assert_close(next(iter(alone)), samples[1:], rtol=1e-4, atol=1e-5)
        assert not torch.equal(gan.sample(seed=1, source=source), samples)


def test_latent_and_noise_change_the_image():
    """Of all layers of the generator, each is used."""
    gan = made()
    batch = {"source": images(2, 3, 8, 8), **gan.prior_rows(2, 0)}
    gan.generate(batch).square().sum().backward()
    assert all(each.grad.abs().sum() > 0 for each in gan.generator.parameters())
    for name in ("latent", "noise"):
        other = {**batch, name: -batch[name]}
        assert not torch.equal(gan.generate(other), gan.generate(batch))


def test_sources_are_scaled_down():
    real = torch.randint(256, (3, 32, 32, 3), dtype=torch.uint8)
    gan = made()
    data = gan.prepare_data(Dataset("photos", {"real": real}))
    assert data.columns["source"].shape == (3, 8, 8, 3)
    assert gan.prepare_data(data) is data
    with pytest.raises(DataError, match="30 x 32, no multiple of the scale of 4"):
        gan.prepare_data(Dataset("photos", {"real": real[:, :30]}))


@pytest.mark.parametrize("wrong", [{"halvings": 4}, {"attention": (1, 0)}, {"size": 28}], ids=str)
def test_a_config_that_cannot_be_is_refused(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        Config(**{**SMALL, **wrong})
