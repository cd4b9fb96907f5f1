"""Names of the files in a run folder that summarize the run. No torch."""

FOLDER = "summary"
SUMMARY = "summary.json"
INTERPOLATION = "interpolation.png"
"""Its suffix is that of the samples."""
NEIGHBORS = "neighbors.png"
