"""Check of a published model: the hash and the scores that its folder states."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from ganzoo import hub
from ganzoo.errors import WeightsError
from ganzoo.evaluation.evaluator import evaluate
from ganzoo.hub.card import read_metrics
from ganzoo.spec.config import from_json
from ganzoo.spec.protocol import Protocol, is_meaningful

TOLERANCE = 0.02
"""Relative difference that processors and versions of torch may make."""


@dataclass(frozen=True)
class Verdict:
    """One metric: stated in the folder, and found now."""

    label: str
    stated: float
    found: float
    spread: float
    """Standard deviation over the stated sets; 0 for one set."""

    @property
    def reproduced(self) -> bool:
        """Within three standard deviations, or two hundredths, whichever is more."""
        return abs(self.found - self.stated) <= max(3 * self.spread, TOLERANCE * abs(self.stated))


def verify(source: str, *, device: str = "auto") -> list[Verdict]:
    """Score a model again, under the protocol, with the seed and as often as its folder says.

    The hash of its weights is checked on the way, as on every load. Neighborhoods of untrained
    features, which earlier versions stored, are left out.

    Raises:
        WeightsError: damaged, or its folder states no score.
    """
    trained = hub.open_model(source)
    metrics = read_metrics(trained.folder)
    if metrics is None:
        command = shlex.join(["ganzoo", "eval", f"local-dir:{trained.folder}", "--write"])
        raise WeightsError(f"{source} states no score: `{command}`")
    gan = trained.load(device=device)
    protocol = from_json(Protocol, metrics["protocol"])
    scores = evaluate(
        gan, protocol=protocol, sets=metrics["sets"], seed=metrics["seed"], floor=False
    )
    return [
        Verdict(label, stated, scores.values[label], metrics["spread"].get(label, 0.0))
        for label, stated in metrics["values"].items()
        if is_meaningful(label)
    ]
