"""Weight initialization: distributions and biases."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from ganzoo import layers


def test_glorot_weights_have_the_papers_deviation_and_no_bias():
    torch.manual_seed(0)
    layer = layers.glorot_init(nn.Linear(300, 100), gain=2.0)
    assert layer.weight.std().item() == pytest.approx(2 * (2 / 400) ** 0.5, rel=0.05)
    assert not layer.bias.any()


@pytest.mark.parametrize("norms", [True, False])
def test_normal_weights_of_layers_and_norms(norms):
    torch.manual_seed(0)
    network = layers.normal_init(
        nn.Sequential(
            nn.Conv2d(3, 64, 4),
            nn.BatchNorm2d(64),
            nn.InstanceNorm2d(64),
            nn.ConvTranspose2d(64, 64, 4, bias=False),
            nn.Linear(64, 64),
        ),
        norms=norms,
    )
    for index in (0, 3, 4):
        assert network[index].weight.std().item() == pytest.approx(0.02, rel=0.1)
    assert not network[0].bias.any()
    assert not network[4].bias.any()
    assert network[1].weight.std().item() == pytest.approx(0.02 if norms else 0.0, rel=0.5)
    assert network[1].weight.mean().item() == pytest.approx(1, abs=0.01)
