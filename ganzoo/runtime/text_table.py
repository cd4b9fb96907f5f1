"""Tables in plain text and Markdown."""

from __future__ import annotations

from collections.abc import Sequence


def format_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], markdown: bool = False
) -> str:
    """A table with aligned columns: numbers to the right, the rest to the left."""
    if markdown:
        rows = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    right = [all(_is_number(row[i]) for row in rows) for i in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.rjust(width) if numeric else cell.ljust(width)
            for cell, width, numeric in zip(cells, widths, right, strict=True)
        ]
        return "| " + " | ".join(padded) + " |" if markdown else "  ".join(padded).rstrip()

    rule = [
        "-" * (width - 1) + (":" if numeric else "-")
        for width, numeric in zip(widths, right, strict=True)
    ]
    middle = [line(rule)] if markdown else []
    return "\n".join([line(header), *middle, *map(line, rows)])


def _is_number(cell: str) -> bool:
    return not cell or cell[0].isdigit() or cell[0] in "-+~."
