"""Report of runs and benchmarks: one HTML page, and figures for a paper."""

from ganzoo.bench.report.figures import write_figures
from ganzoo.bench.report.page import write_report, write_report_safely
from ganzoo.bench.report.run_record import RunRecord, read_runs

__all__ = ["RunRecord", "read_runs", "write_figures", "write_report", "write_report_safely"]
