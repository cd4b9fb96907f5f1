"""Quality against diversity on the grammar: python -m ganzoo_textgan.sweep SOURCE...

One score cannot compare two text models: a lower temperature makes the samples of any model more
likely and less diverse. So each is scored at several temperatures; the better model is better in
both (Caccia et al. 2020).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace

import ganzoo
from ganzoo.errors import GanzooError
from ganzoo_textgan import GRAMMAR

TEMPERATURES = (0.6, 0.8, 0.9, 1.0, 1.1, 1.25)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("source", nargs="+", help="as `ganzoo sample` takes them: local-dir:RUN")
    parser.add_argument("-n", type=int, default=GRAMMAR.n, help="samples at each temperature")
    arguments = parser.parse_args()
    try:
        labels, *rows = scored(arguments.source, arguments.n)
    except GanzooError as error:
        parser.exit(1, f"error: {error}\n")
    for cells in (labels, ["---"] * len(labels), *rows):
        sys.stdout.write(f"| {' | '.join(cells)} |\n")


def scored(sources: list[str], n: int) -> Iterator[list[str]]:
    """Rows of the table: its header, then each source and temperature, then real texts."""
    for source in sources:
        gan = ganzoo.load(source)
        for temperature in TEMPERATURES:
            gan.config = replace(gan.config, temperature=temperature)
            scores = ganzoo.evaluate(gan, protocol=GRAMMAR, data="grammar", n=n)
            if temperature == TEMPERATURES[0] and source == sources[0]:
                yield ["model", "temperature", *scores.values]
                floor = scores.floor
            yield [source, f"{temperature:g}", *(f"{v:.3f}" for v in scores.values.values())]
    yield ["real test data", "", *(f"{value:.3f}" for value in floor.values())]


if __name__ == "__main__":
    main()
