"""StyleGAN2: layers, styles, noise, truncation and regularizers."""

from math import sqrt

import pytest
import torch
import torch.nn.functional as F
from ganzoo_stylegan2 import Config, spec
from ganzoo_stylegan2.model import StyleGAN2
from torch import nn

from ganzoo.errors import ConfigError
from ganzoo.layers import FirDown, FirUp
from ganzoo.layers.style import GroupedStd


def small(**changes):
    settings = {"channels": 1, "size": 16, "latent": 6, "w_dim": 8, "mapping": 2, "clamp": 0.0}
    return StyleGAN2(Config(**{**settings, "widths": (8, 6, 4), **changes}))


def seeded(gan):
    """A model without zeros, so that everything has an effect."""
    torch.manual_seed(0)
    for name, value in gan.named_parameters():
        if name.endswith(("bias", "noise_strength")):
            nn.init.normal_(value, 0, 0.5)
    return gan.eval()


@pytest.mark.parametrize(
    ("preset", "generator", "discriminator"),
    [("ffhq1024", 30_370_060, 29_012_513), ("ffhq256", 24_767_458, 24_001_089)],
)
def test_parameter_counts(preset, generator, discriminator):
    """The sizes that the official code prints."""
    with torch.device("meta"):
        gan = StyleGAN2(spec.presets[preset].config)
    assert sum(each.numel() for each in gan.generator.parameters()) == generator
    assert sum(each.numel() for each in gan.discriminator.parameters()) == discriminator


def test_a_modulated_convolution_is_one_with_modulated_and_demodulated_weights():
    """Equations 1 and 3 of the paper, with a filter of its own for each row."""
    gan = seeded(small())
    layer = gan.generator.synthesis.blocks["8"].second
    x, w = torch.randn(2, 6, 8, 8), torch.randn(2, 8)
    for row in range(2):
        style = w[row] @ layer.affine.weight.t() / sqrt(8) + layer.affine.bias
        weight = layer.weight * style[:, None, None]
        weight = weight / weight.square().sum((1, 2, 3), keepdim=True).sqrt()
        noise = layer.noise_strength * layer.noise
        y = F.conv2d(x[row], weight, padding=1) + noise + layer.bias[:, None, None]
        y = sqrt(2) * F.leaky_relu(y, 0.2)
        torch.testing.assert_close(layer(x, w, "const")[row], y, atol=1e-5, rtol=1e-4)


def test_half_precision_is_for_the_four_finest_resolutions():
    """Karras et al. 2020b, appendix D; the mapping network and the logits stay in float32."""
    gan = small(size=64, widths=(8, 8, 6, 4, 4)).train()
    found = {}
    for name, layer in gan.named_modules():
        if name.endswith((".second", ".linear", "mapping.layers")):
            layer.register_forward_hook(lambda _m, _i, y, name=name: found.update({name: y.dtype}))
    with torch.autocast("cpu", torch.bfloat16):
        batch = gan.prior(4)
        gan.discriminator_loss({**batch, "real": torch.randn(4, 1, 64, 64)}, gan.generate(batch))
    half = {name for name, dtype in found.items() if dtype is torch.bfloat16}
    sizes = {side: {int(n.split(".")[-2]) for n in half if n.startswith(side)} for side in "gd"}
    assert sizes == {"g": {8, 16, 32, 64}, "d": {8, 16, 32, 64}}
    assert found["generator.mapping.layers"] is torch.float32


@pytest.mark.parametrize("connections", ["skip", "resnet", "orig"])
def test_architectures_have_the_shape_of_the_image(connections):
    gan = small(architecture=connections, discriminator=connections, size=28, widths=(8, 6, 4))
    fake = gan.sample(3, seed=0)
    assert fake.shape == (3, 1, 28, 28)
    assert gan.discriminator(fake).shape == (3, 1)


def test_resampling_is_linear_interpolation_within_the_image():
    x = torch.randn(2, 3, 6, 6)
    linear = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
    torch.testing.assert_close(FirUp()(x)[..., 1:-1, 1:-1], linear[..., 1:-1, 1:-1])
    slope = torch.arange(12.0).expand(1, 3, 12, 12)
    halved = F.avg_pool2d(slope, 2)[..., 1:-1, 1:-1]
    torch.testing.assert_close(FirDown()(slope)[..., 1:-1, 1:-1], halved)


def test_rows_of_a_group_are_compared():
    """Rows 0 and 2 are one group, 1 and 3 the other."""
    x = torch.zeros(4, 2, 1, 1)
    x[2] = 2.0
    added = GroupedStd(group=2, maps=1)(x)[:, 2, 0, 0]
    torch.testing.assert_close(added, torch.tensor([1.0, 1e-4, 1.0, 1e-4]), atol=1e-4, rtol=0)


