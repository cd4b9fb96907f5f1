"""Optimizers and learning rates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from ganzoo.spec import Optimizer


class ModuleOptimizer:
    """Optimizer of one module; the phases that train the module share it.

    Args:
        parameters: to train.
        settings: of the recipe.
        lazy_factor: c = n/(n+1) of lazy regularization: c lr, betas ^ c (Karras et al. 2020, B).
    """

    def __init__(
        self, parameters: Sequence[nn.Parameter], settings: Optimizer, lazy_factor: float = 1.0
    ) -> None:
        self.parameters = parameters
        self.parameter_ids = frozenset(map(id, parameters))
        self.settings = settings
        self.lazy_factor = lazy_factor
        self.optimizer = build_optimizer(settings, parameters, lazy_factor)

    def zero_grad(self) -> None:
        """Drop the gradients of the last update."""
        for parameter in self.parameters:
            parameter.grad = None

    def set_progress(self, progress: float) -> None:
        """Set the learning rate for a share of the run that is done, in [0, 1]."""
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.settings, progress) * self.lazy_factor

    def state(self) -> dict[str, Tensor]:
        """Tensors of the optimizer, as ``index.name``."""
        return {
            f"{index}.{name}": torch.as_tensor(value)
            for index, values in self.optimizer.state_dict()["state"].items()
            for name, value in values.items()
            if value is not None
        }

    def load_state(self, tensors: Mapping[str, Tensor]) -> None:
        """Restore `state`, in the memory layout of each parameter: fused optimizers need it."""
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in tensors.items():
            index, _, name = key.partition(".")
            like = self.parameters[int(index)]
            if value.shape == like.shape:
                value = torch.empty_like(like, dtype=value.dtype).copy_(value)
            state.setdefault(int(index), {})[name] = value.detach().clone()
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": state, "param_groups": groups})


def learning_rate(settings: Optimizer, progress: float) -> float:
    """Learning rate for a share of the run that is done, in [0, 1]."""
    left = {
        "constant": 1.0,
        "linear": 1 - progress,
        "cosine": (1 + math.cos(math.pi * progress)) / 2,
    }[settings.schedule]
    return settings.lr_end + (settings.lr - settings.lr_end) * left


def build_optimizer(
    settings: Optimizer, parameters: Sequence[nn.Parameter], lazy_factor: float = 1.0
) -> torch.optim.Optimizer:
    """The optimizer of torch, fused where torch has a fused form."""
    lr, decay = settings.lr * lazy_factor, settings.weight_decay
    if settings.name in ("adam", "adamw"):
        first, second = (beta**lazy_factor for beta in settings.betas)
        cls = torch.optim.Adam if settings.name == "adam" else torch.optim.AdamW
        return cls(
            parameters,
            lr=lr,
            betas=(first, second),
            eps=settings.eps,
            weight_decay=decay,
            fused=True,
        )
    if settings.name == "sgd":
        return torch.optim.SGD(
            parameters, lr=lr, momentum=settings.momentum, weight_decay=decay, fused=True
        )
    return torch.optim.RMSprop(
        parameters,
        lr=lr,
        alpha=settings.alpha,
        eps=settings.eps,
        momentum=settings.momentum,
        weight_decay=decay,
    )
