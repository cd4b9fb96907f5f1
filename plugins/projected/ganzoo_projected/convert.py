"""Weights of other programs' FastGAN generators: Projected GAN's pickles, HugGAN's state dicts."""

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from ganzoo.hub.conversion import Converted, ForeignState, Replacement, rename
from ganzoo_projected.config import MULTIPLES, Config, Variant
from ganzoo_projected.generator import EXCITATIONS, SPAN

SIZES = tuple(4 << each for each in range(len(MULTIPLES)))
"""Heights of the feature maps, by number of doublings."""

Table = list[tuple[str, Replacement]]

HUGGAN: Table = [
    (r"_init\._layers\.0\._conv\.(.+)", r"init.init.0.\1"),
    (r"_init\._layers\.1\.(.+)", r"init.init.1.\1"),
    (r"_upsample_(\d+)\._layers\.(\d)\.(?:_conv\.|_)?(.+)", r"feat_\1.\2.\3"),
    (r"_sle_(\d+)\._layers\.(\d)\._conv\.(.+)", r"se_\1.main.\2.\3"),
    (r"_out_128\..+", None),  # the small image that FastGAN's own discriminator sees
    (r"_out_1024\.0\._conv\.(.+)", r"to_big.\1"),
]
"""Names of HugGAN's FastGAN, and those of Projected GAN."""

CONDITIONAL: Table = [
    (r"feat_(\d+)\.conv1?\.(.+)", r"feat_\1.1.\2"),
    (r"feat_(\d+)\.bn\.(.+)", r"feat_\1.2.\2"),
    (r"feat_(\d+)\.noise\.(.+)", r"feat_\1.2.\2"),
    (r"feat_(\d+)\.bn1\.(.+)", r"feat_\1.3.\2"),
    (r"feat_(\d+)\.conv2\.(.+)", r"feat_\1.5.\2"),
    (r"feat_(\d+)\.bn2\.(.+)", r"feat_\1.7.\2"),
    (r"(.+)", r"\1"),
]
"""Names of Projected GAN's class-conditional generator, and those of the unconditional one."""

CONDITIONAL_NORM = (
    (r"stored_mean", "norm.running_mean"),
    (r"stored_var", "norm.running_var"),
    (r"gain\.bias", "gain.bias"),
    (r"bias\.bias", "shift.bias"),
)


def projected(state: ForeignState) -> Converted | None:
    """Generators of github.com/autonomousvision/projected-gan (FastGAN, lite or full, classes).

    Its discriminators are not converted.
    """
    tensors = state.part("G_ema.synthesis.", "G.synthesis.", "synthesis.", "")
    if not {"init.init.0.weight_orig", "to_big.bias"} <= tensors.keys():
        return None
    return converted(tensors, "projected")


def fastgan(state: ForeignState) -> Converted | None:
    """FastGAN generators of huggingface.co/huggan/fastgan-few-shot-*."""
    tensors = state.part("")
    if "_init._layers.0._conv.weight_orig" not in tensors:
        return None
    return converted(rename(tensors, HUGGAN, "FastGAN of HugGAN"), "fastgan")


def converted(tensors: Mapping[str, Tensor], variant: Variant) -> Converted:
    """Config and state dict from tensors under Projected GAN's names."""
    if "embed.weight" in tensors:
        tensors = rename(tensors, CONDITIONAL, "FastGAN")
    config = config_of(tensors, variant)
    generator = rename(tensors, table(config), "FastGAN")
    for number, count in enumerate(config.convolutions):
        if count == 2:
            generator[f"doublings.{number}.strengths"] = strengths(tensors, 8 << number)
    for name in [name for name in generator if name.endswith("norm.running_mean")]:
        # the conditional norm does not count its batches
        counter = name.replace("running_mean", "num_batches_tracked")
        generator[counter] = torch.zeros((), dtype=torch.int64)
    return Converted(config, generator)


def config_of(tensors: Mapping[str, Tensor], variant: Variant) -> Config:
    """Sizes, blocks and classes of a generator, from its shapes.

    A file has the layers up to 256 x 256 even if its images are smaller: their size is where the
    last convolution fits.
    """
    widths = {
        size: len(tensors[f"feat_{size}.1.weight_orig"]) // 2
        for size in SIZES
        if f"feat_{size}.1.weight_orig" in tensors
    }
    image = tensors["to_big.weight_orig"]
    size = max(size for size, width in widths.items() if width == image.shape[1])
    full = any(f"feat_{each}.5.weight_orig" in tensors for each in widths)
    return Config(
        channels=len(image),
        size=size,
        latent=len(tensors["init.init.0.weight_orig"]),
        width=widths[128],
        lite=not full,
        classes=len(tensors.get("embed.weight", ())),
        noise=full,
        variant=variant,
    )


def table(config: Config) -> Table:
    """Old and new names of a generator."""
    rows = [
        *spectral("init.init.0", "first.1"),
        (r"init\.init\.1\.(.+)", r"first.2.\1"),
        *spectral("to_big", "image"),
        (r"to_big\.bias", "image.bias"),
        (r"embed\.weight", "classes.weight"),
    ]
    for number, count in enumerate(config.convolutions):
        old, new = f"feat_{8 << number}", f"doublings.{number}"
        # a full block has two convolutions, each with noise before its norm
        places = ((1, 3, 1, 2), (5, 7, 4, 5)) if count == 2 else ((1, 2, 1, 2),)
        for convolution, norm, our_convolution, our_norm in places:
            rows += spectral(f"{old}.{convolution}", f"{new}.{our_convolution}")
            rows += norms(f"{old}.{norm}", f"{new}.{our_norm}", config)
        if count == 2:
            rows.append((rf"{old}\.[26]\.weight", None))  # see `strengths`
    for number, size in enumerate(SIZES[SPAN:][:EXCITATIONS]):
        for layer in (1, 3):
            rows += spectral(f"se_{size}.main.{layer}", f"excitations.{number}.{layer}")
    unused = "|".join(str(size) for size in SIZES if size > config.size)
    return [(rf"(?:feat|se)_(?:{unused})\..+", None), *rows] if unused else rows


def spectral(old: str, new: str) -> Table:
    """Spectral norm of one layer: torch's first version, and its parametrization."""
    new = f"{new}.parametrizations.weight"
    return [
        (re.escape(f"{old}.weight_orig"), f"{new}.original"),
        (re.escape(f"{old}.weight_u"), f"{new}.0._u"),
        (re.escape(f"{old}.weight_v"), f"{new}.0._v"),
    ]


def norms(old: str, new: str, config: Config) -> Table:
    """Normalization of one convolution."""
    if not config.classes:
        return [(rf"{re.escape(old)}\.(.+)", rf"{new}.\1")]
    rows: Table = [
        (rf"{re.escape(old)}\.{each}", f"{new}.{ours}") for each, ours in CONDITIONAL_NORM
    ]
    return [
        *rows,
        *spectral(f"{old}.gain", f"{new}.gain"),
        *spectral(f"{old}.bias", f"{new}.shift"),
    ]


def strengths(tensors: Mapping[str, Tensor], size: int) -> Tensor:
    """Strengths of the noise of a block; a conditional block has one for both convolutions."""
    first = tensors[f"feat_{size}.2.weight"]
    return torch.cat([first, tensors.get(f"feat_{size}.6.weight", first)])
