"""TextGAN: maximum likelihood, then the relativistic loss over ever sharper relaxed words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ganzoo import GAN, Batch, Dataset, Losses, Phase, SampleInput, SampleSpec, losses
from ganzoo_textgan import Config
from ganzoo_textgan.networks import Discriminator, Generator

UNKNOWN = 1
"""Token of words outside the vocabulary; token 0 is the end."""


class TextGAN(GAN):
    """Nie et al. (2019), with an LSTM; the Gumbel-softmax is the only noise."""

    config: Config
    generator: Generator
    inputs = (SampleInput("gumbel", "Gumbel noise of each word, (n, length, vocabulary)"),)

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = Generator(config)
        self.discriminator = Discriminator(config)

    @property
    def sample_spec(self) -> SampleSpec:
        config = self.config
        return SampleSpec(
            (config.length,), vocabulary=config.vocabulary, words=self.generator.words
        )

    def prepare_data(self, data: Dataset) -> Dataset:
        """Store the vocabulary of the first data; map the words of other data to it."""
        if not data.words:
            return data
        if not self.generator.words:
            self.generator.remember(data.words)
        words = self.generator.words
        if words[: len(data.words)] == data.words:
            return data
        known = {word: token for token, word in enumerate(words) if word}
        table = torch.tensor([0, *(known.get(word, UNKNOWN) for word in data.words[1:])])
        return replace(
            data, columns={**data.columns, "real": table[data.columns["real"]]}, words=words
        )

    def prior(self, n: int) -> Batch:
        """Standard Gumbel noise for every word at every position."""
        noise = torch.empty(n, self.config.length, self.config.vocabulary).exponential_()
        return {"gumbel": -noise.clamp_min(torch.finfo(noise.dtype).tiny).log()}

    def generate(self, batch: Batch) -> Tensor:
        temperature = 1.0 if self.training else self.config.temperature
        texts: Tensor = self.generator(batch["gumbel"], self._sharpness(), temperature)
        return texts

    def decode(self, output: Tensor) -> Tensor:
        return output.argmax(2)

    def phases(self) -> Sequence[Phase]:
        likelihood = Phase("likelihood", self.generator, self.likelihood, needs_fakes=False)
        if not self.config.game:
            return (likelihood,)
        begin = 1000 * self.config.warm_up
        discriminator, generator = (replace(phase, start=begin) for phase in super().phases())
        repeat = self.config.discriminator_updates
        return replace(likelihood, end=begin), replace(discriminator, repeat=repeat), generator

    def likelihood(self, batch: Batch, fake: Tensor) -> Losses:
        """-log p of a text in nats, including its end."""
        texts = batch["real"]
        each = F.cross_entropy(self.generator.logits(texts).mT, texts, reduction="none")
        within = (texts == 0).cumsum(1) <= 1
        return {"nll": (each * within).sum(1).mean()}

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        real = self.discriminator(batch["real"])
        return {"adv": losses.relativistic_d(real, self.discriminator(fake))}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        real = self.discriminator(batch["real"])
        return {"adv": losses.relativistic_g(real, self.discriminator(fake))}

    def _sharpness(self) -> float:
        """Inverse temperature; grows exponentially in adversarial training (Nie et al. 2019)."""
        if not self.config.game:
            return 1.0
        share = (self.images / 1000 - self.config.warm_up) / self.config.game
        return float(self.config.sharpness ** min(max(share, 0.0), 1.0))
