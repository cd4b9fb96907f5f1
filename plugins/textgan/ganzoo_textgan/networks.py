"""An LSTM that writes word by word, and a convolutional reader of several views of a text."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo_textgan import Config

WORD_BYTES = 64
"""Of a word that can be remembered; a longer one is unknown."""
FILTER_WIDTHS = (2, 3, 4, 5)
"""Words that a filter of the discriminator sees at a time (Nie et al. 2019)."""

State = tuple[Tensor, Tensor]


class Generator(nn.Module):
    """Gumbel noise, (N, T, V), to almost one-hot words, (N, T, V); it knows what they mean.

    Each word is that of the largest logit plus noise, which is a draw from the softmax, and is what
    the LSTM sees next; the gradient takes the softmax (Kusner and Hernández-Lobato 2016).
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
        token = gumbel.new_zeros(len(gumbel), dtype=torch.int64)
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
        """Of each word of a text after those before it, (N, T) to (N, T, V)."""
        seen = self.embedding(F.pad(texts[:, :-1], (1, 0)))
        state: State | None = None
        hidden = []
        for word in seen.unbind(1):
            state = self.cell(word, state)
            hidden.append(state[0])
        output: Tensor = self.output(torch.stack(hidden, 1)).float()
        return output.masked_fill(self._unnamed(), -torch.inf)

    def _unnamed(self) -> Tensor:
        """Tokens that no word belongs to, (V,), where the words are known."""
        named = (self.letters > 0).any(1)
        named[0] = True
        return named.logical_not() & (self.letters > 0).any()

    @property
    def words(self) -> tuple[str, ...]:
        """What the tokens mean; empty until `remember`."""
        rows = self.letters.cpu()
        if not rows.any():
            return ()
        return tuple(bytes(row.tolist()).rstrip(b"\0").decode() for row in rows)

    def remember(self, words: tuple[str, ...]) -> None:
        """Take words to heart, as many as there are tokens for."""
        for row, word in zip(self.letters, words, strict=False):
            code = word.encode()
            if len(code) <= WORD_BYTES:
                row[: len(code)] = torch.tensor(list(code), dtype=torch.uint8)


class Discriminator(nn.Module):
    """Tokens, (N, T), or relaxed one-hot vectors, (N, T, V), to a logit per view, (N, views).

    Nie et al. (2019) and official code: each view embeds the words its own way, and all are read by
    the same filters, whose largest responses go through a highway layer.
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
