"""The frozen network: trained on photographs, or random for tests."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import timm
import torch
from torch import Tensor, nn
from torch.nn.utils import fuse_conv_bn_eval

from ganzoo.errors import WeightsError
from ganzoo.evaluation.extractors import load_backbone

NETWORK = "tf_efficientnet_lite0"
SCALES = (1, 2, 3, 4)
"""The maps that are used, by their number in timm: 1/4 to 1/32 of the image."""


class Backbone(nn.Module):
    """Images (N, 3, H, W) in [-1, 1], as it was trained on, to features of four scales.

    All that it knows is constants: buffers that no state dict holds, since they are the same in
    every training. The trained ones are fetched when the first images pass: who only samples needs
    none.

    Args:
        weights: ``imagenet`` or ``random``, which is one network too, whatever the seed.
    """

    def __init__(self, weights: str) -> None:
        super().__init__()
        self.ignorant = weights == "imagenet"
        network = features()
        self.widths: list[int] = network.feature_info.channels()
        self.network: nn.Module = constant(network)
        self.train()

    def train(self, mode: bool = True) -> Backbone:
        """It never trains."""
        return super().train(False)

    def forward(self, images: Tensor) -> list[Tensor]:
        if self.ignorant:
            self.learn()
        maps: list[Tensor] = self.network(images)
        return maps

    @torch.compiler.disable  # type: ignore[untyped-decorator] # torch gives it no types
    def learn(self) -> None:
        """Take in the trained weights; files are read, which no compiler follows.

        Raises:
            WeightsError: they are not at hand.
        """
        known = dict(self.network.named_buffers())
        if any(value.is_meta for value in known.values()):
            return
        try:
            with torch.random.fork_rng(devices=[]):
                trained = imagenet()
        except WeightsError as error:
            raise WeightsError(f"{error}, or try --set backbone_weights=random") from None
        network = features()
        network.load_state_dict({name: trained[name] for name in network.state_dict()})
        for name, value in constant(network).named_buffers():
            known[name].copy_(value)
        self.ignorant = False


def features() -> Any:
    """The network, untrained, that gives the maps of these scales; it draws no random number."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        return timm.create_model(NETWORK, features_only=True, out_indices=SCALES)


def imagenet() -> Mapping[str, Tensor]:
    """The trained weights, from the package of the extra ``features``, else from timm's Hub.

    Raises:
        WeightsError: neither is at hand.
    """
    try:
        found = load_backbone("effnet-lite0")
    except WeightsError as missing:
        try:
            found = load_backbone(f"timm:{NETWORK}")
        except WeightsError:
            raise missing from None
    state: Mapping[str, Tensor] = found.state_dict()
    return state


def constant(network: nn.Module) -> nn.Module:
    """The same network without norms, parameters, and anything that a state dict would hold."""
    fold_norms(network.eval())
    turn_to_constants(network)
    return network


def fold_norms(network: nn.Module) -> None:
    """Each norm, which is but a scale and a shift now, goes into the convolution before it."""
    for module in [*network.modules()]:
        for (place, convolution), (after, norm) in pairwise([*module.named_children()]):
            if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(module, place, fuse_conv_bn_eval(convolution, norm))
                setattr(module, after, norm.act)


def turn_to_constants(network: nn.Module) -> None:
    """Parameters and buffers become buffers that are moved, but neither trained nor saved."""
    for module in network.modules():
        for name, parameter in [*module.named_parameters(recurse=False)]:
            delattr(module, name)
            module.register_buffer(name, parameter.detach(), persistent=False)
        for name, buffer in [*module.named_buffers(recurse=False)]:
            module.register_buffer(name, buffer, persistent=False)
