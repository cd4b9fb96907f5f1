"""Generated speed tables, from the result files in benchmarks/results/speed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markdown import table

NONE = "No results are committed yet."
RESULTS = Path(__file__).resolve().parents[1] / "benchmarks/results/speed"
EVALUATORS = RESULTS.parent / "evaluator"
TARGETS = {
    "dcgan64": 1.4,
    "dcgan32": 1.3,
    "wgangp32": 1.4,
    "sg32": 1.2,
    "mlp28": 2.2,
    "wgangp28": 2.7,
    "pgdcgan32": 1.5,
}
"""Target speed ratios on two cores against the best peer as shipped."""
SLOWER = {"mlp28": 1.08, "wgangp28": 1.08}
"""Allowed cost of the trainer relative to the loop by hand; `DEFAULT_SLOWER` elsewhere."""
DEFAULT_SLOWER = 1.03


def speed_blocks() -> dict[str, str]:
    """Tables by the name of their marker."""
    return {
        "speed": per_device("train", best_peers),
        "training": per_device("train", training),
        "targets": per_device("train", targets),
        "evaluation": evaluation(),
        "sampling": per_device("sample", sampling),
        "stylegan": per_device("stylegan", stylegan),
        "published-speed": per_device("published", published),
        "startup": per_device("startup", startup),
        "limit": per_device("limit", limit),
        "profile": per_device("limit", profiles),
    }


def per_device(script: str, part: Any) -> str:
    """Results of one script: one part per device."""
    parts = [
        part(json.loads(path.read_text())) for path in sorted(RESULTS.glob(f"{script}-*.json"))
    ]
    return "\n\n".join(parts) or NONE


def origin(facts: dict[str, Any]) -> str:
    return f"{facts['device']}, torch {facts['torch']}, {facts['date']}"


def best_peers(facts: dict[str, Any]) -> str:
    """One row per workload: ganzoo against the best peer, as shipped and with ideal data."""
    header = ["workload", "batch", "ganzoo img/s", "best peer", "ganzoo is", "peers, ideal data"]
    header += ["loop by hand"]
    rows = []
    for each in facts["workloads"]:
        done = [row for row in each["rows"] if row.get("ganzoo_is_faster")]
        by_name = {row["name"]: row for row in done}
        peers = [row for row in done if row["peer"] and "tcmalloc" not in row["name"]]
        native = [row for row in peers if "ideal" not in row["name"]]
        best = closest(native)
        rows.append(
            [
                f"`{each['name']}`",
                str(each["batch"]),
                speed(by_name.get("ganzoo")),
                best["name"] if best else "none could run",
                ratio(best),
                ratio(closest([row for row in peers if row not in native])),
                ratio(by_name.get("lean")),
            ]
        )
    made = (
        f"On {origins(facts)}; higher than 1 means that ganzoo is faster. Medians of paired slices"
    )
    return f"{made}; every row is below.\n\n" + table(header, rows)


def closest(rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The row with the smallest lead of ganzoo."""
    return min(rows, key=lambda row: float(row["ganzoo_is_faster"]), default=None)


def origins(facts: dict[str, Any]) -> str:
    return "; ".join(dict.fromkeys(origin(each) for each in facts["workloads"]))


def training(facts: dict[str, Any]) -> str:
    """Every row of every workload, failed ones with their reason."""
    parts = []
    for each in facts["workloads"]:
        rows = [[row["name"], speed(row), ratio(row), spread(row)] for row in each["rows"]]
        slices = f"slices of {each['updates']} updates, batch {each['batch']}, seed {each['seed']}"
        text = f"**{each['name']}**: {slices}, {origin(each)}. {each['note']}".strip()
        parts.append(
            f"{text}\n\n" + table(["implementation", "img/s", "ganzoo is", "slices, s"], rows)
        )
    return "\n\n".join(parts)


def targets(facts: dict[str, Any]) -> str:
    """Targets and reached ratios."""
    rows = []
    for each in facts["workloads"]:
        done = {row["name"]: row for row in each["rows"] if row.get("ganzoo_is_faster")}
        native = [r for r in done.values() if r["peer"] and "," not in r["name"]]
        best, target = closest(native), TARGETS[each["name"]]
        cost = 1 / float(done["lean"]["ganzoo_is_faster"])
        allowed = SLOWER.get(each["name"], DEFAULT_SLOWER)
        rows.append(
            [
                f"`{each['name']}`",
                f"{target:.1f}x",
                ratio(best),
                best["name"] if best else "",
                "yes" if best and best["ganzoo_is_faster"] >= target else "no",
                f"{allowed:.2f}",
                f"{cost:.2f}",
                "yes" if cost <= allowed else "no",
            ]
        )
    header = ["workload", "target", "reached", "best peer", "met"]
    header += ["allowed step time, loops by hand", "measured", "met"]
    return table(header, rows)


def evaluation() -> str:
    """Feature extraction and the Fréchet step, from the newest result."""
    found = sorted(EVALUATORS.glob("*.json"))
    if not found:
        return NONE
    facts = json.loads(found[-1].read_text())
    passes = [
        [
            row["program"],
            row.get("reason") or row["does"],
            *(["", "", ""] if row.get("reason") else pass_cells(row)),
        ]
        for row in facts["extraction"]
    ]
    steps = [
        [row["program"], f"{row['seconds']:.2f}", ratio_of(row), f"{row['relative_error']:.0e}"]
        for row in facts["frechet"]
        if not row.get("reason")
    ]
    names = [key for key in facts["values"][0] if key != "case"]
    values = [[row["case"], *(f"{row[name]:.4f}" for name in names)] for row in facts["values"]]
    text = (
        f"{facts['images']} images of {facts['size']} pixels, batch {facts['batch']},"
        f" {facts['rounds']} rounds, {origin(facts)}; Inception with random weights."
    )
    return "\n\n".join(
        [
            text,
            table(["program", "metrics", "img/s", "ganzoo is", "MB"], passes),
            f"The Fréchet step, {facts['features']} features:",
            table(["program", "s", "ganzoo is", "relative error"], steps),
            "Values of the distance on seeded features, next to the exact values:",
            table(["case", *names], values),
        ]
    )


