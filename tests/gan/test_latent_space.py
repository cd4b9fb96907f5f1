"""Latent spaces of toys: z of a perceptron, w of a small mapping network."""

import pytest
import torch
import toys
from torch import nn

from ganzoo import SampleInput
from ganzoo.errors import ConfigError, UnknownNameError
from ganzoo.gan.interpolation import interpolate
from ganzoo.spec.sample import LABEL, LATENT


class Mapped(toys.Vanilla):
    """z is mapped to w, which two layers take."""

    inputs = (LATENT, SampleInput("w", "intermediate latents"))

    def __init__(self, config):
        super().__init__(config)
        mapping = nn.Linear(config.latent, 3)
        layers = nn.ModuleList([nn.Linear(3, toys.PIXELS, bias=False) for _ in range(2)])
        self.generator = nn.ModuleDict({"mapping": mapping, "layers": layers})

    def styles(self, batch):
        w = batch["w"] if "w" in batch else self.generator["mapping"](batch["latent"])
        return w if w.ndim == 3 else w[:, None].expand(-1, 2, -1)

    def generate(self, batch):
        first, second = self.generator["layers"]
        w = self.styles(batch)
        return (first(w[:, 0]) + second(w[:, 1])).tanh().unflatten(1, toys.IMAGE)


@pytest.fixture(scope="module")
def mapped():
    torch.manual_seed(0)
    return Mapped(toys.Config())


@pytest.fixture(scope="module")
def plain():
    torch.manual_seed(0)
    return toys.Vanilla(toys.Config())


@pytest.mark.parametrize("how", ["linear", "slerp", "spline"])
def test_curves_pass_through_their_points(how):
    points = torch.randn(4, 2, 5, generator=torch.Generator().manual_seed(0))
    curve = interpolate(points, 3, how)
    assert curve.shape == (10, 2, 5)
    torch.testing.assert_close(curve[::3], points)
    halfway = interpolate(points[:2], 2, how)[1]
    if how == "slerp":
        mean = points[:2].norm(dim=-1).mean(0)
        torch.testing.assert_close(halfway.norm(dim=-1), mean)
    else:
        torch.testing.assert_close(halfway, points[:2].mean(0))


def test_a_spline_follows_a_curve_that_lines_cut_short():
    turn = torch.linspace(0, 2 * torch.pi, 9).double()
    circle = torch.stack([turn.cos(), turn.sin()], 1)
    errors = [(interpolate(circle, 2, how)[5:12:2].norm(dim=1) - 1).abs() for how in CUT]
    assert errors[0].max() * 20 < errors[1].min()


CUT = ("spline", "linear")


def test_equal_points_are_no_arc():
    assert interpolate(torch.ones(2, 3), 4, "slerp").equal(torch.ones(5, 3))


def test_seeds_are_their_first_samples(mapped, plain):
    for gan, name in ((mapped, "w"), (plain, "latent")):
        space = gan.latent_space
        assert (space.name, space.layers) == (name, 2 * (name == "w"))
        expected = torch.cat([gan.sample(1, seed=seed) for seed in (1, 5)])
        torch.testing.assert_close(space.sample([1, 5]), expected)
        walk = space.interpolate([1, 5], 4)
        torch.testing.assert_close(space.sample(walk)[[0, -1]], expected)


def test_labels_are_the_same_along_a_walk():
    gan = next(toy for toy in toys.TOYS if LABEL in toy.make().inputs).make()
    walk = gan.latent_space.inputs(gan.latent_space.interpolate([1, 5], 4))
    assert walk["label"].unique().numel() == 1
    assert gan.latent_space.sample([1, 5], label=3).shape == (2, *toys.IMAGE)


def test_mean_and_deviation_are_those_of_the_mapping(mapped):
    space, mapping = mapped.latent_space, mapped.generator["mapping"]
    torch.testing.assert_close(space.mean, mapping.bias.detach(), atol=0.05, rtol=0)
    expected = float(mapping.weight.detach().norm())  # root of the trace of the covariance
    assert abs(space.std - expected) < 0.03 * expected


def test_directions_are_those_of_the_largest_variance_and_effect(mapped, plain):
    """Principal components of a linear mapping are its left singular vectors."""
    left, scale, _ = torch.linalg.svd(mapped.generator["mapping"].weight.detach())
    found = mapped.latent_space.directions(2)
    torch.testing.assert_close(found.norm(dim=1), scale[:2], rtol=0.03, atol=0)
    cosines = nn.functional.cosine_similarity(found, left.t()[:2])
    assert cosines.abs().min() > 0.99
    taken = torch.cat([layer.weight for layer in mapped.generator["layers"]]).detach()
    first = plain.generator[0][0].weight.detach()
    for gan, weight in ((mapped, taken), (plain, first)):
        effect = torch.linalg.svd(weight).Vh
        found = nn.functional.normalize(gan.latent_space.directions(2, "sefa"))
        torch.testing.assert_close((found * effect[:2]).sum(1).abs(), torch.ones(2))
    components = nn.functional.normalize(plain.latent_space.directions(1))
    assert float((components @ effect[0]).abs()) > 0.9


def test_what_is_no_latent_is_refused(mapped, plain):
    with pytest.raises(ConfigError, match=r"\(w\) are floats of shape \(n, 3\) or \(n, 2, 3\)"):
        mapped.latent_space.points(torch.zeros(2, 6))
    for wrong in (torch.zeros(2, 7), torch.full((1, 6), torch.nan), 3, [], ["a"]):
        with pytest.raises(ConfigError, match="latent"):
            plain.latent_space.points(wrong)
    with pytest.raises(ConfigError, match="1 to 6 directions"):
        plain.latent_space.directions(7)
    with pytest.raises(UnknownNameError, match="pca"):
        plain.latent_space.directions(1, "pcs")
    with pytest.raises(ConfigError, match="two points"):
        plain.latent_space.interpolate([1])
    with pytest.raises(UnknownNameError, match="spline"):
        plain.latent_space.interpolate([1, 2], how="splin")
    translator = next(t for t in toys.TOYS if t.make().inputs[0].name == "source").make()
    with pytest.raises(ConfigError, match="no latent; it makes its samples from source"):
        _ = translator.latent_space
