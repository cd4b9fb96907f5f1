"""LaMa: networks, masks, sizes, losses, conversion."""

import pytest
import torch
from ganzoo_lama import Config, convert, spec
from ganzoo_lama.masks import random_masks
from ganzoo_lama.model import LaMa, padded

from ganzoo import Dataset
from ganzoo.errors import ConfigError, WeightsError
from ganzoo.hub.conversion import ForeignState


def made(**changes):
    values = {"width": 4, "downsamplings": 2, "blocks": 1, "discriminator_width": 2, **changes}
    torch.manual_seed(0)
    return LaMa(Config(**values))


def images(*size):
    return torch.rand(*size) * 2 - 1


def test_parameter_count():
    """27 million for LaMa-Fourier of 9 blocks, 51 for Big LaMa (Suvorov et al. 2022)."""
    with torch.device("meta"):
        big = LaMa(spec.presets["big"].config).generator
    count = sum(each.numel() for each in big.parameters())
    buffers = sum(each.numel() for each in big.buffers())
    assert count == pytest.approx(51e6, rel=0.01)
    size = spec.presets["big"].weights.size
    assert 0 < size - 4 * (count + buffers) < 2_000_000


@pytest.mark.parametrize("size", [(1, 1), (5, 30), (32, 32), (9, 70)], ids=str)
def test_any_size_and_any_mask(size):
    """Known pixels are kept, and those in the hole are not seen; also where training has a size."""
    gan = made(size=32, discriminator_halvings=2)
    source, mask = images(2, 3, *size), (torch.rand(2, 1, *size) < 0.5).float()
    mask[0, 0, 0, 0], other = 1, torch.where(mask.bool(), images(2, 3, *size), source)
    repaired = gan.sample(source=source, mask=mask)
    assert repaired.shape == source.shape
    assert repaired.abs().max() <= 1
    assert torch.equal(repaired * (1 - mask), source * (1 - mask))
    assert not torch.equal(repaired, source)
    torch.testing.assert_close(gan.sample(source=other, mask=mask), repaired)


def test_padding_mirrors_to_the_right_and_to_the_bottom():
    x = torch.arange(3.0).view(1, 1, 1, 3)
    assert padded(x, 4)[0, 0, 7].tolist() == [0, 1, 2, 2, 1, 0, 0, 1]
    assert padded(torch.zeros(1, 1, 16, 24), 8).shape == (1, 1, 16, 24)


def test_every_pixel_sees_the_whole_image():
    """A change in one corner reaches the opposite one through the spectrum."""
    gan = made().eval()
    x = torch.rand(1, 4, 128, 128, requires_grad=True)
    gan.generator(x)[..., -1, -1].sum().backward()
    assert x.grad[..., 0, 0].abs().max() > 0


def test_a_mask_of_another_size_is_refused():
    with pytest.raises(ConfigError, match="the image has 6 x 4 pixels, its mask 4 x 4"):
        made().sample(source=images(1, 3, 4, 6), mask=torch.ones(1, 1, 4, 4))
    with pytest.raises(ConfigError, match="without a mask"):
        made().sample(source=images(1, 3, 4, 6))


def test_masks_are_drawn_where_the_size_is_fixed():
    gan, source = made(size=16, discriminator_halvings=2), images(3, 3, 16, 16)
    repaired = [gan.sample(seed=seed, source=source) for seed in (0, 0, 1)]
    assert torch.equal(repaired[0], repaired[1])
    assert not torch.equal(repaired[0], repaired[2])


@pytest.mark.parametrize("size", [4, 28])
def test_masks_hide_a_part(size):
    torch.manual_seed(0)
    masks = random_masks(300, size)
    assert masks.shape == (300, 1, size, size)
    assert masks.unique().tolist() == [0, 1]
    shares = masks.mean((1, 2, 3))
    assert 0.1 < shares.mean() < 0.4
    assert (shares > 0).float().mean() > 0.95
    assert masks.mean((0, 1)).min() > 0


def batch_of(gan, n=3):
    real = images(n, 3, 32, 32)
    return {"real": real, "source": real, "mask": random_masks(n, 32)}


def test_losses_know_the_hole():
    gan = made(l1_known=2, l1_missing=4, r1=0, features=0, discriminator_halvings=2)
    batch = batch_of(gan)
    missing, real = batch["mask"], batch["real"]
    share = missing.mean().item()
    inside = gan.generator_loss(batch, real + missing)["l1"].item()
    outside = gan.generator_loss(batch, real + 1 - missing)["l1"].item()
    assert inside == pytest.approx(2 * share, rel=1e-4)
    assert outside == pytest.approx(1 - share, rel=1e-4)
    nothing = {**batch, "mask": torch.zeros_like(missing)}
    all_real = gan.discriminator_loss(nothing, real)["adv"]
    scores = gan.discriminator(real)
    torch.testing.assert_close(all_real, 2 * torch.nn.functional.softplus(-scores).mean())


