"""Gradients by the input, for penalties: each row's output by that row, itself differentiable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Pull = Callable[[Tensor], Tensor]
"""From the gradient by a layer's output to the gradient by its input."""


def gradient_penalty(
    critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, mix: Tensor
) -> Tensor:
    """E (|| grad f(x') ||_2 - 1)^2 at x' = x + mix (G(z) - x) (Gulrajani et al. 2017, equation 3).

    Args:
        real, fake: data of the same shape, (N, ...).
        mix: one weight in [0, 1] a row, (N,); draw it in the model's `prior`.
    """
    weight = mix.view(-1, *[1] * (real.ndim - 1))
    between = torch.lerp(real.float(), fake.float(), weight)
    norms = torch.linalg.vector_norm(row_gradient(critic, between), dim=1)
    penalty: Tensor = (norms - 1).square().mean()
    return penalty


def zero_centered_penalty(discriminator: Callable[[Tensor], Tensor], data: Tensor) -> Tensor:
    """1/2 E || grad D(x) ||^2: R1 on real data, R2 on fakes (Mescheder et al. 2018, equation 9)."""
    return 0.5 * row_gradient(discriminator, data.float()).square().sum(1).mean()


def row_gradient(function: Callable[[Tensor], Tensor], rows: Tensor) -> Tensor:
    """The gradient of each row's output by that row, flattened: (N, D), with its own graph.

    A network of convolutions, linear layers and (leaky) ReLUs is linear but for the signs of its
    activations, which do not move with the weights: there the gradient is a chain of transposed
    layers, exact, and cheaper than differentiating twice. Any other function is differentiated.

    Args:
        function: from (N, ...) to one output a row.
        rows: (N, ...), where the gradient is taken; none flows back to them.
    """
    rows = rows.detach()
    with torch.autocast(rows.device.type, enabled=False):
        layers = _layers(function)
        if layers is None:
            rows.requires_grad_(True)
            output = function(rows).sum()
            (gradient,) = torch.autograd.grad(output, rows, create_graph=True)
            return gradient.flatten(1)
        return _chain(layers, rows).flatten(1)


def _layers(function: object) -> list[nn.Module] | None:
    """The layers of a network that is a chain of known ones without hooks; None for any other."""
    if not isinstance(function, nn.Module):
        return None
    layers = list(_flattened(function))
    plain = all(type(layer) in PULLS and not _has_hooks(layer) for layer in layers)
    return layers if plain and all(map(_is_simple, layers)) else None


def _flattened(module: nn.Module) -> Iterator[nn.Module]:
    """What an `nn.Sequential`, or a subclass that keeps its forward, does one after the other."""
    sequential = isinstance(module, nn.Sequential) and type(module).forward is nn.Sequential.forward
    if not sequential or _has_hooks(module):
        yield module
        return
    for child in module.children():
        yield from _flattened(child)


def _has_hooks(module: nn.Module) -> bool:
    return bool(module._forward_hooks or module._forward_pre_hooks)


def _is_simple(layer: nn.Module) -> bool:
    if isinstance(layer, nn.Conv2d):
        return layer.padding_mode == "zeros" and not isinstance(layer.padding, str)
    if isinstance(layer, nn.LeakyReLU):
        return layer.negative_slope >= 0
    return True


def _chain(layers: Sequence[nn.Module], rows: Tensor) -> Tensor:
    """Forward without a graph for the signs, then back through the transposed layers.

    Activations may work in place: none of these changes a sign.
    """
    pulls: list[Pull] = []
    with torch.no_grad():
        for layer in layers:
            output = layer(rows)
            pulls.append(PULLS[type(layer)](layer, rows))
            rows = output
    gradient = torch.ones_like(rows)
    for pull in reversed(pulls):
        gradient = pull(gradient)
    return gradient


def _of_linear(layer: nn.Linear, rows: Tensor) -> Pull:
    return lambda gradient: gradient @ layer.weight


def _of_convolution(layer: nn.Conv2d, rows: Tensor) -> Pull:
    height, width = rows.shape[2:]

    def pull(gradient: Tensor) -> Tensor:
        lost = [
            size - ((out - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1)
            for size, out, stride, padding, dilation, kernel in zip(
                (height, width),
                gradient.shape[2:],
                layer.stride,
                _pair(layer.padding),
                layer.dilation,
                layer.kernel_size,
                strict=True,
            )
        ]
        return F.conv_transpose2d(
            gradient,
            layer.weight,
            None,
            layer.stride,
            _pair(layer.padding),
            lost,
            layer.groups,
            layer.dilation,
        )

    return pull


def _pair(padding: str | tuple[int, ...]) -> tuple[int, ...]:
    assert not isinstance(padding, str)
    return padding


def _of_leaky_relu(layer: nn.LeakyReLU, rows: Tensor) -> Pull:
    slopes = torch.where(rows > 0, 1.0, layer.negative_slope)
    return lambda gradient: gradient * slopes


def _of_relu(layer: nn.ReLU, rows: Tensor) -> Pull:
    positive = (rows > 0).to(rows.dtype)
    return lambda gradient: gradient * positive


def _of_shape(layer: nn.Module, rows: Tensor) -> Pull:
    shape = rows.shape
    return lambda gradient: gradient.reshape(shape)


PULLS: dict[type[nn.Module], Callable[..., Pull]] = {
    nn.Linear: _of_linear,
    nn.Conv2d: _of_convolution,
    nn.LeakyReLU: _of_leaky_relu,
    nn.ReLU: _of_relu,
    nn.Flatten: _of_shape,
    nn.Unflatten: _of_shape,
    nn.Identity: _of_shape,
}
"""How the gradient passes each layer that a chain may hold."""
