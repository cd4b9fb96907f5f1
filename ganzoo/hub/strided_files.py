"""Files of strided networks: names of their layers here.

Networks in blocks of norm, activation and convolution: ``first_conv``, ``layers.N.0`` and
``layers.N.2``, ``last_conv.0`` and ``last_conv.2``. The layers before a norm have a bias there and
none in ``ganzoo.layers.StridedGenerator``: it moves into the running mean of the norm, which gives
the same images. StudioGAN's ``deep_conv`` generators are ``ganzoo.layers.StandardGenerator``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor

from ganzoo.hub.conversion import rename

LAYER = r"(weight|bias|running_mean|running_var|num_batches_tracked)"


def strided_generator(tensors: Mapping[str, Tensor], kind: str) -> dict[str, Tensor] | None:
    """State of a `StridedGenerator` that starts with a convolution; None for another file.

    Args:
        tensors: of the generator, under the names of the file.
        kind: kind of file, for the message.
    """
    first = tensors.get("first_conv.weight")
    if first is None or first.ndim != 4 or "last_conv.0.running_mean" not in tensors:
        return None
    return _renamed(tensors, 1, kind)


def strided_discriminator(tensors: Mapping[str, Tensor], kind: str) -> dict[str, Tensor] | None:
    """State of a `StridedDiscriminator`; None for another file, empty for no tensors.

    Discriminators with spectral norm or with maps of the class beside the colors are others.

    Args:
        tensors: of the discriminator, under the names of the file.
        kind: kind of file, for the message.
    """
    if not tensors:
        return {}
    first, last = tensors.get("first_conv.weight"), tensors.get("last_conv.2.weight")
    if first is None or last is None or first.shape[1] > 3:
        return None
    return _renamed(tensors, 0, kind)


def standard_generator(tensors: Mapping[str, Tensor], kind: str) -> dict[str, Tensor] | None:
    """State of a `StandardGenerator` from StudioGAN's ``deep_conv``; None for another file.

    Args:
        tensors: of the generator, under the names of the file.
        kind: kind of file, for the message.
    """
    if not {"linear0.weight", "blocks.0.0.deconv0.weight"} <= tensors.keys():
        return None
    count = _count(tensors, r"blocks\.\d+\.0\.deconv0\.weight")
    return rename(
        tensors,
        [
            (rf"linear0\.{LAYER}", r"0.\1"),
            (rf"blocks\.(\d+)\.0\.deconv0\.{LAYER}", lambda m: f"{2 + 3 * int(m[1])}.{m[2]}"),
            (rf"blocks\.(\d+)\.0\.bn0\.{LAYER}", lambda m: f"{3 + 3 * int(m[1])}.{m[2]}"),
            (rf"conv4\.{LAYER}", rf"{2 + 3 * count}.\1"),
        ],
        kind,
    )


def standard_shape(generator: Mapping[str, Tensor]) -> tuple[int, int, int, int]:
    """Channels, size, latent dimension and width of a `StandardGenerator`'s state."""
    last = max(int(name.split(".")[0]) for name in generator)
    channels, width = generator[f"{last}.weight"].shape[:2]
    count = (last - 2) // 3
    features, latent = generator["0.weight"].shape
    return channels, int((features // (width << count)) ** 0.5) << count, latent, width


def _fold_bias(tensors: dict[str, Tensor], layer: str, norm: str) -> None:
    """Move the bias of a layer into the running mean of the norm after it."""
    tensors[f"{norm}.running_mean"] = tensors[f"{norm}.running_mean"] - tensors.pop(f"{layer}.bias")


def _renamed(tensors: Mapping[str, Tensor], first: int, kind: str) -> dict[str, Tensor]:
    """Tensors by position; ``first`` is that of the first convolution."""
    count = _count(tensors, r"layers\.\d+\.2\.weight")
    offset = first + 1 if first else first
    found = rename(
        tensors,
        [
            (rf"first_conv\.{LAYER}", rf"{first}.\1"),
            (rf"layers\.(\d+)\.0\.{LAYER}", lambda m: f"{offset + 3 * int(m[1])}.{m[2]}"),
            (rf"layers\.(\d+)\.2\.{LAYER}", lambda m: f"{offset + 2 + 3 * int(m[1])}.{m[2]}"),
            (rf"last_conv\.0\.{LAYER}", rf"{offset + 3 * count}.\1"),
            (rf"last_conv\.2\.{LAYER}", rf"{offset + 2 + 3 * count}.\1"),
        ],
        kind,
    )
    for name in [name for name in found if name.endswith(".running_mean")]:
        norm = int(name.split(".")[0])
        _fold_bias(found, f"{norm - 1}", f"{norm}")
    return found


def _count(tensors: Mapping[str, Tensor], pattern: str) -> int:
    return sum(re.fullmatch(pattern, name) is not None for name in tensors)
