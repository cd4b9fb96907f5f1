"""pix2pix: networks, noise, pairs, edges."""

from math import log

import pytest
import torch
from ganzoo_pix2pix import Config, spec
from ganzoo_pix2pix.edges import edges
from ganzoo_pix2pix.model import Pix2Pix
from torch import nn

from ganzoo import Dataset
from ganzoo.errors import ConfigError, DataError

NAMES = ["edges2digits", "facades", "night2day"]
each_preset = pytest.mark.parametrize("preset", [spec.presets[each] for each in NAMES], ids=NAMES)


def parameters(module):
    return sum(each.numel() for each in module.parameters())


def layers(module, *kinds):
    return [each for each in module.modules() if isinstance(each, kinds)]


def small(**changes):
    return Config(**{"channels": 1, "size": 8, "width": 2, "halvings": 1, "noisy": 1, **changes})


def batch_of(gan, n):
    shape = (n, *gan.sample_spec.shape)
    return {"real": torch.rand(shape) * 2 - 1, "source": torch.rand(shape) * 2 - 1, **gan.prior(n)}


@pytest.mark.parametrize(
    ("config", "generator", "discriminator"),
    [
        # 54.408 M and 2.765 M: the log of the authors' code for gray images of 256 x 256, in
        # github.com/junyanz/pytorch-CycleGAN-and-pix2pix/issues/1152
        (Config(channels=1), 54_407_809, 2_764_609),
        # the same layers with three channels
        (spec.presets["facades"].config, 54_413_955, 2_768_705),
    ],
    ids=["gray", "facades"],
)
def test_parameter_counts(config, generator, discriminator):
    with torch.device("meta"):
        gan = Pix2Pix(config)
    assert parameters(gan.generator) == generator
    assert parameters(gan.discriminator) == discriminator


@each_preset
def test_shapes_on_the_meta_device(preset):
    with torch.device("meta"):
        gan = Pix2Pix(preset.config)
        batch = batch_of(gan, 2)
        fake = gan.generate(batch)
        assert fake.shape == (2, *gan.sample_spec.shape)
        assert gan.discriminator(fake, batch["source"]).shape[:2] == (2, 1)


@pytest.mark.parametrize("size", [6, 7, 8, 28, 31, 33, 48, 100])
def test_every_size(size):
    with torch.device("meta"):
        gan = Pix2Pix(small(size=size, noisy=2 if size > 7 else 1))
        assert gan.generate(batch_of(gan, 2)).shape == (2, 1, size, size)


