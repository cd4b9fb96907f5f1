"""CycleGAN: networks, both directions, image pools, the digits data set."""

import sys
from dataclasses import replace

import pytest
import torch
from ganzoo_cyclegan import Config, spec
from ganzoo_cyclegan.both_ways import both_ways, cycle_error, main
from ganzoo_cyclegan.model import CycleGAN
from ganzoo_cyclegan.networks import Pool
from torch import nn

from ganzoo import Dataset, Trainer, evaluate
from ganzoo.data import load_data
from ganzoo.errors import ConfigError
from ganzoo.evaluation.extractors import load_extractor

NAMES = ["digits2inverse", "horse2zebra"]
each_preset = pytest.mark.parametrize("preset", [spec.presets[each] for each in NAMES], ids=NAMES)


def parameters(module):
    return sum(each.numel() for each in module.parameters())


def small(**changes):
    defaults = {"channels": 1, "size": 8, "width": 2, "blocks": 1, "halvings": 1, "pool": 6}
    return Config(**{**defaults, **changes})


def made(seed=0, **changes):
    torch.manual_seed(seed)
    return CycleGAN(small(**changes))


def images(n, size=8):
    return torch.rand(n, 1, size, size) * 2 - 1


def test_parameter_counts():
    """The log of the authors' code says 11378179 for a generator of 9 blocks, in
    github.com/junyanz/pytorch-CycleGAN-and-pix2pix/issues/169; the discriminator by hand."""
    with torch.device("meta"):
        gan = CycleGAN(spec.presets["horse2zebra"].config)
    assert [parameters(each) for each in gan.generator.values()] == [11_378_179] * 2
    assert [parameters(each) for each in gan.discriminator.values()] == [2_764_737] * 2


@each_preset
def test_shapes_on_the_meta_device(preset):
    with torch.device("meta"):
        gan = CycleGAN(preset.config)
        domain = torch.empty(2, *gan.sample_spec.shape)
        batch = {"source": domain, "real": domain}
        assert gan.generate({"source": domain}).shape == domain.shape
        assert gan.generate(batch).shape == (2, *domain.shape)
        assert gan.discriminator(domain).shape[:2] == (2, 1)


