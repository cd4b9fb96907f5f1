"""Frozen feature network: trained on ImageNet, or random for tests."""

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
from ganzoo_projected.config import Config

NETWORK = "tf_efficientnet_lite0"
SCALES = (1, 2, 3, 4)
"""Indices in timm of the feature maps that are used: 1/4 to 1/32 of the image size."""


class Backbone(nn.Module):
    """EfficientNet features at four scales, of images (N, 3, H, W) in [-1, 1].

    All weights are non-persistent buffers, because they are the same in every run. ImageNet weights
    are loaded with the first forward pass, so sampling does not need them.

    Args:
        weights: ``imagenet``, or ``random``: one fixed network, independent of the seed.
    """

    def __init__(self, weights: str) -> None:
        super().__init__()
        self.needs_weights = weights == "imagenet"
        network = untrained()
        self.widths: list[int] = network.feature_info.channels()
        self.network: nn.Module = frozen(network)
        self.train()

    def train(self, mode: bool = True) -> Backbone:
        """Stay in evaluation mode."""
        return super().train(False)

    def forward(self, images: Tensor) -> list[Tensor]:
        if self.needs_weights:
            self.load_weights()
        maps: list[Tensor] = self.network(images)
        return maps

    @torch.compiler.disable  # type: ignore[untyped-decorator] # torch gives it no types
    def load_weights(self) -> None:
        """Load the ImageNet weights; not compiled, because it reads files.

        Raises:
            WeightsError: the weights are neither installed nor downloadable.
        """
        known = dict(self.network.named_buffers())
        if any(value.is_meta for value in known.values()):
            return
        try:
            with torch.random.fork_rng(devices=[]):
                trained = imagenet()
        except WeightsError as error:
            raise WeightsError(f"{error}, or try --set backbone_weights=random") from None
        network = untrained()
        network.load_state_dict({name: trained[name] for name in network.state_dict()})
        for name, value in frozen(network).named_buffers():
            known[name].copy_(value)
        self.needs_weights = False


def untrained() -> Any:
    """The network with fixed random weights; leaves torch's global generator alone."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        return timm.create_model(NETWORK, features_only=True, out_indices=SCALES)


def check_weights(config: Config) -> None:
    """Load the ImageNet weights if a config asks for them, before data are read.

    Raises:
        WeightsError: the weights are neither installed nor downloadable.
    """
    if config.backbone_weights == "imagenet":
        try:
            with torch.random.fork_rng(devices=[]):
                imagenet()
        except WeightsError as error:
            raise WeightsError(f"{error}, or try --set backbone_weights=random") from None


def imagenet() -> Mapping[str, Tensor]:
    """The ImageNet weights, from the package of the extra ``features``, else from timm's Hub.

    Raises:
        WeightsError: neither source is available.
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


def frozen(network: nn.Module) -> nn.Module:
    """The network in evaluation mode: folded norms, no parameters, nothing in the state dict."""
    fold_batch_norms(network.eval())
    parameters_to_buffers(network)
    return network


def fold_batch_norms(network: nn.Module) -> None:
    """Fold each batch norm into the convolution before it."""
    for module in [*network.modules()]:
        for (place, convolution), (after, norm) in pairwise([*module.named_children()]):
            if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                if convolution.weight.is_meta:  # arithmetic without values takes its time
                    convolution.bias = nn.Parameter(norm.bias)
                else:
                    setattr(module, place, fuse_conv_bn_eval(convolution, norm))
                setattr(module, after, norm.act)


def parameters_to_buffers(network: nn.Module) -> None:
    """Replace parameters and buffers by non-persistent buffers: neither trained nor saved."""
    for module in network.modules():
        for name, parameter in [*module.named_parameters(recurse=False)]:
            delattr(module, name)
            module.register_buffer(name, parameter.detach(), persistent=False)
        for name, buffer in [*module.named_buffers(recurse=False)]:
            module.register_buffer(name, buffer, persistent=False)
