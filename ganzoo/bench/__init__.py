"""Benchmarks of models on this machine: quality and speed as rows."""

from ganzoo.bench.compare import Comparison, compare
from ganzoo.bench.row_file import read_rows
from ganzoo.bench.rows import BUDGET, BenchConfig, Row, Target, find_targets
from ganzoo.bench.runner import bench
from ganzoo.bench.summary import (
    comparison_picture,
    csv_table,
    latex_table,
    row_line,
    summary_table,
)

__all__ = [
    "BUDGET",
    "BenchConfig",
    "Comparison",
    "Row",
    "Target",
    "bench",
    "compare",
    "comparison_picture",
    "csv_table",
    "find_targets",
    "latex_table",
    "read_rows",
    "row_line",
    "summary_table",
]
