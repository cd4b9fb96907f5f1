"""Draw docs/samples.png: samples of the digit models that ship with ganzoo.

python docs/make_picture.py
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image, ImageDraw

import ganzoo
from ganzoo.sampling.grids import grid

PICTURE = Path(__file__).with_name("samples.png")
MODELS = {
    "cgan.mnist": {"label": torch.arange(16) % 10},
    "dcgan.mnist": {},
    "sngan.mnist": {},
    "wgan-gp.mnist": {},
    "r3gan.mnist": {},
    "lsgan.mnist": {},
    "projected.mnist": {},
    "vanilla.mnist": {},
}
COLUMNS = 16
SCALE = 2
SEED = 0
NAME_WIDTH = 170
GAP = 4


def main() -> None:
    strips = {name: strip(name, inputs) for name, inputs in MODELS.items()}
    labeled_rows(list(strips), list(strips.values())).save(PICTURE, optimize=True)
    print(f"{PICTURE.name}: {PICTURE.stat().st_size:,} bytes")


def strip(name: str, inputs: dict[str, torch.Tensor]) -> Image.Image:
    """The first samples of seed 0, without selection, in one row."""
    samples = ganzoo.load(name, device="cpu").sample(COLUMNS, seed=SEED, **inputs)
    row = grid(samples, columns=COLUMNS)
    return row.resize((row.width * SCALE, row.height * SCALE), Image.Resampling.NEAREST)


def labeled_rows(names: Sequence[str], strips: Sequence[Image.Image]) -> Image.Image:
    """Strips of equal size below one another, each with its name on the left."""
    width, height = strips[0].size
    picture = Image.new("L", (NAME_WIDTH + width, len(strips) * (height + GAP) - GAP), "white")
    draw = ImageDraw.Draw(picture)
    for row, (name, image) in enumerate(zip(names, strips, strict=True)):
        top = row * (height + GAP)
        draw.text((4, top + height // 2 - 10), name, fill="black", font_size=20)
        picture.paste(image, (NAME_WIDTH, top))
    return picture


if __name__ == "__main__":
    main()
