"""Plots drawn by matplotlib: SVG for a page in the colors of its theme, PDF and PNG for a paper."""

from __future__ import annotations

import io
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

from ganzoo.bench.report.plots import Plot
from ganzoo.errors import RunError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#a87f00", "#56b4e9", "#7a5cc6", "#8a8a8a")
"""Colors of curves, told apart by most color-blind readers (Wong 2011, darkened for white)."""
INK, RULE = "#010203", "#040506"
"""Colors that no curve has: text and grid, replaced by those of the page's theme."""
DASHES = ("-", "--", ":", "-.")
MOST_POINTS = 400
"""Points of a curve in a page; figures have all."""


def svg(plot: Plot) -> str:
    """A plot as an SVG element that follows the page's colors.

    Raises:
        ImportError: matplotlib is missing.
    """
    from matplotlib import rc_context

    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": plot.name, "font.size": 10}):
        text = io.StringIO()
        figure = _figure(plot, INK, RULE, limit=MOST_POINTS)
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    drawn = text.getvalue()
    drawn = drawn[drawn.index("<svg") :]
    drawn = re.sub(r"<metadata>.*?</metadata>", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r'\b(id="|url\(#|xlink:href="#)', rf"\g<1>{plot.name}-", drawn)
    drawn = re.sub(r' width="[\d.]+pt" height="[\d.]+pt"', "", drawn, count=1)
    drawn = re.sub(r' xmlns(:xlink)?="[^"]*"', "", drawn).replace("xlink:href", "href")
    drawn = re.sub(r"font: ([^;\"]*?)px [^;\"]*", r"font: \g<1>px sans-serif", drawn)
    drawn = drawn.replace(INK, "currentColor").replace(RULE, "var(--rule)")
    label = f'role="img" aria-label="{plot.title} against thousands of images seen"'
    return drawn.replace("<svg", f"<svg {label}", 1)


def save_figure(plot: Plot, folder: Path) -> None:
    """Write a plot as PDF and PNG.

    Raises:
        RunError: matplotlib is missing.
        OSError: the folder cannot be written.
    """
    try:
        figure = _figure(plot, "black", "#cccccc")
    except ImportError as error:
        raise RunError(f"figures need matplotlib ({error}): pip install matplotlib") from None
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    figure.savefig(folder / f"{plot.name}.pdf", metadata={"CreationDate": None})
    figure.savefig(folder / f"{plot.name}.png", dpi=200)


def _figure(plot: Plot, ink: str, rule: str, limit: int = 0) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.4, 3.2))
    axes = figure.add_axes((0.12, 0.15, 0.86, 0.82))
    for index, curve in enumerate(plot.curves):
        color = PALETTE[index % len(PALETTE)]
        dash = DASHES[index // len(PALETTE) % len(DASHES)]
        every = -(-len(curve.x) // limit) if limit else 1
        mark = "o" if len(curve.x) < 12 else ""
        axes.plot(
            *(curve.x[::every], curve.y[::every]),
            color=color,
            linestyle=dash,
            linewidth=1.6,
            marker=mark,
            markersize=3,
            label=curve.label.lstrip("_"),
        )
    _draw_floors(plot, axes)
    axes.set_xlabel("kimg (thousands of images seen)", color=ink)
    if plot.log:
        axes.set_yscale("log")
    axes.grid(color=rule, linewidth=0.5)
    axes.tick_params(which="both", colors=ink, labelcolor=ink)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(ink)
    columns = 1 + (len(plot.curves) > 4)
    axes.legend(frameon=False, fontsize=8, labelcolor=ink, ncols=columns)
    return figure


def _draw_floors(plot: Plot, axes: object) -> None:
    """Horizontal lines of real data: one where all runs share it, else one a run."""
    from matplotlib.axes import Axes

    assert isinstance(axes, Axes)
    floors = [(i, each.floor) for i, each in enumerate(plot.curves) if each.floor is not None]
    shared = len({round(value, 9) for _, value in floors}) == 1
    for index, value in floors[:1] if shared else floors:
        color = "#8a8a8a" if shared else PALETTE[index % len(PALETTE)]
        name = "real data" if shared else f"real data, {plot.curves[index].label}"
        axes.axhline(value, color=color, linewidth=1.2, linestyle=(0, (4, 3)), label=name)