@pytest.mark.parametrize(("halvings", "patch"), [(1, 16), (2, 34), (3, 70)])
def test_the_discriminator_judges_patches(halvings, patch):
    """70 x 70 pixels (section 4), norms apart, through which every pixel is heard a little."""
    network = made(size=128, halvings=halvings).discriminator["real"]
    plain = nn.Sequential(*(each for each in network if not isinstance(each, nn.InstanceNorm2d)))
    image = torch.randn(1, 1, 128, 128, requires_grad=True)
    scores = plain(image)
    scores[0, 0, scores.shape[2] // 2, scores.shape[3] // 2].backward()
    heard = image.grad[0, 0] != 0
    assert heard.any(0).sum() == heard.any(1).sum() == patch


def test_there_is_one_optimizer_for_both_generators():
    gan = made()
    phases = {phase.name: phase.module for phase in gan.phases()}
    assert phases == {"discriminator": gan.discriminator, "generator": gan.generator}


class Shift(nn.Module):
    def __init__(self, by):
        super().__init__()
        self.by = nn.Parameter(torch.tensor(by))

    def forward(self, x):
        return x + self.by


def shifting(**changes):
    """There adds 0.5 and back takes 0.3 away; discriminators score the mean of an image."""
    gan = made(**changes)
    gan.generator = nn.ModuleDict({"there": Shift(0.5), "back": Shift(-0.3)})
    for domain in gan.discriminator:
        gan.discriminator[domain] = nn.AdaptiveAvgPool2d(1)
    batch = {"source": torch.zeros(3, 1, 8, 8), "real": torch.full((3, 1, 8, 8), 0.4)}
    return gan, batch, gan.generate(batch)


def test_the_generators_losses():
    gan, batch, fake = shifting()
    losses = {name: value.item() for name, value in gan.generator_loss(batch, fake).items()}
    assert losses == pytest.approx(
        {
            "there": (0.5 - 1) ** 2,
            "back": (0.4 - 0.3 - 1) ** 2,
            "cycle_source": 10 * 0.2,
            "cycle_real": 10 * 0.2,
            "identity_real": 0.5 * 10 * 0.5,
            "identity_source": 0.5 * 10 * 0.3,
        },
        rel=1e-5,
    )


def test_the_discriminators_losses():
    """Halved least squares, each of its own domain."""
    gan, batch, fake = shifting()
    losses = gan.eval().discriminator_loss(batch, fake)
    assert losses["real"].item() == pytest.approx(0.5 * (0.4 - 1) ** 2 + 0.5 * 0.5**2)
    assert losses["source"].item() == pytest.approx(0.5 * 1 + 0.5 * 0.1**2)


def test_the_identity_loss_is_left_out_where_it_weighs_nothing():
    gan, batch, fake = shifting(identity=0.0)
    names = ["there", "back", "cycle_source", "cycle_real"]
    assert list(gan.generator_loss(batch, fake)) == names


def test_the_way_back_is_the_reversed_models_way_there():
    gan = made().eval()
    other = gan.reversed()
    zebras, horses = images(3), images(3)
    assert torch.equal(other.sample(source=zebras), gan.generator["back"](zebras))
    scores = gan.discriminator["source"](horses)
    assert torch.equal(other.discriminator(horses), scores)
    assert torch.equal(other.reversed().sample(source=horses), gan.sample(source=horses))
    assert not other.training


def test_the_reversed_model_shares_its_networks():
    gan = made()
    other = gan.reversed()
    before = other.sample(source=torch.zeros(1, 1, 8, 8))
    with torch.no_grad():
        for parameter in gan.generator["back"].parameters():
            parameter.add_(0.1)
    assert not torch.equal(other.sample(source=torch.zeros(1, 1, 8, 8)), before)
    assert set(map(id, other.parameters())) == set(map(id, gan.parameters()))
    assert other.training


def test_the_way_back_is_scored_against_the_other_domain():
    gan = made(size=28)
    columns = {name: torch.randint(256, (20, 28, 28, 1)).byte() for name in ("real", "source")}
    data = Dataset("back", columns, unpaired=("source",))
    scores = evaluate(gan.reversed(), protocol="quick", data=data, n=20)
    assert scores.values["FD-projection"] > 0


class Negative(nn.Module):
    def forward(self, x):
        return -x


def test_both_ways_of_a_perfect_model_are_as_good_as_what_they_are_scored_against():
    gan = made(size=28)
    gan.generator = nn.ModuleDict({"there": Negative(), "back": Negative()})
    data, rules = load_data("digits-inverse", (1, 28, 28), "test"), spec.presets["digits2inverse"]
    ways = both_ways(gan, data, rules.protocol, 300)
    assert list(ways) == ["there", "back"]
    assert ways["there"][0] == pytest.approx(ways["back"][0], rel=1e-3)
    assert {cycle for _, cycle in ways.values()} == {0.0}


def test_a_cycle_that_does_not_lead_back_has_an_error():
    gan = made()
    gan.generator = nn.ModuleDict({"there": Negative(), "back": nn.Identity()})
    source = torch.zeros(5, 8, 8, 1).byte()
    data = Dataset("black", {"real": source, "source": source})
    assert cycle_error(gan, data, 5) == pytest.approx(1)


def test_the_script_answers_a_wrong_source_in_one_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["both_ways", "local-dir:nowhere"])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert (ended.value.code, said.count("\n")) == (1, 1)
    assert "nowhere" in said


def marked(first, n):
    """Images that can be told apart."""
    return torch.arange(first, first + n).float().view(-1, 1, 1, 1).expand(-1, 1, 2, 2)


def values(shown):
    return shown[:, 0, 0, 0].tolist()


