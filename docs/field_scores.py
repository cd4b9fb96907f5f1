"""Generated tables of scores that others published, from benchmarks/published_scores.json."""

from __future__ import annotations

import json
from pathlib import Path

from markdown import table

FILE = Path(__file__).resolve().parents[1] / "benchmarks/published_scores.json"


def field_blocks() -> dict[str, str]:
    """Tables by the name of their marker."""
    content = json.loads(FILE.read_text())
    protocols, rows = content["protocols"], content["rows"]
    header = ["protocol", "used by", "reference", "samples", "resize", "comparable with"]
    facts = [
        [
            name,
            *(each[key] for key in ("by", "reference", "n", "resize")),
            f"[`{each['protocol']}`](protocols/{each['protocol']}.md)"
            if each["protocol"]
            else f"nothing here: {each['why']}",
        ]
        for name, each in protocols.items()
    ]
    parts = []
    for data in dict.fromkeys(row["data"] for row in rows):
        cells = [_cells(row, protocols) for row in rows if row["data"] == data]
        columns = ["model", "FID", "IS", "protocol", "comparable?", "training", "source"]
        parts.append(f"### {data}\n\n{table(columns, cells)}")
    return {"fieldprotocols": table(header, facts), "fieldscores": "\n\n".join(parts)}


def _cells(row: dict[str, str], protocols: dict[str, dict[str, str]]) -> list[str]:
    name, own = row["architecture"], protocols[row["protocol"]]["protocol"]
    model = f"[{row['model']}](models/{name}.md)" if name else row["model"]
    mark = f"yes, `{own}`" if own else "no"
    facts = [row[key] for key in ("training", "source")]
    return [model, row["fid"], row["inception_score"], row["protocol"], mark, *facts]
