"""Context encoder: networks, holes, inpainting, losses."""

from math import log

import pytest
import torch
from ganzoo_context_encoder import Config, spec
from ganzoo_context_encoder.model import ContextEncoder
from torch import nn

from ganzoo import Dataset
from ganzoo.errors import ConfigError

each_preset = pytest.mark.parametrize("preset", spec.presets.values(), ids=spec.presets.keys())
each_kind = pytest.mark.parametrize("holes", ["rectangles", "centre"])


def parameters(module):
    return sum(each.numel() for each in module.parameters())


def small(**changes):
    return Config(**{"channels": 1, "size": 8, "width": 2, "bottleneck": 3, **changes})


def made(**changes):
    torch.manual_seed(0)
    return ContextEncoder(small(**changes))


def images(n, size=8):
    return torch.rand(n, 1, size, size) * 2 - 1


def test_parameter_counts():
    """The layers of github.com/pathak22/context-encoder, train_random.lua with nBottleneck=4000,
    counted by hand without the biases that it keeps at 0."""
    with torch.device("meta"):
        gan = ContextEncoder(spec.presets["folder128"].config)
    assert parameters(gan.generator) == 71_190_208
    assert parameters(gan.discriminator) == 2_831_232


@each_preset
def test_shapes_on_the_meta_device(preset):
    with torch.device("meta"):
        gan = ContextEncoder(preset.config)
        image = torch.empty(2, *gan.sample_spec.shape)
        assert gan.generate({"source": image, **gan.prior(2)}).shape == image.shape
        assert gan.discriminator(image).shape == (2, 1)


@pytest.mark.parametrize("size", [8, 12, 20, 28, 56, 64])
def test_every_size_of_four_to_seven_doubled(size):
    with torch.device("meta"):
        gan = ContextEncoder(small(size=size))
        assert gan.generator(torch.empty(2, 1, size, size)).shape == (2, 1, size, size)


def test_all_passes_through_the_bottleneck():
    gan = made()
    shapes = []
    for layer in gan.generator:
        layer.register_forward_hook(lambda _, __, output: shapes.append(output.shape[1:]))
    gan.generator(images(2))
    assert (3, 1, 1) in shapes


@each_kind
def test_masks_are_rectangles_of_the_promised_sizes(holes):
    torch.manual_seed(0)
    mask = ContextEncoder(small(size=28, holes=holes)).prior(500)["mask"]
    assert (mask.shape, mask.dtype) == ((500, 1, 28, 28), torch.float32)
    assert mask.unique().tolist() == [0, 1]
    heights, widths = mask.amax(3).sum((1, 2)), mask.amax(2).sum((1, 2))
    assert torch.equal(heights * widths, mask.sum((1, 2, 3)))
    if holes == "centre":
        assert mask[:, :, 7:21, 7:21].all()
        assert (heights == 14).all()
        assert (widths == 14).all()
    else:
        for sides in (heights, widths):
            assert (sides.min(), sides.max()) == (7, 21)
        places = mask.mean((0, 1))
        assert min(places[0, 0], places[0, -1], places[-1, 0], places[-1, -1]) > 0
        assert not torch.equal(mask[0], mask[1])


def test_what_is_not_missing_is_kept():
    gan = made()
    source = images(5)
    mask = gan.prior(5)["mask"]
    repaired = gan.sample(seed=0, source=source, mask=mask)
    assert torch.equal(repaired * (1 - mask), source * (1 - mask))
    assert not torch.equal(repaired, source)


def test_what_is_missing_is_not_seen():
    gan = made()
    source = images(5)
    mask = gan.prior(5)["mask"]
    other = source * (1 - mask) + images(5) * mask
    one, two = (gan.sample(seed=0, source=each, mask=mask) for each in (source, other))
    torch.testing.assert_close(one, two)


def test_any_mask_will_do():
    gan = made()
    source, mask = images(4), (torch.rand(4, 1, 8, 8) < 0.3).float()
    repaired = gan.sample(source=source, mask=mask)
    assert torch.equal(repaired * (1 - mask), source * (1 - mask))


def test_a_seed_draws_the_holes():
    gan, source = made(), images(6)
    repaired = [gan.sample(seed=seed, source=source) for seed in (0, 0, 1)]
    assert torch.equal(repaired[0], repaired[1])
    assert not torch.equal(repaired[0], repaired[2])
    with pytest.raises(ConfigError, match="source"):
        gan.sample(2)


def test_images_are_their_own_sources():
    gan = made()
    data = Dataset("gray", {"real": torch.zeros(2, 8, 8, 1, dtype=torch.uint8)})
    prepared = gan.prepare_data(data)
    assert prepared.columns["source"] is data.columns["real"]
    assert gan.prepare_data(prepared) is prepared


def test_the_error_is_that_of_what_was_missing():
    """Equation 1, as a mean over the pixels that were missing."""
    gan = made(channels=1)
    real = images(3)
    batch = {"real": real, "source": real, **gan.prior(3)}
    fake = real + 0.5 * batch["mask"]
    losses = gan.generator_loss(batch, fake)
    assert losses["l2"].item() == pytest.approx(0.999 * 0.25, rel=1e-5)
    assert gan.generator_loss(batch, real)["l2"].item() == 0
    outside = gan.generator_loss(batch, real + 0.5 * (1 - batch["mask"]))
    assert outside["l2"].item() == 0


def test_nothing_missing_is_no_error():
    gan = made()
    real = images(3)
    batch = {"real": real, "source": real, "mask": torch.zeros(3, 1, 8, 8)}
    assert gan.generator_loss(batch, gan.generate(batch))["l2"].item() == 0


def test_how_much_the_discriminator_is_heard():
    gan = made()
    gan.discriminator = nn.Sequential(nn.Flatten(), nn.Linear(64, 1))
    for parameter in gan.discriminator.parameters():
        nn.init.zeros_(parameter)
    real = images(3)
    batch = {"real": real, "source": real, **gan.prior(3)}
    assert gan.generator_loss(batch, real)["adv"].item() == pytest.approx(0.001 * log(2))
    assert gan.discriminator_loss(batch, real)["adv"].item() == pytest.approx(2 * log(2))


def test_rates_are_the_authors():
    """Ten times as fast for the generator."""
    recipe = spec.presets["folder128"].recipe
    assert recipe.optimizer.lr == 10 * recipe.optimizers["discriminator"].lr == 2e-3
    assert recipe.optimizers.keys() == {"discriminator"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"channels": 0},
        *({"size": size} for size in (-32, 0, 4, 7, 18, 30)),
        {"width": 0},
        {"bottleneck": 0},
        {"adversarial": -0.1},
        {"adversarial": 1.1},
    ],
    ids=str,
)
def test_a_config_that_cannot_be_is_refused(wrong):
    (name,) = wrong
    with pytest.raises(ConfigError, match=name):
        Config(**wrong)
