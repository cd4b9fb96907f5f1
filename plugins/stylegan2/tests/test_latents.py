"""Directions and projection in the w of an untrained model."""

import pytest
import torch
from ganzoo_stylegan2 import Config
from ganzoo_stylegan2.model import StyleGAN2

from ganzoo.errors import ConfigError
from ganzoo.sampling import noise_maps
from ganzoo.sampling.image_distance import ImageDistance, multi_scale, peak_signal_to_noise
from ganzoo.sampling.image_projection import project


def untrained():
    torch.manual_seed(0)
    return StyleGAN2(
        Config(channels=1, size=16, latent=6, w_dim=8, mapping=2, clamp=0.0, widths=(8, 6, 4))
    )


def test_noise_maps_are_fitted_and_stay_white():
    """Karras et al. 2020a, appendix D: with them the projection is nearer."""
    gan, distance = untrained().eval(), ImageDistance("pixels", multi_scale)
    for name, each in gan.named_parameters():
        if name.endswith("noise_strength"):
            torch.nn.init.constant_(each, 2.0)
    own = {name: each.clone() for name, each in gan.noise_maps.items()}
    assert len(own) == 5
    with noise_maps.replaced(gan, {name: torch.randn_like(each) for name, each in own.items()}):
        target = gan.sample(1, seed=1)
    decibels = []
    for noise in (False, True):
        found = project(gan, target, distance, steps=60, noise=noise)
        with noise_maps.replaced(gan, found.noise):
            decibels += peak_signal_to_noise(gan.sample(w=found.latents), target)
    assert decibels[1] > decibels[0] + 0.3
    for name, each in gan.noise_maps.items():
        assert torch.equal(each, own[name])
        assert abs(found.noise[name].mean()) < 1e-5
        assert found.noise[name].std() == pytest.approx(1, abs=0.05)
    with pytest.raises(ConfigError, match="--noise"):
        project(gan, gan.sample(2), distance, noise=True)


def test_a_sample_is_found_back_in_w_and_nearer_in_w_plus():
    gan = untrained()
    space = gan.latent_space
    assert (space.name, space.shape, space.layers) == ("w", (8,), 6)
    assert space.directions(3).shape == space.directions(3, "sefa").shape == (3, 8)
    target = gan.sample(2, seed=1)
    distances = []

    def found(**options):
        made = project(
            *(gan, target, ImageDistance("pixels", multi_scale)),
            steps=40,
            update=lambda step, mean: distances.append(mean),
            **options,
        )
        return made.latents, peak_signal_to_noise(gan.sample(w=made.latents), target)

    w, decibels = found()
    assert w.shape == (2, 8)
    assert distances[-1] < distances[0] / 20
    assert min(decibels) > 20
    assert found(plus=True)[0].shape == (2, 6, 8)
    assert distances[-1] < distances[40] / 20
