"""Directions and projection in the w of an untrained model."""

import torch
from ganzoo_stylegan2 import Config
from ganzoo_stylegan2.model import StyleGAN2

from ganzoo.sampling.image_distance import ImageDistance, multi_scale, peak_signal_to_noise
from ganzoo.sampling.image_projection import project


def test_a_sample_is_found_back_in_w_and_nearer_in_w_plus():
    torch.manual_seed(0)
    gan = StyleGAN2(
        Config(channels=1, size=16, latent=6, w_dim=8, mapping=2, clamp=0.0, widths=(8, 6, 4))
    )
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
