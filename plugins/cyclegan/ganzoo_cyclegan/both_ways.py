"""Scores of both directions of a model, and of its cycles.

    python -m ganzoo_cyclegan.both_ways SOURCE

`ganzoo eval` scores the translation there. This script also scores the translation back, and the
error of a cycle: the difference between an image and its translation there and back again.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from typing import cast

import torch

import ganzoo
from ganzoo import Dataset
from ganzoo.data import load_data
from ganzoo.errors import GanzooError
from ganzoo.metrics import AbsoluteError
from ganzoo.spec.protocol import Protocol
from ganzoo_cyclegan import spec
from ganzoo_cyclegan.digits import NAME
from ganzoo_cyclegan.model import CycleGAN

KNOWS_SOURCES = {"inverse-lenet": "lenet-mnist"}
"""The extractor for the way back, where it is not the one for the way there."""
BATCH = 500


def main() -> None:
    """Print a line for each way."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("source", help="as `ganzoo sample` takes it: local-dir:RUN")
    parser.add_argument("--data", default=NAME, help="e.g. unpaired:A,B; its test split is used")
    parser.add_argument("-n", type=int, default=10_000, help="translations to score, each way")
    arguments = parser.parse_args()
    preset = "digits2inverse" if arguments.data == NAME else "horse2zebra"
    protocol = cast(Protocol, spec.presets[preset].protocol)
    try:
        gan = cast(CycleGAN, ganzoo.load(arguments.source))
        data = load_data(arguments.data, gan.sample_spec, "test")
        ways = both_ways(gan, data, protocol, arguments.n)
    except GanzooError as error:
        parser.exit(1, f"error: {error}\n")
    for way, (distance, cycle) in ways.items():
        sys.stdout.write(f"{way}: Fréchet distance {distance:.4g}, cycle error {cycle:.4f}\n")


def both_ways(
    gan: CycleGAN, data: Dataset, protocol: Protocol, n: int
) -> dict[str, tuple[float, float]]:
    """Distance of n translations to their target domain, and error of n cycles, by direction.

    Args:
        gan: the model.
        data: ``source`` is translated there, ``real`` is translated back.
        protocol: of the way there.
        n: translations each way.

    Returns:
        The Fréchet distance, and the mean absolute error of a cycle as a share of the range from
        black to white.
    """
    columns = {"real": data.columns["source"], "source": data.columns["real"]}
    turned = Dataset(f"{data.name}, reversed", columns, unpaired=data.unpaired)
    extractor = KNOWS_SOURCES.get(protocol.extractor, protocol.extractor)
    back = replace(protocol, extractor=extractor, extractor_sha256="", data="", data_sha256="")
    ways = {"there": (gan, data, protocol), "back": (gan.reversed(), turned, back)}
    return {
        way: (_distance(model, rows, by, n), cycle_error(model, rows, n))
        for way, (model, rows, by) in ways.items()
    }


def cycle_error(gan: CycleGAN, data: Dataset, n: int) -> float:
    """Mean |back(there(x)) - x| of n sources, as a share of the range from black to white."""
    back, error = gan.reversed(), AbsoluteError()
    source = gan.sample_conditions(data, n, seed=0)["source"]
    assert not isinstance(source, int)
    for images in torch.split(source, BATCH):
        error.update(back.sample(source=gan.sample(source=images)), images)
    return float(error.compute())


def _distance(gan: CycleGAN, data: Dataset, protocol: Protocol, n: int) -> float:
    protocol = replace(protocol, metrics=("fd",))
    scores = ganzoo.evaluate(gan, protocol=protocol, data=data, n=n, floor=False)
    (distance,) = scores.values.values()
    return distance


if __name__ == "__main__":
    main()
