"""``ganzoo protocols``."""

from __future__ import annotations

import json
import sys

from ganzoo import registry
from ganzoo.cli.options import AsJson
from ganzoo.cli.typer_app import app
from ganzoo.runtime.text_table import format_table
from ganzoo.spec.config import to_json


@app.command()
def protocols(as_json: AsJson = False) -> None:
    """List evaluation protocols and feature extractors.

    \b
    ganzoo protocols
    ganzoo eval MODEL --protocol quick
    """  # noqa: D301
    from ganzoo.evaluation.protocols import EXTRACTORS, PROTOCOLS

    plugins = registry.installed(registry.EXTRACTORS)
    if as_json:
        facts = {name: {**to_json(p), "hash": p.hash} for name, p in PROTOCOLS.items()}
        print(json.dumps(facts, indent=2))
        return
    rows = [
        [p.name, p.label("fd"), str(p.n), ", ".join(p.metrics), p.summary]
        for p in PROTOCOLS.values()
    ]
    print(format_table(["PROTOCOL", "DISTANCE", "SAMPLES", "METRICS", "SUMMARY"], rows))
    print()
    own = [[name, registry.OWN_DISTRIBUTION, summary] for name, summary in EXTRACTORS.items()]
    others = [[p.name, p.provider, p.spec.summary] for p in plugins if p.spec]
    print(format_table(["EXTRACTOR", "PROVIDED BY", "FEATURES"], [*own, *others]))
    for warning in registry.plugin_warnings(plugins, EXTRACTORS):
        print(f"warning: {warning}", file=sys.stderr)
