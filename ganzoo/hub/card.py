"""A model folder's README.md, made from what the folder holds."""

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

STATED = re.compile(r"^license: *(\S+)$", re.MULTILINE)
"""The line of a card that says what may be done with the weights."""
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")


def write_card(
    folder: Path, repo: str = "", licence: str = "", model: registry.Model | None = None
) -> None:
    """Write README.md: how to load, what it scored under which protocol, where it comes from.

    Args:
        folder: a model folder.
        repo: where on the Hub it goes; left out, the card says how to load the folder.
        licence: of the weights, an SPDX identifier; left out, what the last card said, or for the
            first one that of the data, as far as it is known.
        model: the installed model; left out, the one that the folder's config.json names.

    Raises:
        OSError: it cannot be written.
        UsageError: a licence that is no identifier.
        WeightsError: no model folder.
    """
    from huggingface_hub import ModelCardData

    stated = as_identifier(licence) or read_license(folder)
    run = read_config(folder / CONFIG)
    spec = (model or run.resolve()).spec
    metrics = read_metrics(folder)
    data = ModelCardData(
        library_name="ganzoo",
        license=stated or license_of(run.recipe.data).lower(),
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
        temporary.write_text(f"---\n{data.to_yaml()}\n---\n\n{text}")


def read_license(folder: Path) -> str:
    """What a folder's card says may be done with the weights; empty where it does not say."""
    card = folder / "README.md"
    found = STATED.search(card.read_text()) if card.exists() else None
    return found[1] if found else ""


def as_identifier(licence: str) -> str:
    """As the Hub writes it, in lower case; empty stays empty.

    Raises:
        UsageError: it is no SPDX identifier.
    """
    if licence and not IDENTIFIER.fullmatch(licence):
        raise UsageError(f"a licence is an SPDX identifier such as cc-by-4.0, not {licence!r}")
    return licence.lower()


def write_metrics(folder: Path, scores: Mapping[str, Any]) -> None:
    """Keep what `ganzoo.evaluation.evaluator.Scores.to_json` gives in a folder, and make its card anew.

    Beside the scores stands whose code made the samples: the plugin that is installed now.

    Raises:
        OSError: it cannot be written.
    """
    model = read_config(folder / CONFIG).resolve()
    with atomic_write(folder / METRICS) as temporary:
        temporary.write_text(
            json.dumps({**scores, "plugin": model.plugin.provider}, indent=2) + "\n"
        )
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
        content = json.loads(path.read_text())
        content["values"], content["protocol"]["name"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{path} is damaged: {error}") from None
    return dict(content)


def _eval_results(metrics: Mapping[str, Any] | None, task: str) -> list[Any]:
    """Scores as the Hub lists them; ``fid`` is the name of one metric, and not of these."""
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
    ]
    header = ["metric", "mean", "standard deviation", "real test data"]
    return (
        f"Protocol `{protocol['name']}` ({metrics['protocol_hash']}): {metrics['n']} samples,"
        f" {metrics['sets']} independent sets from seed {metrics['seed']}, against"
        f" {protocol['data']} {protocol['split']}.\n\n{format_table(header, rows, markdown=True)}"
    )