def pass_cells(row: dict[str, Any]) -> list[str]:
    return [f"{row['images_per_second']:.1f}", ratio_of(row), f"{row['megabytes']:,.0f}"]


def ratio_of(row: dict[str, Any]) -> str:
    return f"{row['times_ganzoo']:.2f}x"


def sampling(facts: dict[str, Any]) -> str:
    names = ["ganzoo", "by hand", "peer"]
    header = ["batch", "ganzoo img/s", "by hand img/s", "ganzoo is", "peer img/s", "ganzoo is"]
    rows = []
    for row in facts["rows"]:
        own, hand, peer = (row[name] for name in names)
        cells = [speed(own), speed(hand), ratio(hand), speed(peer), ratio(peer)]
        rows.append([str(row["batch"]), *cells])
    return f"`{facts['model']}` on {origin(facts)}, {facts['rounds']} rounds.\n\n" + table(
        header, rows
    )


def stylegan(facts: dict[str, Any]) -> str:
    """One row per implementation: seconds of processor time, and the ratios to ganzoo."""
    parts = [name for name, value in facts["rows"][0].items() if isinstance(value, dict)]
    header = ["implementation", *(cell for part in parts for cell in (f"{part}, s", "ganzoo is"))]
    rows = []
    for row in facts["rows"]:
        if "reason" in row:
            rows.append([row["name"], row["reason"], *[""] * (2 * len(parts) - 1)])
            continue
        cells = [(f"{row[p]['median_seconds']:.3g}", ratio(row[p])) for p in parts]
        rows.append([row["name"], *(cell for pair in cells for cell in pair)])
    text = f"{facts['size']} pixels, {facts['base']} / resolution maps and at most {facts['most']},"
    text += f" training with a batch of {facts['batch']}, one thread; {origin(facts)}."
    counts = sorted({len(row[parts[0]]["seconds"]) for row in facts["rows"] if parts[0] in row})
    text += f" Rounds: {' to '.join(map(str, counts))}."
    return f"{text}\n\n" + table(header, rows)


def published(facts: dict[str, Any]) -> str:
    header = ["network", "source", "rounds", "program", "s", "ganzoo is", "largest difference"]
    rows = [
        [
            f"`{row['network']}`",
            row["source"],
            str(row["rounds"]),
            each["program"],
            f"{each['seconds']:.2f}",
            f"{each['ganzoo_is_faster']:.2f}x",
            f"{each['difference']:.1e}",
        ]
        for row in facts["rows"]
        for each in row["programs"]
    ]
    return f"Processor seconds on one thread, {origin(facts)}.\n\n" + table(header, rows)


def startup(facts: dict[str, Any]) -> str:
    commands = facts["commands"]
    more = commands["ganzoo list takes more"] * 1000
    text = (
        f"`ganzoo list` takes {commands['ganzoo list']:.2f} s, {more:.0f} ms more than a bare typer"
    )
    text += f" program (medians of {commands['rounds']} pairs; {origin(facts)})."
    rows = [
        [row["workload"], row["name"], row.get("reason") or f"{row['seconds']:.1f}"]
        for row in facts["first_steps"]
    ]
    return f"{text}\n\n" + table(["workload", "implementation", "first step after, s"], rows)


def limit(facts: dict[str, Any]) -> str:
    peaks = ", ".join(f"{name} {value:.0f}" for name, value in facts["peaks"].items())
    header = ["workload", "GFLOP/image", "img/s", "GFLOP/s", "of the matrix product's peak"]
    rows = [
        [
            f"`{row['name']}`",
            f"{row['gflop_per_image']:.3g}",
            f"{row['images_per_second']:,.0f}",
            f"{row['gflop_per_second']:,.0f}",
            f"{row['of_the_matrix_peak']:.0%}",
        ]
        for row in facts["rows"]
    ]
    return f"Peaks in GFLOP/s on {origin(facts)}: {peaks}.\n\n" + table(header, rows)


def profiles(facts: dict[str, Any]) -> str:
    return "\n\n".join(f"**{row['name']}**\n\n{profile(row)}" for row in facts["rows"])


def profile(row: dict[str, Any]) -> str:
    total = sum(each["milliseconds"] for each in row["operators"])
    cells = [
        [
            each["operator"],
            "" if each["calls"] is None else f"{each['calls']:g}",
            f"{each['milliseconds']:.2f}",
            f"{each['milliseconds'] / total:.0%}",
        ]
        for each in row["operators"]
    ]
    return table(["operator", "calls a step", "ms a step", "share"], cells)


def speed(row: dict[str, Any] | None) -> str:
    if row is None:
        return ""
    return row.get("reason") or f"{row['images_per_second']:,.0f}"


def ratio(row: dict[str, Any] | None) -> str:
    value = row and row.get("ganzoo_is_faster")
    return f"{value:.2f}x" if value else ""


def spread(row: dict[str, Any]) -> str:
    spent = row.get("seconds")
    return f"{min(spent):.2f} - {max(spent):.2f}" if spent else ""
