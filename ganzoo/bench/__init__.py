"""Benchmarks of models on this machine: quality and speed as rows."""

from ganzoo.bench.rows import BUDGET, BenchConfig, Row
from ganzoo.bench.runner import bench
from ganzoo.bench.summary import comparison_picture, summary_table

__all__ = ["BUDGET", "BenchConfig", "Row", "bench", "comparison_picture", "summary_table"]
