"""Report page at the end of a command."""

from __future__ import annotations

import sys
from pathlib import Path


def write_page(folder: Path) -> None:
    """Write the report of a folder and say where it is; a fault is one warning."""
    from ganzoo.bench.report import write_report_safely

    page = write_report_safely(folder)
    if page:
        print(f"report: {page}", file=sys.stderr)
