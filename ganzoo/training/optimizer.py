"""A module in training: its parameters, their optimiser, and how the learning rate goes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from ganzoo.runtime import distributed
from ganzoo.spec import Optimizer


class ModuleOptimizer:
    """One distinct module that some phase trains; phases that share it share this.

    Args:
        parameters: what is trained.
        settings: of the optimiser.
        laziness: c = n/(n+1) of lazy regularisation: lr c, betas ^ c (Karras et al. 2020, B).
    """

    def __init__(
        self, parameters: Sequence[nn.Parameter], settings: Optimizer, laziness: float
    ) -> None:
        self.parameters = parameters
        self.settings = settings
        self.laziness = laziness
        self.optimizer = build_optimizer(settings, parameters, laziness)

    def forget(self) -> None:
        """Drop the gradients of the update before."""
        for parameter in self.parameters:
            parameter.grad = None

    def update(self, done: float, scaler: torch.amp.GradScaler) -> None:
        """One step from the gradients that are there.

        Args:
            done: share of the training that is over, in [0, 1].
            scaler: which scaled the loss.
        """
        distributed.average_gradients(self.parameters)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.settings, done) * self.laziness
        scaler.step(self.optimizer)

    def state(self) -> dict[str, Tensor]:
        """The optimiser's tensors, as ``index.name``."""
        return {
            f"{index}.{name}": torch.as_tensor(value)
            for index, values in self.optimizer.state_dict()["state"].items()
            for name, value in values.items()
            if value is not None
        }

    def load_state(self, tensors: Mapping[str, Tensor]) -> None:
        """In the memory layout of each parameter, which fused optimisers take for granted."""
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in tensors.items():
            index, _, name = key.partition(".")
            like = self.parameters[int(index)]
            if value.shape == like.shape:
                value = torch.empty_like(like, dtype=value.dtype).copy_(value)
            state.setdefault(int(index), {})[name] = value.detach().clone()
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": state, "param_groups": groups})


def learning_rate(settings: Optimizer, done: float) -> float:
    """The learning rate when a share of the training is over."""
    left = {
        "constant": 1.0,
        "linear": 1 - done,
        "cosine": (1 + math.cos(math.pi * done)) / 2,
    }[settings.schedule]
    return settings.lr_end + (settings.lr - settings.lr_end) * left


def build_optimizer(
    settings: Optimizer, parameters: Sequence[nn.Parameter], laziness: float = 1.0
) -> torch.optim.Optimizer:
    """torch's optimiser, fused where it has such a form."""
    lr, decay = settings.lr * laziness, settings.weight_decay
    if settings.name in ("adam", "adamw"):
        first, second = (beta**laziness for beta in settings.betas)
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
