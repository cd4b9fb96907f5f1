"""Scores of translations against their targets."""

import math

import numpy as np
import pytest
import torch
from PIL import Image
from toys import TOYS, pairs

from ganzoo import Dataset
from ganzoo.evaluation import evaluator
from ganzoo.spec.protocol import Protocol

CPU = torch.device("cpu")
TOY = {toy.name: toy for toy in TOYS}


def paint(path, level, size=(8, 8)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((size[1], size[0]), level, np.uint8)).save(path)


def score(reference, **changes):
    rules = Protocol("own", "projection", n=64, metrics=("fd", "l1", "psnr", "ssim"), **changes)
    return evaluator.evaluate(TOY["pix2pix"].make(), protocol=rules, data=reference)


def test_translations_are_compared_with_their_targets():
    toy, reference = TOY["pix2pix"].make(), pairs()
    found = score(reference).values
    chosen = reference.condition_rows(64, 0)
    rows = reference.rows(chosen)
    made = toy.sample(64, seed=0, source=rows["source"])
    made = made.add(1).mul(127.5).round().div(127.5).sub(1)
    errors = (made - rows["real"]).flatten(1)
    assert found["L1"] == pytest.approx((errors.abs().mean(1) / 2).mean().item(), abs=1e-5)
    decibels = 10 * (4 / errors.square().mean(1)).log10()
    assert found["PSNR"] == pytest.approx(decibels.mean().item(), abs=1e-3)
    assert -1 <= found["SSIM"] <= 1
    assert "FD-projection" in found


def test_a_perfect_translation_has_no_error():
    class Copy(type(TOY["pix2pix"].make())):
        def generate(self, batch):
            return -batch["source"]

    rules = Protocol("own", "projection", n=64, metrics=("l1", "ssim"))
    values = evaluator.evaluate(Copy(TOY["pix2pix"].make().config), protocol=rules, data=pairs())
    assert values.values["L1"] < 1e-6
    assert values.values["SSIM"] == pytest.approx(1, abs=1e-4)


def test_without_pairs_there_are_no_targets_and_it_is_said():
    alone = Dataset("alone", pairs().columns, unpaired=("source",))
    found = score(alone)
    assert "L1" not in found.values
    assert any("no pairs" in warning for warning in found.warnings)


def test_psnr_of_equal_images_is_bounded():
    from ganzoo.metrics.functional import peak_signal_to_noise

    same = torch.zeros(2, 1, 16, 16)
    assert all(math.isfinite(value) for value in peak_signal_to_noise(same, same).tolist())
