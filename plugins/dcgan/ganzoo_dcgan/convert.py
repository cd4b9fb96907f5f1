"""Weights of PyTorch's tutorial, mmgeneration, pytorch_GAN_zoo, xyfJASON and StudioGAN."""

import re
from collections.abc import Mapping

from torch import Tensor

from ganzoo.hub.conversion import Converted, ForeignState, rename
from ganzoo.hub.strided_files import (
    standard_generator,
    standard_shape,
    strided_discriminator,
    strided_generator,
)
from ganzoo_dcgan.config import Config

TUTORIAL = r"(?:main|model)\.(\d+)\.(.*)"
LAYER = r"(weight|bias|running_mean|running_var|num_batches_tracked)"


def tutorial(state: ForeignState) -> Converted | None:
    """Files of PyTorch's DCGAN tutorial (``main.N``) and of huggan (``model.N``).

    They have a generator alone, or two networks under ``G.`` and ``D.`` (``netG.``, ``netD.``).
    """
    tensors = state.part("G.", "netG.", "generator.", "")
    if not all(re.fullmatch(TUTORIAL, name) for name in tensors):
        return None
    generator = rename(tensors, [(TUTORIAL, _one_later)], state.name)
    positions = [int(name.split(".")[0]) for name, each in generator.items() if each.ndim == 4]
    if "2.running_mean" not in generator or sorted(positions) != [*range(1, 3 * len(positions), 3)]:
        return None
    discriminator = [(TUTORIAL, r"discriminator.\1.\2")]
    rest = rename(state.part("D.", "netD.", "discriminator."), discriminator, state.name)
    return Converted(_config(generator, rest), generator, rest)


def _one_later(match: re.Match[str]) -> str:
    """ganzoo's generator starts with a reshape."""
    return f"{int(match[1]) + 1}.{match[2]}"


def mmgen(state: ForeignState) -> Converted | None:
    """DCGAN files of mmgeneration, whose images are BGR."""
    tensors = state.part("state_dict.generator.", "generator.")
    if "noise2feat.conv.weight" not in tensors or "output_layer.conv.bias" not in tensors:
        return None
    end = 4 + 3 * len([name for name in tensors if re.fullmatch(r"upsampling.*conv\.weight", name)])
    generator = rename(
        tensors,
        [
            (rf"noise2feat\.conv\.{LAYER}", r"1.\1"),
            (rf"noise2feat\.bn\.{LAYER}", r"2.\1"),
            (rf"upsampling\.(\d+)\.conv\.{LAYER}", lambda m: f"{4 + 3 * int(m[1])}.{m[2]}"),
            (rf"upsampling\.(\d+)\.bn\.{LAYER}", lambda m: f"{5 + 3 * int(m[1])}.{m[2]}"),
            (rf"output_layer\.conv\.{LAYER}", rf"{end}.\1"),
        ],
        state.name,
    )
    generator[f"{end}.weight"] = generator[f"{end}.weight"].flip(1)
    generator[f"{end}.bias"] = generator[f"{end}.bias"].flip(0)
    rest = _mmgen_discriminator(state)
    return Converted(_config(generator, rest, outer_bias=True, slope=0.01), generator, rest)


def _mmgen_discriminator(state: ForeignState) -> dict[str, Tensor]:
    tensors = state.part("state_dict.discriminator.", "discriminator.")
    count = len([name for name in tensors if re.fullmatch(r"downsamples.*conv\.weight", name)])
    rest = rename(
        tensors,
        [
            (rf"downsamples\.0\.conv\.{LAYER}", r"discriminator.0.\1"),
            (
                rf"downsamples\.(\d+)\.conv\.{LAYER}",
                lambda m: f"discriminator.{3 * int(m[1]) - 1}.{m[2]}",
            ),
            (
                rf"downsamples\.(\d+)\.bn\.{LAYER}",
                lambda m: f"discriminator.{3 * int(m[1])}.{m[2]}",
            ),
            (rf"output_layer\.conv\.{LAYER}", rf"discriminator.{3 * count - 1}.\1"),
        ],
        state.name,
    )
    if rest:
        rest["discriminator.0.weight"] = rest["discriminator.0.weight"].flip(1)
    return rest


def gan_zoo(state: ForeignState) -> Converted | None:
    """DCGAN files of pytorch_GAN_zoo: the averaged generator, where there is one."""
    tensors = state.part("avgG.", "netG.")
    if not {"formatLayer.weight", "main.outlayer.weight"} <= tensors.keys():
        return None
    norms = [name for name in tensors if re.fullmatch(r"main\.batchNorm\d+\.weight", name)]
    end = 1 + 3 * len(norms)
    generator = rename(
        tensors,
        [
            (r"formatLayer\.weight", "1.weight"),
            (rf"main\.batchNorm(\d+)\.{LAYER}", lambda m: f"{2 + 3 * int(m[1])}.{m[2]}"),
            (r"main\.convTranspose(\d+)\.weight", lambda m: f"{1 + 3 * int(m[1])}.weight"),
            (r"main\.outlayer\.weight", f"{end}.weight"),
        ],
        state.name,
    )
    depth = end // 3 - 1
    rest = rename(
        state.part("netD."),
        [
            (
                r"main\.convTranspose(\d+)\.weight",
                lambda m: f"discriminator.{max(0, 3 * (depth - int(m[1])) - 1)}.weight",
            ),
            (
                rf"main\.batchNorm(\d+)\.{LAYER}",
                lambda m: f"discriminator.{3 * (depth - int(m[1]))}.{m[2]}",
            ),
            (r"decisionLayer\.weight", f"discriminator.{3 * depth + 2}.weight"),
        ],
        state.name,
    )
    return Converted(_config(generator, rest), generator, rest)


def blocks(state: ForeignState) -> Converted | None:
    """DCGAN files of xyfJASON/GANs-Implementations, generator ``G.`` and discriminator ``D.``."""
    generator = strided_generator(state.part("G."), state.name)
    found = strided_discriminator(state.part("D."), state.name)
    if generator is None or found is None:
        return None
    rest = {f"discriminator.{name}": tensor for name, tensor in found.items()}
    return Converted(_config(generator, rest, outer_bias=True), generator, rest)


def studiogan(state: ForeignState) -> Converted | None:
    """Generators of StudioGAN with its backbone ``deep_conv``."""
    generator = standard_generator(state.part("state_dict.", ""), state.name)
    if generator is None:
        return None
    return Converted(Config(*standard_shape(generator), network="standard"), generator)


def _config(
    generator: Mapping[str, Tensor],
    rest: Mapping[str, Tensor],
    *,
    outer_bias: bool = False,
    slope: float = 0.2,
) -> Config:
    """Config by the shapes of the convolutions, which have four dimensions."""
    convolutions = [tensor for tensor in generator.values() if tensor.ndim == 4]
    first = generator["1.weight"]
    last = generator[f"{3 * len(convolutions) - 2}.weight"]
    width = len(last)
    other = len(rest["discriminator.0.weight"]) if rest else width
    return Config(
        channels=last.shape[1],
        size=first.shape[-1] * 2 ** (len(convolutions) - 1),
        latent=len(first),
        width=width,
        discriminator_width=0 if other == width else other,
        outer_bias=outer_bias,
        slope=slope,
    )