@pytest.mark.parametrize(("halvings", "patch"), [(1, 16), (2, 34), (3, 70)])
def test_the_discriminator_judges_patches(halvings, patch):
    """Appendix 6.1.2: a logit hears of 70 x 70 pixels of the pair, and of nothing else.

    Norms apart, through which every pixel of an image is heard a little.
    """
    gan = Pix2Pix(small(size=128, halvings=halvings)).eval()
    plain = nn.Sequential(
        *(each for each in gan.discriminator if not isinstance(each, nn.InstanceNorm2d))
    )
    pair = torch.randn(1, 2, 128, 128, requires_grad=True)
    logits = plain(pair)
    logits[0, 0, logits.shape[2] // 2, logits.shape[3] // 2].backward()
    heard = pair.grad[0].abs().sum(0) > 0
    assert heard.any(0).sum() == heard.any(1).sum() == patch


def test_where_the_published_networks_normalize():
    """Appendix 6.1.1: neither next to the image nor at the one pixel in the middle."""
    with torch.device("meta"):
        gan = Pix2Pix(spec.presets["facades"].config)
    assert len(layers(gan.generator.downs, nn.InstanceNorm2d)) == 8 - 2
    assert len(layers(gan.generator.ups, nn.InstanceNorm2d)) == 8 - 1
    assert len(layers(gan.discriminator, nn.InstanceNorm2d)) == 3
    assert spec.presets["facades"].config.noise == (512 * 2**2, 512 * 4**2, 512 * 8**2)


def test_at_one_image_instance_norm_is_the_papers_batch_norm():
    norms = layers(Pix2Pix(small()), nn.InstanceNorm2d)
    torch.manual_seed(0)
    for norm in norms:
        batch_norm = nn.BatchNorm2d(norm.num_features).train()
        batch_norm.load_state_dict(norm.state_dict(), strict=False)
        features = torch.randn(1, norm.num_features, 4, 4)
        torch.testing.assert_close(norm(features), batch_norm(features))


def test_one_source_has_many_translations_and_a_seed_has_one():
    """Section 3.1: dropout is the noise, at test time too."""
    torch.manual_seed(0)
    gan = Pix2Pix(small(size=16, noisy=2)).eval()
    source = torch.rand(1, 1, 16, 16).expand(4, -1, -1, -1)
    samples = gan.sample(seed=0, source=source)
    assert (samples[0] - samples[1]).abs().max() > 0.01
    torch.testing.assert_close(gan.sample(seed=0, source=source), samples)
    assert not torch.equal(gan.sample(seed=1, source=source), samples)


def test_without_dropout_there_is_one_translation():
    gan = Pix2Pix(small(dropout=0.0))
    assert gan.prior(3)["kept"].all()
    source = torch.rand(1, 1, 8, 8).expand(4, -1, -1, -1)
    samples = gan.sample(seed=0, source=source)
    torch.testing.assert_close(samples, samples[:1].expand(4, -1, -1, -1))


def test_published_weights_have_no_dropout_in_the_innermost_layer():
    """The authors' code: 512 maps of 4 x 4, 8 x 8 and 16 x 16 at 256 pixels."""
    assert spec.presets["facades-mmgen"].config.noise == (512 * 16, 512 * 64, 512 * 256)
    gan = Pix2Pix(small(size=16, noisy=1, skipped=1)).eval()
    source = torch.rand(1, 1, 16, 16)
    seen = []
    gan.generator.ups[0].register_forward_hook(lambda _, __, output: seen.append(output))
    kept = torch.zeros(1, sum(gan.config.noise), dtype=torch.bool)
    images = [gan.generator(source, each) for each in (kept, ~kept)]
    assert torch.equal(*seen)
    assert not torch.equal(*images)


def test_without_masks_nothing_is_dropped_at_any_size():
    gan = Pix2Pix(small(size=16, noisy=2)).eval()
    none, source = torch.ones(1, 0, dtype=torch.bool), torch.rand(1, 1, 16, 16)
    every = torch.ones(1, sum(gan.config.noise), dtype=torch.bool)
    gan.generator.keep = 1.0
    assert torch.equal(gan.generator(source, none), gan.generator(source, every))
    assert gan.generator(torch.rand(1, 1, 32, 48), none).shape == (1, 1, 32, 48)


def test_running_statistics_are_used_with_batch_norm_only():
    for norm, kind in (("batch", nn.BatchNorm2d), ("instance", nn.InstanceNorm2d)):
        gan = Pix2Pix(small(norm=norm))
        assert len(layers(gan, kind)) == len(layers(gan, nn.BatchNorm2d, nn.InstanceNorm2d))


def test_huggans_networks_drop_in_training_only():
    torch.manual_seed(0)
    gan = Pix2Pix(small(size=32, networks="huggan"))
    batch = batch_of(gan, 2)
    assert batch["kept"].shape == (2, 0)
    assert not torch.equal(gan.generate(batch), gan.generate(batch))
    assert torch.equal(gan.sample(source=batch["source"]), gan.sample(source=batch["source"]))
    fake = gan.generate(batch)
    assert gan.discriminator(fake, batch["source"]).shape == (2, 1, 16, 16)
    assert gan.discriminator_loss(batch, fake).keys() == {"adv"}
    assert gan.generator_loss(batch, fake).keys() == {"adv", "l1"}


def test_dropout_drops_the_share_that_is_wanted():
    kept = Pix2Pix(small(dropout=0.2)).prior(2000)["kept"]
    assert kept.shape == (2000, sum(small().noise))
    assert kept.float().mean().item() == pytest.approx(0.8, abs=0.02)


def test_nothing_comes_from_nothing():
    with pytest.raises(ConfigError, match="source"):
        Pix2Pix(small()).sample(2)


def test_the_game_starts_even():
    """ln 2 for both: the discriminator's loss is halved (section 3.3)."""
    torch.manual_seed(0)
    gan = Pix2Pix(spec.presets["edges2digits"].config)
    batch = batch_of(gan, 16)
    fake = gan.generate(batch)
    loss = gan.discriminator_loss(batch, fake.detach())["adv"].item()
    assert loss == pytest.approx(log(2), abs=0.2)
    assert gan.generator_loss(batch, fake)["adv"].item() == pytest.approx(log(2), abs=0.2)


def test_the_distance_to_the_target_weighs_a_hundred_times():
    gan = Pix2Pix(small())
    batch = batch_of(gan, 4)
    assert gan.generator_loss(batch, batch["real"])["l1"].item() == 0
    loss = gan.generator_loss(batch, batch["real"] + 0.25)["l1"].item()
    assert loss == pytest.approx(25)


def test_a_pair_is_judged_and_not_an_image():
    torch.manual_seed(0)
    gan = Pix2Pix(small())
    batch = batch_of(gan, 4)
    real, source = batch["real"], batch["source"]
    scores = gan.discriminator(real, source)
    assert not torch.allclose(scores, gan.discriminator(real, source.flip(0)))


def images(n=3, channels=1):
    """A white square on black, lighter from row to row."""
    pixels = torch.zeros(n, 8, 8, channels, dtype=torch.uint8)
    pixels[:, 2:6, 2:6] = torch.tensor([60, 120, 240], dtype=torch.uint8)[:n].view(-1, 1, 1, 1)
    return pixels


@pytest.mark.parametrize("channels", [1, 3])
def test_edges_are_black_lines_around_what_is_there(channels):
    drawn = edges(images(channels=channels))
    assert (drawn.shape, drawn.dtype) == ((3, 8, 8, channels), torch.uint8)
    assert drawn.unique().tolist() == [0, 255]
    black = drawn[..., 0] == 0
    assert torch.equal(black[0], black[2])
    assert not black[:, 3:5, 3:5].any()
    assert black[:, 1, 2:6].all()
    assert black[:, 5, 2:6].all()
    assert black[:, 2:6, 1].all()
    assert black[:, 2:6, 5].all()
    assert black[0].sum() == 15


def test_an_image_of_one_color_has_no_edges():
    assert (edges(torch.full((2, 8, 8, 1), 7, dtype=torch.uint8)) == 255).all()


def test_edges_stand_in_for_sources_that_are_not_there():
    gan = Pix2Pix(small(source="edges"))
    data = Dataset("squares", {"real": images(), "label": torch.arange(3)})
    prepared = gan.prepare_data(data)
    assert torch.equal(prepared.columns["source"], edges(images()))
    assert torch.equal(prepared.columns["label"], torch.arange(3))
    pairs = Dataset("pairs", {"real": images(), "source": images().flip(0)})
    assert gan.prepare_data(pairs) is pairs


def test_swapped_pairs_are_translated_the_other_way():
    pairs = Dataset("pairs", {"real": images(), "source": 255 - images()})
    assert Pix2Pix(small()).prepare_data(pairs) is pairs
    swapped = Pix2Pix(small(source="swapped")).prepare_data(pairs).columns
    assert torch.equal(swapped["real"], 255 - images())
    assert torch.equal(swapped["source"], images())


@pytest.mark.parametrize("source", ["data", "swapped"])
def test_data_without_pairs_is_refused_with_what_would_do(source):
    gan = Pix2Pix(small(source=source))
    with pytest.raises(DataError, match=r"data squares: no pairs .*pairs:PATH"):
        gan.prepare_data(Dataset("squares", {"real": images()}))
    columns = {"real": images(), "source": images()}
    with pytest.raises(DataError, match="no pairs"):
        gan.prepare_data(Dataset("two kinds", columns, unpaired=("source",)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"channels": 0},
        {"size": 0},
        {"size": 5},
        {"width": 0},
        {"halvings": 0},
        {"halvings": 7},
        {"noisy": 0},
        {"noisy": 8},
        {"dropout": 1.0},
        {"dropout": -0.1},
        {"l1": -1.0},
        {"skipped": -1},
        {"skipped": 5},
        {"size": 100, "networks": "huggan"},
    ],
    ids=str,
)
def test_a_config_that_cannot_be_is_refused(wrong):
    name = next(iter(wrong))
    with pytest.raises(ConfigError, match=name):
        Config(**wrong)
