"""Gradient penalties: the chain of transposed layers equals the derivative, or is not used."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from ganzoo import losses
from ganzoo.losses.penalties import row_gradient

CHAINS = {
    "perceptron": nn.Sequential(
        nn.Flatten(), nn.Linear(64, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1)
    ),
    "strided": nn.Sequential(
        nn.Conv2d(1, 4, 4, 2, 1),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(4, 8, 3, 2, 1, groups=2, dilation=2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(8 * 1 * 1, 1),
    ),
    "nested": nn.Sequential(
        nn.Sequential(nn.Conv2d(1, 4, 3), nn.Identity(), nn.ReLU()),
        nn.Conv2d(4, 1, 6, bias=False),
        nn.Flatten(),
    ),
}


def rows() -> torch.Tensor:
    return torch.randn(5, 1, 8, 8, generator=torch.Generator().manual_seed(0))


def weight_gradients(network: nn.Module, penalty: torch.Tensor) -> list[torch.Tensor]:
    network.zero_grad()
    penalty.backward()
    return [p.grad.clone() for p in network.parameters() if p.grad is not None and p.grad.any()]


@pytest.mark.parametrize("name", CHAINS)
def test_the_chain_equals_the_derivative_and_so_do_its_own_gradients(name):
    network = CHAINS[name]

    def opaque(x: torch.Tensor) -> torch.Tensor:
        return network(x)

    chained, derived = row_gradient(network, rows()), row_gradient(opaque, rows())
    torch.testing.assert_close(chained, derived)
    one = weight_gradients(network, chained.square().sum())
    other = weight_gradients(network, derived.square().sum())
    assert len(one) == len(other) > 0
    for ours, theirs in zip(one, other, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "layer",
    [
        nn.BatchNorm2d(4),
        nn.Tanh(),
        nn.utils.parametrizations.spectral_norm(nn.Conv2d(4, 4, 1)),
        nn.Conv2d(4, 4, 3, padding=1, padding_mode="reflect"),
    ],
)
def test_other_networks_are_differentiated(layer):
    network = nn.Sequential(nn.Conv2d(1, 4, 3), layer, nn.Flatten(), nn.Linear(144, 1)).eval()

    def opaque(x: torch.Tensor) -> torch.Tensor:
        return network(x)

    torch.testing.assert_close(row_gradient(network, rows()), row_gradient(opaque, rows()))


def test_hooks_are_respected():
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 1))
    network[1].register_forward_hook(lambda module, inputs, output: 2 * output)
    torch.testing.assert_close(row_gradient(network, rows())[0], 2 * network[1].weight[0].detach())


def test_the_penalty_is_zero_where_the_gradient_has_length_one():
    critic = nn.Linear(2, 1, bias=False)
    with torch.no_grad():
        critic.weight.copy_(torch.tensor([[0.6, 0.8]]))
    one, other, mix = torch.zeros(3, 2), torch.ones(3, 2), torch.rand(3)
    assert losses.gradient_penalty(critic, one, other, mix).item() == pytest.approx(0, abs=1e-6)
    assert losses.zero_centered_penalty(critic, one).item() == pytest.approx(0.5)
