"""Scores of texts: their probability under the grammar, and their n-grams."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ganzoo.evaluation.extractors import Features
from ganzoo.metrics import SampleMetric
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
    """Extractor for metrics of features: token numbers as they are."""

    def forward(self, texts: Tensor) -> Features:
        return Features(texts.float())


class TextMetric(SampleMetric):
    """Base of the metrics of texts, (N, T), int64."""

    row_dtype = torch.int64


class Oracle(TextMetric):
    """Improbability of the samples under the grammar, and the share that it cannot make.

    ``oracle`` is the mean of -log p in nats a sentence; an impossible sentence counts as the rarest
    possible one. Good samples score what real ones do; lower is likelier, and less diverse.

    Args:
        applies: False where the reference is not the grammar's: then it computes nothing.
    """

    def __init__(self, applies: bool = True) -> None:
        super().__init__()
        self.applies = applies

    @classmethod
    def from_protocol(cls, protocol: Protocol) -> Oracle:
        """The metric for a protocol's reference."""
        return cls(grammar.load(protocol.split).sha256 == protocol.data_sha256)

    def compute(self) -> dict[str, float]:
        if not self.applies:
            return {}
        found = [grammar.log_probability(text) for text in texts(self.kept(False), grammar.WORDS)]
        possible = [max(value, grammar.rarest()) for value in found]
        impossible = sum(value == -float("inf") for value in found)
        return {"oracle": -sum(possible) / len(found), "impossible": impossible / len(found)}


class Bleu(TextMetric):
    """BLEU (Papineni et al. 2002) of some samples, all of some real texts being references."""

    def compute(self) -> dict[str, float]:
        candidates = joined(self.kept(real=False))[:CANDIDATES]
        references = joined(self.kept(real=True))[:REFERENCES]
        return _bleu("bleu", candidates, [references] * len(candidates))


class Diversity(TextMetric):
    """BLEU of samples against other samples (Zhu et al. 2018), and the share of different ones."""

    def compute(self) -> dict[str, float]:
        counted = joined(self.kept(real=False))[:COUNTED]
        candidates = counted[:CANDIDATES]
        others = [
            [text for place, text in enumerate(counted[: REFERENCES + 1]) if place != own]
            for own in range(len(candidates))
        ]
        distinct = len(set(counted)) / len(counted)
        return {**_bleu("selfbleu", candidates, others), "distinct": distinct}


# The names in protocols, which their hashes cover.
oracle = Oracle
bleu = Bleu
diversity = Diversity


def texts(rows: Tensor, words: Sequence[str]) -> list[list[str]]:
    """The words of each row of tokens, up to its end."""
    found = rows.tolist()
    ends = [row.index(0) if 0 in row else len(row) for row in found]
    return [[words[token] for token in row[:end]] for row, end in zip(found, ends, strict=True)]


def joined(rows: Tensor) -> list[str]:
    """Each row as a text of numbers: to n-grams, one name of a word is as good as another."""
    most = int(rows.max())
    return [" ".join(text) for text in texts(rows, [str(n) for n in range(most + 1)])]


def _bleu(
    name: str, candidates: Sequence[str], references: Sequence[Sequence[str]]
) -> dict[str, float]:
    from torchmetrics.functional.text import bleu_score

    return {f"{name}{n}": bleu_score(candidates, references, n_gram=n).item() for n in NGRAMS}
