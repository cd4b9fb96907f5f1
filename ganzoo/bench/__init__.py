"""Benchmark of models on this machine: quality and speed as rows."""

from ganzoo.bench.rows import BUDGET, BenchConfig, Row, bench, comparison_picture, summary_table

__all__ = ["BUDGET", "BenchConfig", "Row", "bench", "comparison_picture", "summary_table"]
