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
from ganzoo.features import pretrained

NETWORK = "tf_efficientnet_lite0"
SCALES = (1, 2, 3, 4)
"""The maps that are used, by their number in timm: 1/4 to 1/32 of the image."""


class Backbone(nn.Module):
    """Images (N, 3, H, W) in [-1, 1], as it was trained on, to features of four scales.

    All that it knows is constants: buffers that no state dict holds, since they are the same in
    every training. Where the trained weights are not at hand, only a pass fails: who samples needs
    none.

    Args:
        weights: ``imagenet`` or ``random``, which is one network too, whatever the seed.
    """

    def __init__(self, weights: str) -> None:
        super().__init__()
        self.missing = ""
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(0)
            network: Any = timm.create_model(NETWORK, features_only=True, out_indices=SCALES)
            state = network.state_dict()
            if weights == "imagenet" and not any(value.is_meta for value in state.values()):
                try:
                    trained = imagenet()
                    network.load_state_dict({name: trained[name] for name in state})
                except WeightsError as error:
                    self.missing = f"{error}, or try --set backbone_weights=random"
        self.widths: list[int] = network.feature_info.channels()
        self.network: nn.Module = network
        fold_norms(network.eval())
        turn_to_constants(network)
        self.train()

    def train(self, mode: bool = True) -> Backbone:
        """It never trains."""
        return super().train(False)

    def forward(self, images: Tensor) -> list[Tensor]:
        if self.missing:
            raise WeightsError(self.missing)
        features: list[Tensor] = self.network(images)
        return features


def imagenet() -> Mapping[str, Tensor]:
    """The trained weights, from the package of the extra ``features``, else from timm's Hub.

    Raises:
        WeightsError: neither is at hand.
    """
    try:
        found = pretrained("effnet-lite0")
    except WeightsError as missing:
        try:
            found = pretrained(f"timm:{NETWORK}")
        except WeightsError:
            raise missing from None
    state: Mapping[str, Tensor] = found.state_dict()
    return state


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
