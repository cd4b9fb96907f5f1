"""Scores of bicubic enlargement, the baseline of super-resolution.

    python -m ganzoo_esrgan.bicubic [PRESET] [-n N]

scores it under the protocol and on the data of a preset, as `ganzoo eval` scores a model.
"""

from __future__ import annotations

import argparse
import sys

import torch.nn.functional as F
from torch import Tensor

import ganzoo
from ganzoo.errors import GanzooError
from ganzoo_esrgan import Config, spec
from ganzoo_esrgan.model import ESRGAN


class Bicubic(ESRGAN):
    """Bicubic enlargement in the place of the generator, which is not used."""

    def upscale(self, source: Tensor) -> Tensor:
        return F.interpolate(source, scale_factor=float(self.config.scale), mode="bicubic")


def bicubic(config: Config) -> ESRGAN:
    """The baseline, for images as a config describes them."""
    small = Config(channels=config.channels, size=config.size, scale=config.scale)
    return Bicubic(small)


def main() -> None:
    """Print a line for each metric."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("preset", nargs="?", default="digits2x")
    parser.add_argument("-n", type=int, help="images; default: as the protocol says")
    arguments = parser.parse_args()
    try:
        preset = spec.presets[arguments.preset]
        assert isinstance(preset.config, Config)
        scores = ganzoo.evaluate(
            bicubic(preset.config),
            protocol=preset.protocol,
            data=preset.recipe.data,
            n=arguments.n,
            floor=False,
        )
    except KeyError:
        parser.exit(2, f"error: no preset {arguments.preset}; known: {', '.join(spec.presets)}\n")
    except GanzooError as error:
        parser.exit(1, f"error: {error}\n")
    for name, value in scores.values.items():
        sys.stdout.write(f"{name}: {value:.4g}\n")


if __name__ == "__main__":
    main()
