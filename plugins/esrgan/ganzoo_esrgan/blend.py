"""Blends of two networks: the denoising strength of Real-ESRGAN's small networks.

    python -m ganzoo_esrgan.blend 0.5 -o FOLDER

blends ``esrgan.general-x4v3``, which removes noise (1), with ``esrgan.general-wdn-x4v3``, which
keeps it (0), and writes a model folder: ``ganzoo sample local-dir:FOLDER --source PATH``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import cast

import torch

import ganzoo
from ganzoo import hub
from ganzoo.errors import ConfigError, GanzooError
from ganzoo_esrgan.model import ESRGAN

STRONG, WEAK = "esrgan.general-x4v3", "esrgan.general-wdn-x4v3"


def blend(one: ESRGAN, other: ESRGAN, strength: float) -> ESRGAN:
    """A network whose weights lie between those of two.

    Args:
        one, other: networks of one config.
        strength: share of the first one, 0 to 1.

    Raises:
        ConfigError: another strength, or networks of different configs.
    """
    check(strength)
    if one.config != other.config:
        raise ConfigError("networks of different configs cannot be blended")
    mixed = type(one)(one.config).to(one.device)
    weights = other.generator.state_dict()
    mixed.generator.load_state_dict(
        {
            name: torch.lerp(weights[name], value, strength)
            for name, value in one.generator.state_dict().items()
        }
    )
    return mixed.eval()


def check(strength: float) -> None:
    """Raise ConfigError unless a strength is a share."""
    if not 0 <= strength <= 1:
        raise ConfigError(f"strength={strength:g}: must be between 0 and 1")


def general_x4v3(strength: float = 0.5) -> ESRGAN:
    """Real-ESRGAN's small network of a denoising strength: 0 keeps noise, 1 removes it.

    Raises:
        ConfigError: another strength.
        WeightsError: the published weights are not here and cannot be downloaded.
    """
    check(strength)
    strong, weak = (cast(ESRGAN, ganzoo.load(name)) for name in (STRONG, WEAK))
    return blend(strong, weak, strength)


def main() -> None:
    """Write a model folder."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("strength", type=float, help="0 (keeps noise) to 1 (removes it)")
    parser.add_argument("-o", "--out", type=Path, required=True, help="the new folder")
    arguments = parser.parse_args()
    try:
        gan = general_x4v3(arguments.strength)
        run = hub.open_model(STRONG).run
        arguments.out.mkdir(parents=True, exist_ok=True)
        hub.write_config(arguments.out, run)
        facts = {"blend": f"{arguments.strength:g} of {STRONG}, the rest of {WEAK}"}
        hub.save_weights(arguments.out, gan.generator, facts)
    except (GanzooError, OSError) as error:
        parser.exit(1, f"error: {error}\n")
    sys.stdout.write(f"ganzoo sample local-dir:{arguments.out} --source PATH\n")


if __name__ == "__main__":
    main()
