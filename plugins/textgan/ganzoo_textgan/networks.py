"""LSTM generator, and a convolutional discriminator with several word embeddings."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo_textgan import Config

WORD_BYTES = 64
"""Longest word that can be stored, in bytes of UTF-8; longer ones are unknown."""
FILTER_WIDTHS = (2, 3, 4, 5)
"""Widths of the discriminator's filters, in words (Nie et al. 2019)."""

State = tuple[Tensor, Tensor]


class Generator(nn.Module):
    """LSTM: Gumbel noise, (N, T, V), to relaxed one-hot words, (N, T, V).

    Each word is the one with the largest logit plus noise, which is a draw from the softmax, and is
    the next input of the LSTM; the gradient is that of the softmax (Kusner and Hernández-Lobato
    2016). The vocabulary is part of the state dict.
    """

    letters: Tensor

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.embedding = nn.Embedding(config.vocabulary, config.embedding)
        self.cell = nn.LSTMCell(config.embedding, config.hidden)
        self.output = nn.Linear(config.hidden, config.vocabulary)
        letters = torch.zeros(config.vocabulary, WORD_BYTES, dtype=torch.uint8)
        self.register_buffer("letters", letters)

    def forward(self, gumbel: Tensor, sharpness: float, temperature: float) -> Tensor:
        token = gumbel.new_zeros(gumbel.shape[0], dtype=torch.int64)
        end = F.one_hot(token, gumbel.shape[2]).to(gumbel.dtype)
        ended = token != 0
        unnamed = self._unnamed()
        state: State | None = None
        words: list[Tensor] = []
        for noise in gumbel.unbind(1):
            state = self.cell(self.embedding(token), state)
            logits = self.output(state[0]).float().masked_fill(unnamed, -torch.inf)
            noisy = logits / temperature + noise
            words.append(torch.where(ended[:, None], end, (sharpness * noisy).softmax(1)))
            token = noisy.argmax(1).masked_fill(ended, 0)
            ended = ended | (token == 0)
        return torch.stack(words, 1)

    def logits(self, texts: Tensor) -> Tensor:
        """Logits of each word given the words before it, (N, T) to (N, T, V)."""
        seen = self.embedding(F.pad(texts[:, :-1], (1, 0)))
        state: State | None = None
        hidden = []
        for word in seen.unbind(1):
            state = self.cell(word, state)
            hidden.append(state[0])
        output: Tensor = self.output(torch.stack(hidden, 1)).float()
        return output.masked_fill(self._unnamed(), -torch.inf)

    def _unnamed(self) -> Tensor:
        """True for tokens without a word, (V,); all False while no words are stored."""
        named = (self.letters > 0).any(1)
        named[0] = True
        return named.logical_not() & (self.letters > 0).any()

    @property
    def words(self) -> tuple[str, ...]:
        """The word of each token; empty until `remember`."""
        rows = self.letters.cpu()
        if not rows.any():
            return ()
        return tuple(bytes(row.tolist()).rstrip(b"\0").decode() for row in rows)

    def remember(self, words: tuple[str, ...]) -> None:
        """Store words in the state dict, as many as there are tokens."""
        for row, word in zip(self.letters, words, strict=False):
            code = word.encode()
            if len(code) <= WORD_BYTES:
                row[: len(code)] = torch.tensor(list(code), dtype=torch.uint8)


class Discriminator(nn.Module):
    """Tokens, (N, T), or relaxed one-hot vectors, (N, T, V), to a logit per view, (N, views).

    As in Nie et al. (2019) and their code: each view has its own word embedding; all share the
    filters, whose largest responses go through a highway layer.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.views = config.views
        width = len(FILTER_WIDTHS) * config.filters
        self.embedding = nn.Linear(config.vocabulary, config.views * config.view_width, bias=False)
        self.filters = nn.ModuleList(
            nn.Conv1d(config.view_width, config.filters, words) for words in FILTER_WIDTHS
        )
        self.change = nn.Linear(width, width, bias=False)
        self.gate = nn.Linear(width, width, bias=False)
        self.head = nn.Sequential(nn.Dropout(0.25), nn.Linear(width, 100), nn.Linear(100, 1))

    def forward(self, texts: Tensor) -> Tensor:
        if not texts.is_floating_point():
            texts = F.one_hot(texts, self.embedding.in_features).float()
        views = self.embedding(texts).unflatten(2, (self.views, -1)).permute(0, 2, 3, 1)
        read = views.flatten(0, 1)
        found = torch.cat([layer(read).relu().amax(2) for layer in self.filters], 1)
        gate = self.gate(found).sigmoid()
        features = gate * self.change(found).relu() + (1 - gate) * found
        output: Tensor = self.head(features).view(len(texts), self.views)
        return output
