"""DiffAugment and ADA: identity, range, gradients, gray and RGB."""

from __future__ import annotations

import pytest
import torch

from ganzoo.layers.augmentation import (
    ADAPTIVE_NUMBERS,
    DIFF_NUMBERS,
    adaptive_augment,
    diff_augment,
    resample,
)
from ganzoo.layers.augmentation.diff import cutout, jitter_colors, translate


def images(n: int = 4, channels: int = 3, size: int = 16) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.rand(n, channels, size, size, generator=generator) * 2 - 1


def numbers(n: int, columns: int) -> torch.Tensor:
    return torch.rand(n, columns, generator=torch.Generator().manual_seed(1))


def test_ada_at_0_changes_nothing():
    given = images()
    assert torch.equal(adaptive_augment(given, numbers(4, ADAPTIVE_NUMBERS), 0.0), given)


def test_the_documented_numbers_per_image_are_those():
    for function, columns in ((diff_augment, DIFF_NUMBERS), (adaptive_augment, ADAPTIVE_NUMBERS)):
        assert f"(N, {columns})" in function.__doc__


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("method", ["diff", "ada"])
def test_augmented_images_are_finite_and_differentiable_twice(method, channels):
    """As R1 needs it: the gradient of a nonlinear score with respect to the clean images."""
    clean = images(64, channels).requires_grad_()
    if method == "diff":
        changed = diff_augment(clean, numbers(64, DIFF_NUMBERS))
    else:
        changed = adaptive_augment(clean, numbers(64, ADAPTIVE_NUMBERS), 1.0)
    assert changed.shape == clean.shape
    assert changed.isfinite().all()
    assert (changed != clean).flatten(1).any(1).all()
    weight = torch.ones((), requires_grad=True)
    (gradient,) = torch.autograd.grad((weight * changed).pow(3).sum(), clean, create_graph=True)
    gradient.square().mean().backward()
    assert weight.grad.isfinite()
    assert weight.grad > 0
    assert clean.grad.isfinite().all()


def test_some_rows_are_changed_at_a_low_strength():
    given, strength = images(200), 0.02
    same = adaptive_augment(given, numbers(200, ADAPTIVE_NUMBERS), strength) == given
    untouched = same.flatten(1).all(1).float().mean()
    assert 0.7 < untouched < 0.95  # (1 - p)^12 is 0.78, and a flip may be none


def test_each_row_depends_on_its_own_numbers():
    given, drawn = images(), numbers(4, ADAPTIVE_NUMBERS)
    whole = adaptive_augment(given, drawn, 0.7)
    parts = [adaptive_augment(given[i : i + 1], drawn[i : i + 1], 0.7) for i in range(4)]
    torch.testing.assert_close(torch.cat(parts), whole)


def test_blits_move_pixels_without_blending():
    """With geometry and colors off, the values of an image are those that it had."""
    drawn = numbers(100, ADAPTIVE_NUMBERS)
    drawn[:, 3:13] = 1
    given = torch.arange(64.0).view(1, 1, 8, 8).expand(100, 1, 8, 8)
    changed = adaptive_augment(given, drawn, 1 - 1e-6)
    assert torch.equal(changed, changed.round())
    assert len(changed.flatten(1).unique(dim=0)) > 30
    drawn[:, 2] = 1  # no translation: a permutation of the pixels
    changed = adaptive_augment(given, drawn, 1 - 1e-6).flatten(1)
    assert torch.equal(changed.sort().values, given.flatten(1))
    assert len(changed.unique(dim=0)) == 8


def test_resampling_keeps_the_identity_and_follows_a_map():
    given = torch.nn.functional.interpolate(images(2, 3, 5), size=20, mode="bicubic")
    eye, none = torch.eye(2).expand(2, 2, 2), torch.zeros(2, 2)
    torch.testing.assert_close(resample(given, eye, none), given, atol=1e-5, rtol=0)
    right = resample(given, eye, torch.tensor([[2.0, 0.0]] * 2))
    torch.testing.assert_close(right[..., :-2], given[..., 2:], atol=1e-5, rtol=0)
    turned = resample(given, torch.tensor([[0.0, -1.0], [1.0, 0.0]]).expand(2, 2, 2), none)
    torch.testing.assert_close(turned, given.rot90(1, (2, 3)), atol=0.05, rtol=0)
    far = resample(given, eye * 3, none)  # reflected at the borders: nothing is empty
    assert far.isfinite().all()
    assert far.abs().max() < 1.5 * given.abs().max()


def test_colors_of_ada_keep_gray_gray():
    drawn = numbers(50, ADAPTIVE_NUMBERS)
    drawn[:, :8] = 1
    gray = images(50, 1)
    changed = adaptive_augment(gray.expand(-1, 3, -1, -1), drawn, 1 - 1e-6)
    torch.testing.assert_close(changed[:, 0], changed[:, 2], atol=1e-5, rtol=0)
    torch.testing.assert_close(changed[:, :1], adaptive_augment(gray, drawn, 1 - 1e-6))


def test_images_are_translated_by_an_eighth_at_most():
    given = torch.zeros(500, 1, 16, 16)
    given[:, :, 8, 8] = 1
    places = translate(given, numbers(500, 2)).nonzero()[:, 2:]
    assert len(places) == 500
    assert (places.min(), places.max()) == (6, 10)
    assert len(places.unique(dim=0)) == 25


def test_the_cutout_is_a_rectangle_of_zeros():
    holes = cutout(torch.ones(500, 3, 20, 20), numbers(500, 2)) == 0
    assert holes.sum((1, 2, 3)).max() == 3 * 10 * 10
    assert torch.equal(holes[:, 0], holes[:, 2])
    assert holes.any(0).all()


def test_the_colors_of_diff_augment_keep_the_mean_within_half():
    given = images(500, 3, 4)
    changed = jitter_colors(given, numbers(500, 3))
    moved_by = changed.mean((1, 2, 3)) - given.mean((1, 2, 3))
    assert moved_by.abs().max() <= 0.5 + 1e-5
    contrast = changed.mean(1).std((1, 2)) / given.mean(1).std((1, 2))
    assert 0.5 - 1e-3 <= contrast.min() < 0.6 < 1.4 < contrast.max() <= 1.5 + 1e-3
