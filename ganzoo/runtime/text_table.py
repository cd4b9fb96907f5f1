"""Tables in plain text, Markdown and LaTeX."""

from __future__ import annotations

from collections.abc import Sequence


def format_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], markdown: bool = False
) -> str:
    """A table with aligned columns: numbers to the right, the rest to the left."""
    if markdown:
        rows = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    right = _numeric(header, rows)

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


def format_latex(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A tabular with the rules of LaTeX's package booktabs."""
    columns = "".join("r" if numeric else "l" for numeric in _numeric(header, rows))
    body = [" & ".join(map(_escaped, row)) + r" \\" for row in rows]
    return "\n".join(
        [
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            " & ".join(map(_escaped, header)) + r" \\",
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
        ]
    )


def _escaped(cell: str) -> str:
    """Text with LaTeX's special characters escaped."""
    cell = "".join(f"\\{sign}" if sign in "&%$#_{}" else sign for sign in cell)
    return cell.replace("~", r"\textasciitilde{}").replace("±", r"$\pm$")


def _numeric(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[bool]:
    """True for each column of numbers."""
    return [all(_is_number(row[i]) for row in rows) for i in range(len(header))]


def _is_number(cell: str) -> bool:
    return not cell or cell[0].isdigit() or cell[0] in "-+~."
