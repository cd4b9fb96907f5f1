"""The data set ``grammar``: English sentences of a small probabilistic grammar.

The probability of each sentence is known, so samples can be scored exactly. The grammar has no
recursion: a sentence has at most twelve words. A model has to learn that the verb agrees with its
subject in number, also where another noun is between the two; that "every" and "a" take the
singular, "some" and "two" the plural.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from typing import TYPE_CHECKING

from ganzoo.errors import DataError

if TYPE_CHECKING:
    from ganzoo import Dataset

START = "SENTENCE"
RULES: Mapping[str, str] = {
    START: "0.6 ONE ASIDE DOES HOW | 0.4 MANY ASIDES DO HOW",
    "ONE": "0.4 the KIND NOUN | 0.4 a KIND NOUN | 0.2 every KIND NOUN",
    "MANY": "0.5 the KIND NOUNS | 0.3 some KIND NOUNS | 0.2 two KIND NOUNS",
    "ASIDE": "0.6 | 0.2 WHERE the PLACE | 0.2 that SEES OTHER",
    "ASIDES": "0.6 | 0.2 WHERE the PLACE | 0.2 that SEE OTHER",
    "OTHER": "0.5 the NOUN | 0.5 the NOUNS",
    "DOES": "0.5 SEES WHOM | 0.5 SLEEPS",
    "DO": "0.5 SEE WHOM | 0.5 SLEEP",
    "WHOM": "0.5 ONE | 0.5 MANY",
    "HOW": "0.7 | 0.15 slowly | 0.1 often | 0.05 today",
    "KIND": "0.6 | 0.12 big | 0.1 small | 0.06 red | 0.05 quiet | 0.04 tall | 0.03 young",
    "NOUN": "0.3 dog | 0.25 cat | 0.15 bird | 0.12 farmer | 0.1 child | 0.08 sailor",
    "NOUNS": "0.3 dogs | 0.25 cats | 0.15 birds | 0.12 farmers | 0.1 children | 0.08 sailors",
    "SEES": "0.4 sees | 0.3 follows | 0.2 likes | 0.1 hears",
    "SEE": "0.4 see | 0.3 follow | 0.2 like | 0.1 hear",
    "SLEEPS": "0.4 sleeps | 0.3 sings | 0.2 waits | 0.1 runs",
    "SLEEP": "0.4 sleep | 0.3 sing | 0.2 wait | 0.1 run",
    "WHERE": "0.5 near | 0.3 behind | 0.2 under",
    "PLACE": "0.4 house | 0.3 tree | 0.2 river | 0.1 wall",
}
"""Expansions of each symbol, with their probabilities."""

END, UNKNOWN = "", "<unk>"
"""The first two words of every vocabulary."""
LENGTH = 12
ROWS: Mapping[str, int] = {"train": 10_000, "test": 10_000}

Stack = tuple[str, ...]
"""Symbols and words that are not expanded yet."""


def expansions(symbol: str) -> list[tuple[float, Stack]]:
    """Expansions of a symbol, with probabilities that sum to 1."""
    choices = [choice.split() for choice in RULES[symbol].split("|")]
    return [(float(probability), tuple(symbols)) for probability, *symbols in choices]


WORDS: tuple[str, ...] = (
    END,
    UNKNOWN,
    *sorted({s for rule in RULES for _, stack in expansions(rule) for s in stack} - {*RULES}),
)
"""The word of each token."""


@cache
def next_words(stack: Stack) -> tuple[tuple[float, str, Stack], ...]:
    """Possible next words: probability, word, and the stack that remains after it."""
    if not stack:
        return ((1.0, END, ()),)
    head, rest = stack[0], stack[1:]
    if head not in RULES:
        return ((1.0, head, rest),)
    return tuple(
        (probability * share, word, left)
        for probability, symbols in expansions(head)
        for share, word, left in next_words(symbols + rest)
    )


def log_probability(words: Sequence[str]) -> float:
    """Log probability of a sentence in nats, over all derivations; -inf if there is none."""
    states: Mapping[Stack, float] = {(START,): 1.0}
    for wanted in (*words, END):
        following: defaultdict[Stack, float] = defaultdict(float)
        for stack, weight in states.items():
            for share, word, left in next_words(stack):
                if word == wanted:
                    following[left] += weight * share
        states = following
    total = sum(states.values())
    return math.log(total) if total else -math.inf


@cache
def rarest(stack: Stack = (START,)) -> float:
    """Log probability of the least probable derivation."""
    if not stack:
        return 0.0
    return min(math.log(share) + rarest(left) for share, _, left in next_words(stack))


def sentence(random: Random) -> list[str]:
    """A random sentence of the grammar."""
    words: list[str] = []
    stack: Stack = (START,)
    while stack:
        choices = next_words(stack)
        (choice,) = random.choices(choices, [share for share, _, _ in choices])
        _, word, stack = choice
        words.append(word)
    return words[:-1] if words[-1] == END else words


def load(split: str) -> Dataset:
    """Random sentences; each split has its own seed.

    Raises:
        DataError: no such split.
    """
    import torch

    from ganzoo import Dataset

    if split not in ROWS:
        raise DataError(f"data grammar: there is no {split} split")
    rows = torch.tensor(_rows(split), dtype=torch.int64)
    return Dataset("grammar", {"real": rows}, words=WORDS)


@cache
def _rows(split: str) -> list[list[int]]:
    """Tokens of all sentences, each filled up with zeros."""
    random = Random(split)
    places = {word: token for token, word in enumerate(WORDS)}
    made = ([places[word] for word in sentence(random)] for _ in range(ROWS[split]))
    return [tokens + [0] * (LENGTH - len(tokens)) for tokens in made]