def test_features_match_their_own():
    gan = made(discriminator_halvings=2)
    batch = batch_of(gan)
    assert gan.generator_loss(batch, batch["real"])["features"].item() == pytest.approx(0, abs=1e-6)
    assert gan.generator_loss(batch, -batch["real"])["features"].item() > 0
    assert gan.discriminator_loss(batch, batch["real"])["r1"].item() > 0


def test_images_are_their_own_sources():
    data = Dataset("photos", {"real": torch.zeros(2, 8, 8, 3, dtype=torch.uint8)})
    prepared = made().prepare_data(data)
    assert prepared.columns["source"] is data.columns["real"]
    assert made().prepare_data(prepared) is prepared


def official(config):
    """Our state under the official names."""
    with torch.device("meta"):
        state = LaMa(config).generator.state_dict()
    near, deepest = config.widths[-1] - config.global_maps, config.downsamplings + 2
    spectral = {"convolution.": "conv1.0.", "norm.": "conv1.1."}
    found = {}
    for name, value in state.items():
        value = torch.randn(value.shape)
        part, _, rest = name.partition(".")
        if part in ("first", "image"):
            last = deepest + config.blocks + 3 * config.downsamplings + 2
            rest = rest.replace("convolution", "ffc.convl2l").replace("norm", "bn_l")
            found[f"1.{rest}" if part == "first" else f"{last}.{rest}"] = value
            continue
        place, _, rest = rest.partition(".")
        number = int(place)
        if part == "ups":
            kind, _, entry = rest.partition(".")
            first = deepest + config.blocks + 1 + 3 * number
            found[f"{first + (kind == 'norm')}.{entry}"] = value
            continue
        stem = f"{number + 2}"
        if part == "blocks":
            which, _, rest = rest.partition(".")
            stem = f"{deepest + number}.conv{1 if which == 'first' else 2}"
        splits = part == "blocks" or number == config.downsamplings - 1
        if "spectral" in rest:
            rest = rest.partition("spectral.")[2]
            if rest.startswith("first."):
                rest = rest.removeprefix("first.")
                for ours, theirs in spectral.items():
                    rest = rest.replace(ours, theirs)
            rest = rest.replace("fourier.layer.convolution", "fu.conv_layer")
            rest = rest.replace("fourier.layer.norm", "fu.bn").replace("last.", "conv2.")
            found[f"{stem}.ffc.convg2g.{rest}"] = value
        elif "from_global" in rest:
            found[f"{stem}.ffc.convg2l.weight"] = value
        else:
            kinds = ("ffc.convl2{}", "bn_{}")["norm" in rest]
            entry = rest.rpartition(".")[2]
            parts = value.split([near, len(value) - near]) if splits and value.ndim else [value] * 2
            for kind, each in zip("lg" if splits else "l", parts, strict=False):
                found[f"{stem}.{kinds.format(kind)}.{entry}"] = each
    return found


@pytest.mark.parametrize("prefix", ["state_dict.generator.", "model.generator.", ""])
def test_published_names_are_converted(prefix):
    config = Config(width=4, largest_width=12, downsamplings=2, blocks=2, global_share=0.5)
    tensors = {f"{prefix}model.{k}": v for k, v in official(config).items()}
    converted = convert.lama(ForeignState(tensors))
    assert converted.config == config
    LaMa(config).generator.load_state_dict(dict(converted.generator))


def test_other_files_are_refused():
    assert convert.lama(ForeignState({"model.1.weight": torch.zeros(1)})) is None
    tensors = {f"model.{k}": v for k, v in official(Config(width=4, blocks=1)).items()}
    for extra in ("model.5.conv1.ffc.other.weight", "model.5.conv1.ffc.convg2g.lfu.bn.weight"):
        with pytest.raises(WeightsError, match="LaMa"):
            convert.lama(ForeignState({**tensors, extra: torch.zeros(1)}))


@pytest.mark.parametrize(
    "wrong", [{"global_share": 1.0}, {"global_share": 0.0}, {"size": 32}, {"blocks": 0}], ids=str
)
def test_a_config_that_cannot_be_is_refused(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        Config(**wrong)
