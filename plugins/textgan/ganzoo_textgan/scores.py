"""What texts score: under the grammar that they imitate, and by their n-grams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from ganzoo.evaluation.extractors import Features
from ganzoo.evaluation.statistics import Statistics
from ganzoo.spec.protocol import Protocol
from ganzoo_textgan import grammar

NGRAMS = (2, 3, 4)
CANDIDATES = 100
"""Samples whose n-grams are counted; BLEU compares each of them with each reference."""
REFERENCES = 200
"""Real texts that BLEU compares with, and other samples that self-BLEU compares with."""
COUNTED = 2000
"""Samples among which different ones are counted: the share depends on how many there are."""


class Tokens(nn.Module):
    """Texts as they are: an extractor that hands the metrics below what was generated."""

    def forward(self, texts: Tensor) -> Features:
        return Features(texts.float())


def oracle(rules: Protocol, real: Statistics, fake: Statistics) -> Mapping[str, float]:
    """How improbable the samples are under the grammar, and the share that it cannot make.

    ``oracle`` is the mean of -log p in nats a sentence; an impossible sentence counts as the rarest
    possible one. Good samples score what real ones do; lower is likelier, and less diverse.
    Nothing where the reference is not the grammar's.
    """
    if grammar.load(rules.split).sha256 != rules.data_sha256:
        return {}
    found = [grammar.log_probability(text) for text in texts(fake, grammar.WORDS)]
    possible = [max(value, grammar.rarest()) for value in found]
    impossible = sum(value == -float("inf") for value in found)
    return {"oracle": -sum(possible) / len(found), "impossible": impossible / len(found)}


def bleu(rules: Protocol, real: Statistics, fake: Statistics) -> Mapping[str, float]:
    """BLEU (Papineni et al. 2002) of some samples, all of some real texts being references."""
    candidates, references = joined(fake)[:CANDIDATES], joined(real)[:REFERENCES]
    return _bleu("bleu", candidates, [references] * len(candidates))


def diversity(rules: Protocol, real: Statistics, fake: Statistics) -> Mapping[str, float]:
    """BLEU of samples against other samples (Zhu et al. 2018), and the share of different ones."""
    counted = joined(fake)[:COUNTED]
    candidates = counted[:CANDIDATES]
    others = [
        [text for place, text in enumerate(counted[: REFERENCES + 1]) if place != own]
        for own in range(len(candidates))
    ]
    distinct = len(set(counted)) / len(counted)
    return {**_bleu("selfbleu", candidates, others), "distinct": distinct}


def texts(statistics: Statistics, words: Sequence[str]) -> list[list[str]]:
    """The words of each row, up to its end."""
    rows = [[int(token) for token in row] for row in statistics.rows.tolist()]
    ends = [row.index(0) if 0 in row else len(row) for row in rows]
    return [[words[token] for token in row[:end]] for row, end in zip(rows, ends, strict=True)]


def joined(statistics: Statistics) -> list[str]:
    """Each row as a text of numbers: to n-grams, one name of a word is as good as another."""
    most = int(statistics.rows.max())
    return [" ".join(text) for text in texts(statistics, [str(n) for n in range(most + 1)])]


def _bleu(
    name: str, candidates: Sequence[str], references: Sequence[Sequence[str]]
) -> dict[str, float]:
    from torchmetrics.functional.text import bleu_score

    return {f"{name}{n}": bleu_score(candidates, references, n_gram=n).item() for n in NGRAMS}
