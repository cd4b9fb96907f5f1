"""Generated pages of the protocols: ganzoo's own, and those of the presets of its plugins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from markdown import table
from model_tables import is_published, own_models

from ganzoo import registry
from ganzoo.evaluation.protocols import EXTRACTORS, PROTOCOLS, find_protocol
from ganzoo.spec import Protocol
from ganzoo.spec.protocol import INCEPTION, PIXELS

METRICS: Mapping[str, str] = {
    "fd": "Fréchet distance of Gaussians fitted to the features; lower is better",
    "kid": "kernel distance of the features, without bias; lower is better",
    "is": "Inception score with the classes of the extractor; higher is better",
    "prdc": "precision, recall, density and coverage: neighborhoods of the features",
    "intra": "mean Fréchet distance within the classes; lower is better",
    "accuracy": "how often the extractor's classifier sees the class that was asked for",
    "duplicates": "share of samples nearly equal to another sample; lower is better",
    "mifid": "Fréchet distance, divided by the distance from memorized rows",
    "l1": "mean absolute error in percent of the range, against the target; lower is better",
    "psnr": "peak signal-to-noise ratio in dB, against the target; higher is better",
    "ssim": "structural similarity, against the target; higher is better",
}


def all_protocols() -> dict[str, Protocol]:
    """Protocols by name."""
    own = [find_protocol(model.preset.protocol) for model in own_models()]
    return {**PROTOCOLS, **{protocol.name: protocol for protocol in own}}


def protocol_pages() -> Iterator[tuple[str, str]]:
    """File names in docs/protocols and texts."""
    for name, protocol in all_protocols().items():
        yield f"{name}.md", protocol_page(protocol)
    rows = [
        [f"[`{name}`]({name}.md)", each.label(_first(each)), f"{each.n:,}", each.summary]
        for name, each in all_protocols().items()
    ]
    words = "Scores compare only if their protocols have the same hash."
    lists = "`ganzoo protocols` lists the built-in ones; the others belong to presets."
    header = ["protocol", "first score", "samples", "description"]
    yield "README.md", f"# Protocols\n\n{words} {lists}\n\n{table(header, rows)}\n"


def _first(protocol: Protocol) -> str:
    return protocol.metrics[0].rpartition(":")[2]


def protocol_page(protocol: Protocol) -> str:
    """Page of one protocol: settings, metrics, models and command."""
    facts = [
        ["hash", f"`{protocol.hash}`" if protocol.data_sha256 else "known when data are known"],
        ["samples", f"{protocol.n:,}"],
        ["sets", str(protocol.sets)],
        ["reference", _reference(protocol)],
        ["features", f"`{protocol.extractor}`: {_extractor(protocol.extractor)}"],
        ["resize", protocol.resize or "the extractor's own"],
        ["rounding of samples", protocol.quantise],
    ]
    metrics = [[_label(protocol, each), _meaning(each)] for each in protocol.metrics]
    users = [
        f"[`{model.name}`](../models/{model.plugin.name}.md)"
        for model in own_models()
        if find_protocol(model.preset.protocol).name == protocol.name
        and not is_published(model.preset)
    ]
    command = "ganzoo eval local-dir:runs/RUN"
    if protocol.name in PROTOCOLS:
        command += f" --protocol {protocol.name}"
    sections = [
        f"# {protocol.name}\n\n{protocol.summary}",
        f"```bash\n{command}\n```",
        "## Settings\n\n" + table(["setting", "value"], facts),
        "## Scores\n\n" + table(["score", "meaning"], metrics),
        "## Presets\n\n" + (", ".join(users) + "." if users else "No preset; name it in commands."),
    ]
    if protocol.extractor == INCEPTION:
        sections.append(
            "## Weights\n\nThe Inception weights are downloaded once, and verified; see"
            " [work offline](../howto/offline.md)."
        )
    return "\n\n".join(sections) + "\n"


def _reference(protocol: Protocol) -> str:
    data = f"`{protocol.data}`" if protocol.data else "the data that the model was trained on"
    rows = f"{protocol.reference_n:,} rows" if protocol.reference_n else "all rows"
    return f"{data}, split {protocol.split}, {rows}"


def _extractor(name: str) -> str:
    specs = {each.name: each.spec for each in registry.installed(registry.EXTRACTORS) if each.spec}
    return EXTRACTORS.get(name) or getattr(specs.get(name), "summary", "") or "of timm"


def _label(protocol: Protocol, metric: str) -> str:
    name = metric.rpartition(":")[2]
    if name != metric or metric in PIXELS or metric not in METRICS:
        return name
    return protocol.label(metric) if metric != "prdc" else "precision, recall, ..."


def _meaning(metric: str) -> str:
    """Meaning of a metric; that of a plugin's own is in its docstring."""
    if metric in METRICS:
        return METRICS[metric]
    module, _, name = metric.partition(":")
    found = getattr(__import__(module, fromlist=[name]), name)
    return " ".join((found.__doc__ or "").partition("\n\n")[0].split()).replace("``", "`")