def test_a_pool_first_fills_itself_and_shows_what_comes():
    torch.manual_seed(0)
    pool = Pool(6, (1, 2, 2))
    assert values(pool(marked(1, 6))) == [1, 2, 3, 4, 5, 6]
    assert sorted(values(pool.images)) == [1, 2, 3, 4, 5, 6]


def test_a_full_pool_swaps_about_half():
    torch.manual_seed(0)
    pool = Pool(50, (1, 2, 2))
    pool(marked(1, 50))
    kept, earlier = 0, 0
    for first in range(51, 1051, 10):
        new, before = marked(first, 10), values(pool.images)
        shown = values(pool(new))
        kept += sum(value in values(new) for value in shown)
        earlier += sum(value in before for value in shown)
        for value, place in zip(shown, values(new), strict=True):
            assert (value == place) != (place in values(pool.images))
    assert kept + earlier == 1000
    assert 430 < earlier < 570


def test_more_fakes_than_the_pool_holds_pass_it():
    torch.manual_seed(0)
    pool = Pool(4, (1, 2, 2))
    pool(marked(1, 4))
    shown = values(pool(marked(5, 9)))
    assert len(shown) == 9
    assert shown[4:] == [9, 10, 11, 12, 13]


def test_a_pool_in_evaluation_mode_is_not_there():
    pool = Pool(4, (1, 2, 2)).eval()
    assert values(pool(marked(1, 3))) == [1, 2, 3]
    assert not pool.filled.any()


def test_the_pools_are_part_of_the_state_and_not_of_the_generator():
    gan = made()
    assert {"pools.real.images", "pools.source.filled"} <= gan.state_dict().keys()
    recipe = replace(spec.presets["digits2inverse"].recipe, batch=4)
    columns = {name: torch.randint(256, (8, 8, 8, 1)).byte() for name in ("real", "source")}
    Trainer(gan, recipe, Dataset("few", columns, unpaired=("source",))).step()
    assert [pool.filled.sum().item() for pool in gan.pools.values()] == [4, 4]


def test_in_training_no_digit_is_on_both_sides():
    data, mnist = (load_data(name, (1, 28, 28)) for name in ("digits-inverse", "mnist"))
    real, source = 255 - data.columns["real"], data.columns["source"]
    assert (len(real), len(source), data.unpaired) == (30_000, 30_000, ("source",))
    together = torch.cat([real, source]).flatten(1).long()
    weights = torch.randint(2**20, (784,), generator=torch.Generator().manual_seed(0))
    found = (together @ weights).sort().values
    assert torch.equal(found, (mnist.columns["real"].flatten(1).long() @ weights).sort().values)


def test_in_the_test_split_each_source_has_its_inverse():
    data = load_data("digits-inverse", (1, 28, 28), "test")
    assert (len(data), data.unpaired) == (10_000, ())
    assert torch.equal(data.columns["real"], 255 - data.columns["source"])


def test_the_extractor_knows_inverted_digits():
    digits = load_data("mnist", (1, 28, 28), "test").rows(torch.arange(200))
    plain, inverse = load_extractor("lenet-mnist"), load_extractor("inverse-lenet")
    features = inverse(-digits["real"])
    torch.testing.assert_close(features.rows, plain(digits["real"]).rows)
    assert (features.logits.argmax(1) == digits["label"]).float().mean() > 0.97
    assert inverse.sha256 == plain.sha256


@pytest.mark.parametrize(
    "wrong",
    [
        {"channels": 0},
        {"size": 0},
        {"size": 30},
        {"width": 0},
        {"blocks": 0},
        {"halvings": 0},
        {"halvings": 7},
        {"cycle": -1.0},
        {"identity": -1.0},
        {"pool": 0},
    ],
    ids=str,
)
def test_a_config_that_cannot_be_is_refused(wrong):
    (name,) = wrong
    with pytest.raises(ConfigError, match=name):
        Config(**wrong)
