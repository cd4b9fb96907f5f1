"""StyleGAN3: non-saturating loss and lazy R1."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from ganzoo import GAN, Batch, Losses, Phase, SampleInput, layers, losses
from ganzoo.errors import ConfigError
from ganzoo.spec.sample import LABEL, LATENT
from ganzoo_stylegan3 import Config
from ganzoo_stylegan3.networks import Generator

R1_EVERY = 16
"""Steps between R1 penalties (lazy regularization)."""
TRUNCATION = SampleInput(
    "truncation", "distance of w from its mean, relative: 1 changes nothing, 0 gives the mean"
)
CUTOFF = SampleInput("cutoff", "number of layers, coarsest first, that truncation applies to")


class StyleGAN3(GAN):
    """Karras et al. (2021)."""

    config: Config
    generator: Generator

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = Generator(config)
        self.discriminator = layers.StyleDiscriminator(
            config.channels,
            config.size,
            config.discriminator_widths,
            classes=config.classes,
            mapping=config.label_mapping,
            clamp=config.clamp,
            group=config.group,
        )

    @property
    def inputs(self) -> tuple[SampleInput, ...]:
        shape = f"(n, {self.config.w_dim}) or (n, {self.config.styles}, {self.config.w_dim})"
        w = SampleInput("w", f"intermediate latents {shape}, instead of latent and label")
        label = (LABEL,) if self.config.classes else ()
        return (LATENT, *label, TRUNCATION, CUTOFF, w)

    def prior(self, n: int) -> Batch:
        """Latents, and random labels for samples without a given one."""
        rows = {"latent": torch.randn(n, self.config.latent)}
        if self.config.classes:
            rows["label"] = torch.randint(self.config.classes, (n,))
        return rows

    def generate(self, batch: Batch) -> Tensor:
        fake: Tensor = self.generator.synthesis(self.styles(batch))
        return fake

    def decode(self, output: Tensor) -> Tensor:
        return output.clamp(-1, 1)

    def styles(self, batch: Batch) -> Tensor:
        """w of each layer, (N, styles, w_dim), from the inputs of `sample`."""
        w = self._w(batch)
        if "truncation" in batch:
            if batch["truncation"].ndim > 1:
                raise ConfigError("truncation must be a number, or one for each sample")
            places = torch.arange(self.config.styles, device=w.device)
            rate = batch["truncation"].to(w.dtype).view(-1, 1).expand(-1, len(places))
            if "cutoff" in batch:
                rate = torch.where(places < batch["cutoff"].view(-1, 1), rate, 1.0)
            w = self.generator.mapping.w_avg.lerp(w, rate[:, :, None])
        return w

    def _w(self, batch: Batch) -> Tensor:
        count, width = self.config.styles, self.config.w_dim
        w: Tensor = (
            batch["w"]
            if "w" in batch
            else self.generator.mapping(batch["latent"], self.condition(batch))
        )
        if w.ndim == 2:
            w = w[:, None].expand(-1, count, -1)
        if w.shape[1:] != (count, width):
            raise ConfigError(
                f"w must have the shape (n, {width}) or (n, {count}, {width}), not {tuple(w.shape)}"
            )
        return w

    def condition(self, batch: Batch) -> Tensor | None:
        """One-hot labels, if the model is class-conditional."""
        if not self.config.classes:
            return None
        return F.one_hot(batch["label"], self.config.classes).float()

    def phases(self) -> Sequence[Phase]:
        """Adds R1 to the discriminator."""
        discriminator, generator = super().phases()
        r1 = Phase("r1", self.discriminator, self.r1_loss, interval=R1_EVERY, needs_fakes=False)
        return (discriminator, *[r1] * bool(self.config.r1), generator)

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Real and fake in separate passes: the minibatch standard deviation mixes rows."""
        condition = self.condition(batch)
        real = self.discriminator(batch["real"], condition)
        return {"adv": losses.minimax_d(real, self.discriminator(fake, condition))}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {"adv": losses.nonsaturating_g(self.discriminator(fake, self.condition(batch)))}

    def r1_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """R1: the squared gradient on real images (Mescheder et al. 2018)."""
        condition = self.condition(batch)
        penalty = losses.zero_centered_penalty(
            lambda images: self.discriminator(images, condition), batch["real"]
        )
        return {"penalty": self.config.r1 * penalty}
