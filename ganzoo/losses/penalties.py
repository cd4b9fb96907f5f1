"""Gradient penalties: differentiable gradients of each row's output with respect to that row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Pull = Callable[[Tensor], Tensor]
"""Maps the gradient with respect to a layer's output to that with respect to its input."""


def gradient_penalty(
    critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, mix: Tensor
) -> Tensor:
    """E (|| grad f(x') ||_2 - 1)^2 at x' = x + mix (G(z) - x) (Gulrajani et al. 2017, equation 3).

    Args:
        real, fake: data of the same shape, (N, ...).
        mix: a weight in [0, 1] per row, (N,); draw it in the model's `prior`.
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
    """Gradient of each row's output with respect to that row, flattened: (N, D), differentiable.

    A network of convolutions, linear layers and (leaky) ReLUs is piecewise linear: its gradient is
    a chain of transposed layers, which is exact and cheaper than differentiating twice. Any other
    function is differentiated by autograd.

    Args:
        function: from (N, ...) to one output per row.
        rows: (N, ...), where the gradient is taken; no gradient flows back to them.
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
    """The layers of a chain of known layers without hooks; None for any other network."""
    if not isinstance(function, nn.Module):
        return None
    layers = list(_flattened(function))
    plain = all(type(layer) in PULLS and not _has_hooks(layer) for layer in layers)
    return layers if plain and all(map(_is_simple, layers)) else None


def _flattened(module: nn.Module) -> Iterator[nn.Module]:
    """Layers of an `nn.Sequential`, or of a subclass that keeps its forward, in order."""
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
    """Forward without a graph to find the signs of activations, then the transposed layers.

    In-place activations are fine: none of them changes a sign.
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


def _pull_linear(layer: nn.Linear, rows: Tensor) -> Pull:
    return lambda gradient: gradient @ layer.weight


def _pull_convolution(layer: nn.Conv2d, rows: Tensor) -> Pull:
    height, width = rows.shape[2:]

    def pull(gradient: Tensor) -> Tensor:
        output_padding = [  # pixels that the stride skipped at the end
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
            output_padding,
            layer.groups,
            layer.dilation,
        )

    return pull


def _pair(padding: str | tuple[int, ...]) -> tuple[int, ...]:
    assert not isinstance(padding, str)
    return padding


def _pull_leaky_relu(layer: nn.LeakyReLU, rows: Tensor) -> Pull:
    slopes = torch.where(rows > 0, 1.0, layer.negative_slope)
    return lambda gradient: gradient * slopes


def _pull_relu(layer: nn.ReLU, rows: Tensor) -> Pull:
    positive = (rows > 0).to(rows.dtype)
    return lambda gradient: gradient * positive


def _pull_shape(layer: nn.Module, rows: Tensor) -> Pull:
    shape = rows.shape
    return lambda gradient: gradient.reshape(shape)


PULLS: dict[type[nn.Module], Callable[..., Pull]] = {
    nn.Linear: _pull_linear,
    nn.Conv2d: _pull_convolution,
    nn.LeakyReLU: _pull_leaky_relu,
    nn.ReLU: _pull_relu,
    nn.Flatten: _pull_shape,
    nn.Unflatten: _pull_shape,
    nn.Identity: _pull_shape,
}
"""For each layer type that a chain may hold, the function that makes its `Pull`."""