def test_samples_have_fixed_noise_and_fakes_in_training_fresh_noise():
    gan = seeded(small())
    batch = {"latent": torch.randn(2, 6)}
    assert torch.equal(gan.generate(batch), gan.generate(batch))
    assert not torch.equal(gan.sample(2, seed=0), seeded(small(noise="none")).sample(2, seed=0))
    gan.train()
    assert not torch.equal(gan.generate(batch), gan.generate(batch))


def test_truncation_moves_w_toward_its_mean_in_the_first_layers():
    gan = seeded(small())
    gan.generator.mapping.w_avg.normal_()
    batch = {"latent": torch.randn(2, 6)}
    full, mean = gan.styles(batch), gan.generator.mapping.w_avg
    half = gan.styles({**batch, "truncation": torch.tensor(0.5), "cutoff": torch.tensor(2)})
    torch.testing.assert_close(half[:, :2], (full[:, :2] + mean) / 2)
    assert torch.equal(half[:, 2:], full[:, 2:])
    assert torch.equal(gan.sample(2, seed=0, truncation=1), gan.sample(2, seed=0))
    one, other = gan.sample(2, seed=0, truncation=0)
    torch.testing.assert_close(one, other)
    with pytest.raises(ConfigError, match="truncation must be a number"):
        gan.sample(2, truncation=[[1.0], [0.5]])


def test_samples_from_w():
    gan = seeded(small())
    w = gan.styles({"latent": gan.prior_rows(3, seed=0)["latent"]})
    expected = gan.sample(3, seed=0)
    torch.testing.assert_close(gan.sample(w=w.detach()), expected)
    torch.testing.assert_close(gan.sample(w=w[:, 0].detach()), expected)
    with pytest.raises(ConfigError, match=r"w must have the shape \(n, 8\) or \(n, 6, 8\), not"):
        gan.sample(w=torch.zeros(2, 5, 8))


def test_the_mean_of_w_is_tracked_in_training_alone():
    gan = small()
    batch = gan.prior(4)
    gan.eval().generate(batch)
    assert not gan.generator.mapping.w_avg.any()
    gan.train()
    w = gan.generator.mapping(batch["latent"])
    torch.testing.assert_close(gan.generator.mapping.w_avg, 0.002 * w.mean(0).detach())


def test_styles_are_mixed_in_training():
    gan = small(mixing=1.0)
    rows = gan.prior(50)
    assert set(rows["crossover"].tolist()) == {1, 2, 3, 4, 5}
    w = gan.styles(rows)
    first, second = (gan.generator.mapping(rows[each]) for each in ("latent", "second_latent"))
    for row, place in enumerate(rows["crossover"]):
        torch.testing.assert_close(w[row, :place], first[row].expand(int(place), -1))
        torch.testing.assert_close(w[row, place:], second[row].expand(6 - int(place), -1))
    assert "crossover" not in gan.eval().prior(2)
    assert (small(mixing=0.0).prior(2).keys()) == {"latent"}


def test_regularizers_are_lazy():
    intervals = {phase.name: phase.interval for phase in small().phases()}
    assert intervals == {"discriminator": 1, "r1": 16, "generator": 1, "path": 4}
    assert len(small(r1=0.0, path_length=0.0).phases()) == 2


def test_path_lengths_approach_their_running_mean():
    gan = small(path_length=1.0, mixing=0.0)
    batch = gan.prior(8)
    loss = gan.path_loss(batch, torch.empty(0))["penalty"]
    lengths = gan.path_mean / 0.01
    assert lengths > 0
    assert loss > 0.9 * lengths**2  # all are far above the mean, which is still near 0
    gan.path_mean.copy_(lengths)
    assert gan.path_loss(batch, torch.empty(0))["penalty"] < loss


def test_a_class_changes_samples_and_scores():
    gan = seeded(small(classes=3))
    first, second = gan.sample(4, seed=0, label=0), gan.sample(4, seed=0, label=1)
    assert not torch.allclose(first, second)
    scores = [gan.discriminator(first, F.one_hot(torch.full((4,), k), 3).float()) for k in (0, 1)]
    assert not torch.allclose(*scores)
    with pytest.raises(ConfigError, match="labels of this model are 0 to 2"):
        gan.sample(1, label=3)


@pytest.mark.parametrize(
    "wrong", [{"widths": (8, 6)}, {"size": 15}, {"group_maps": 3}, {"mixing": 2.0}], ids=str
)
def test_a_config_that_cannot_be_is_refused(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        small(**wrong)
