"""Model card: README.md of a model folder, generated from the folder."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ganzoo import registry
from ganzoo.data.catalog import license_of
from ganzoo.errors import UsageError, WeightsError
from ganzoo.hub.model_folder import CONFIG, METRICS, WEIGHTS, RunConfig, read_config, read_facts
from ganzoo.runtime.files import atomic_write
from ganzoo.runtime.paths import SAMPLES
from ganzoo.runtime.text_table import format_table
from ganzoo.spec.protocol import is_meaningful

LICENSE_LINE = re.compile(r"^license: *(\S+)$", re.MULTILINE)
"""License of the weights in the header of a card."""
SPDX = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")


def write_card(
    folder: Path, repo: str = "", license_id: str = "", model: registry.Model | None = None
) -> None:
    """Write README.md: how to load the model, its scores and their protocol, its origin.

    Args:
        folder: a model folder.
        repo: the repository on the Hub that it goes to; left out, the card loads the folder.
        license_id: license of the weights, an SPDX identifier; left out, that of the last card, or
            for the first card that of the data, if it is known.
        model: the installed model; left out, the one that the folder's config.json names.

    Raises:
        OSError: it cannot be written.
        UsageError: a license that is no SPDX identifier.
        WeightsError: no model folder.
    """
    from huggingface_hub import ModelCardData

    stated = spdx(license_id) or read_license(folder)
    run = read_config(folder / CONFIG)
    spec = (model or run.resolve()).spec
    metrics = read_metrics(folder)
    license_name, terms = run.origin.get("license", ""), run.origin.get("terms", "")
    known = "other" if terms else license_name.lower()
    data = ModelCardData(
        library_name="ganzoo",
        license=stated or known or license_of(run.recipe.data).lower(),
        license_name=license_name.lower() if terms else None,
        license_link=terms or None,
        pipeline_tag=spec.task,
        tags=["gan", "ganzoo", run.model.partition(".")[0]],
        datasets=[run.recipe.data] if ":" not in run.recipe.data else None,
        model_name=run.model,
        eval_results=_eval_results(metrics, spec.task) or None,
    )
    source = f"hf-hub:{repo}" if repo else "local-dir:THIS_FOLDER"
    drawn = next((name for name in SAMPLES if (folder / name).exists()), SAMPLES[0])
    text = _text(run, spec.summary, source, drawn, read_facts(folder / WEIGHTS), metrics)
    with atomic_write(folder / "README.md") as temporary:
        temporary.write_text(f"---\n{data.to_yaml()}\n---\n\n{text}", encoding="utf-8")


def read_card(folder: Path, model: registry.Model) -> str:
    """Model card of a folder: its README.md, or the same facts where it has none.

    Args:
        folder: a model folder.
        model: the installed model.
    """
    try:
        return (folder / "README.md").read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        run, facts = read_config(folder / CONFIG), read_facts(folder / WEIGHTS)
        return _text(run, model.spec.summary, run.model, SAMPLES[0], facts, read_metrics(folder))


def read_license(folder: Path) -> str:
    """License of the weights in a folder's card; empty if none is stated."""
    card = folder / "README.md"
    text = card.read_text(encoding="utf-8-sig", errors="replace") if card.exists() else ""
    found = LICENSE_LINE.search(text)
    return found[1] if found else ""


def spdx(license_id: str) -> str:
    """An SPDX identifier as the Hub writes it, in lower case; empty stays empty.

    Raises:
        UsageError: it is no SPDX identifier.
    """
    if license_id and not SPDX.fullmatch(license_id):
        raise UsageError(f"a license is an SPDX identifier such as cc-by-4.0, not {license_id!r}")
    return license_id.lower()


def write_metrics(
    folder: Path, scores: Mapping[str, Any], model: registry.Model | None = None
) -> None:
    """Write scores into a folder's metrics.json and card, with the plugin that made the samples.

    Args:
        folder: a model folder.
        scores: what `Scores.to_json` of `ganzoo.evaluation` returns.
        model: the installed model; left out, the one that the folder's config.json names.

    Raises:
        OSError: it cannot be written.
    """
    model = model or read_config(folder / CONFIG).resolve()
    content = {**scores, "plugin": model.plugin.provider}
    with atomic_write(folder / METRICS) as temporary:
        temporary.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    write_card(folder, model=model)


def read_metrics(folder: Path) -> dict[str, Any] | None:
    """A folder's metrics.json, or None where there is none.

    Raises:
        WeightsError: it is damaged.
    """
    path = folder / METRICS
    if not path.exists():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        content["values"], content["protocol"]["name"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{path} is damaged: {error}") from None
    return dict(content)


def _eval_results(metrics: Mapping[str, Any] | None, task: str) -> list[Any]:
    """Scores as the Hub lists them; only the Inception FID is called ``fid`` there."""
    from huggingface_hub import EvalResult

    if metrics is None:
        return []
    protocol = metrics["protocol"]
    return [
        EvalResult(
            task_type=task,
            dataset_type=protocol["data"],
            dataset_name=protocol["data"],
            dataset_split=protocol["split"],
            metric_type="fid" if label == "FID" else label.lower(),
            metric_name=f"{label} ({metrics['n']} samples, {metrics['sets']} sets)",
            metric_value=round(value, 4),
            metric_config=f"protocol={protocol['name']};hash={metrics['protocol_hash']}",
        )
        for label, value in metrics["values"].items()
        if is_meaningful(label)
    ]


def _text(
    run: RunConfig,
    summary: str,
    source: str,
    drawn: str,
    facts: Mapping[str, str],
    metrics: Mapping[str, Any] | None,
) -> str:
    rows = [["plugin", run.provider], ["config", json.dumps(run.config)]]
    rows += [["seed", str(run.seed)], *([key, value] for key, value in facts.items())]
    if run.classes:
        named = ", ".join(f"{i}: {name}" for i, name in enumerate(run.classes[:100]))
        rows.append(["classes", named + (", ..." if len(run.classes) > 100 else "")])
    return f"""# {run.model}

{summary}

{"!" if drawn.endswith(".png") else ""}[samples]({drawn})

```python
import ganzoo

gan = ganzoo.load("{source}")
samples = gan.sample(64, seed=0)
```

{_scores(metrics)}

{format_table(["", ""], rows, markdown=True)}
"""


def _scores(metrics: Mapping[str, Any] | None) -> str:
    if metrics is None:
        return "It has not been scored yet: `ganzoo eval local-dir:FOLDER --write`."
    protocol = metrics["protocol"]
    rows = [
        [
            label,
            f"{value:.4g}",
            f"{metrics['spread'].get(label, float('nan')):.2g}",
            f"{metrics['floor'].get(label, float('nan')):.4g}",
        ]
        for label, value in metrics["values"].items()
        if is_meaningful(label)
    ]
    header = ["metric", "mean", "standard deviation", "real test data"]
    return (
        f"Protocol `{protocol['name']}` ({metrics['protocol_hash']}): {metrics['n']} samples,"
        f" {metrics['sets']} independent sets from seed {metrics['seed']}, against"
        f" {protocol['data']} {protocol['split']}.\n\n{format_table(header, rows, markdown=True)}"
    )
