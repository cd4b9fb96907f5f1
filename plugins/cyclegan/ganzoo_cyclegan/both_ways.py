"""Both ways of a model, and whether one leads back.

    python -m ganzoo_cyclegan.both_ways SOURCE

`ganzoo eval` scores the way there. The way back is scored here as well, and the error of a cycle:
how far what went there and back again is from what it was.
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
    rules = cast(Protocol, spec.presets[preset].protocol)
    try:
        gan = cast(CycleGAN, ganzoo.load(arguments.source))
        data = load_data(arguments.data, gan.sample_spec, "test")
        ways = both_ways(gan, data, rules, arguments.n)
    except GanzooError as error:
        parser.exit(1, f"error: {error}\n")
    for way, (distance, cycle) in ways.items():
        sys.stdout.write(f"{way}: Fréchet distance {distance:.4g}, cycle error {cycle:.4f}\n")


def both_ways(
    gan: CycleGAN, data: Dataset, rules: Protocol, n: int
) -> dict[str, tuple[float, float]]:
    """Distance of n translations to what they are to be like, and error of n cycles, by way.

    Args:
        gan: the model.
        data: ``source`` is translated there, ``real`` is translated back.
        rules: how the way there is scored.
        n: translations each way.

    Returns:
        The Fréchet distance, and the mean absolute error of a cycle as a share of the range from
        black to white.
    """
    columns = {"real": data.columns["source"], "source": data.columns["real"]}
    turned = Dataset(f"{data.name}, reversed", columns, unpaired=data.unpaired)
    extractor = KNOWS_SOURCES.get(rules.extractor, rules.extractor)
    back = replace(rules, extractor=extractor, extractor_sha256="", data="", data_sha256="")
    ways = {"there": (gan, data, rules), "back": (gan.reversed(), turned, back)}
    return {
        way: (_distance(model, rows, by, n), cycle_error(model, rows, n))
        for way, (model, rows, by) in ways.items()
    }


def cycle_error(gan: CycleGAN, data: Dataset, n: int) -> float:
    """Mean |back(there(x)) - x| of n sources, as a share of the range from black to white."""
    back, total = gan.reversed(), 0.0
    source = gan.sample_conditions(data, n, seed=0)["source"]
    assert not isinstance(source, int)
    for images in torch.split(source, BATCH):
        again = back.sample(source=gan.sample(source=images))
        total += float((again - images).abs().flatten(1).mean(1).sum()) / 2
    return total / n


def _distance(gan: CycleGAN, data: Dataset, rules: Protocol, n: int) -> float:
    rules = replace(rules, metrics=("fd",))
    (distance,) = ganzoo.evaluate(gan, protocol=rules, data=data, n=n, floor=False).values.values()
    return distance


if __name__ == "__main__":
    main()
