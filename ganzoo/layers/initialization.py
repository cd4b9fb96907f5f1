"""Weight initialization."""

from __future__ import annotations

from typing import TypeVar

from torch import Tensor, nn

M = TypeVar("M", bound=nn.Module)

LINEAR = (
    nn.Linear,
    nn.Conv1d,
    nn.Conv2d,
    nn.ConvTranspose1d,
    nn.ConvTranspose2d,
)
"""Layers that `normal_init` draws weights for; their biases start at 0."""
NORMS = (nn.BatchNorm2d, nn.InstanceNorm2d)


def glorot_init(layer: M, gain: float = 1.0) -> M:
    """Glorot-uniform weights, zero bias; returns the layer (Glorot and Bengio 2010).

    The standard deviation is gain sqrt(2 / (fan in + fan out)).
    """
    assert isinstance(layer.weight, Tensor)
    nn.init.xavier_uniform_(layer.weight, gain)
    if isinstance(bias := getattr(layer, "bias", None), Tensor):
        nn.init.zeros_(bias)
    return layer


def normal_init(network: M, std: float = 0.02, *, norms: bool = True) -> M:
    """N(0, std) weights and zero biases for all layers; returns the network (Radford et al. 2015).

    Args:
        network: its convolutions and linear layers are initialized in order.
        std: standard deviation.
        norms: draw the gains of batch and instance norms from N(1, std); False keeps them at 1.
    """
    for module in network.modules():
        if isinstance(module, LINEAR):
            nn.init.normal_(module.weight, 0.0, std)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif norms and isinstance(module, NORMS) and module.affine:
            nn.init.normal_(module.weight, 1.0, std)
    return network
