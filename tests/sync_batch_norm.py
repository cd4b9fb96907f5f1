"""Batch normalization over the batches of all processes on CPUs, where torch has none."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganzoo.runtime import distributed


class _SumOverProcesses(torch.autograd.Function):
    """Sum over the processes, whose gradient is the sum of theirs."""

    @staticmethod
    def forward(context: object, value: Tensor) -> Tensor:
        return distributed.all_reduce_sum(value)

    @staticmethod
    def backward(context: object, gradient: Tensor) -> Tensor:
        return distributed.all_reduce_sum(gradient.contiguous())


class SyncBatchNorm(nn.BatchNorm2d):
    """`nn.SyncBatchNorm` for images on CPUs."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 # torch's own name for it
        size = distributed.world_size()
        if not self.training or size == 1:
            return super().forward(input)
        moments = torch.stack([input.mean((0, 2, 3)), input.square().mean((0, 2, 3))])
        mean, square = _SumOverProcesses.apply(moments) / size
        variance = square - mean.square()
        count = size * input.numel() / input.shape[1]
        with torch.no_grad():
            self.num_batches_tracked += 1
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * count / (count - 1), self.momentum)
        shape = (1, -1, 1, 1)
        scaled = (input - mean.view(shape)) * (variance + self.eps).rsqrt().view(shape)
        return scaled * self.weight.view(shape) + self.bias.view(shape)


def convert(module: nn.Module) -> None:
    """Replace every batch norm of a module by a synchronized one, in place."""
    for name, child in module.named_children():
        if isinstance(child, nn.BatchNorm2d):
            other = SyncBatchNorm(child.num_features, child.eps, child.momentum)
            other.load_state_dict(child.state_dict())
            setattr(module, name, other.train(child.training))
        else:
            convert(child)
