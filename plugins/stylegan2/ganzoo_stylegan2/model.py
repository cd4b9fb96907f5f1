"""StyleGAN2: non-saturating loss, lazy R1, path length regularization, style mixing."""

from collections.abc import Mapping, Sequence
from math import sqrt

import torch
import torch.nn.functional as F
from torch import Tensor

from ganzoo import GAN, Batch, Losses, Phase, SampleInput, layers, losses
from ganzoo.errors import ConfigError
from ganzoo.spec.sample import LABEL, LATENT
from ganzoo_stylegan2 import Config
from ganzoo_stylegan2.networks import Generator

R1_EVERY, PATH_EVERY = 16, 4
"""Steps between the regularizers (lazy regularization)."""
PATH_DECAY = 0.01
"""Share of the present batch in the running mean of path lengths."""

TRUNCATION = SampleInput(
    "truncation", "distance of w from its mean, relative: 1 changes nothing, 0 gives the mean"
)
CUTOFF = SampleInput("cutoff", "number of layers, coarsest first, that truncation applies to")


class StyleGAN2(GAN):
    """Karras et al. (2020)."""

    config: Config
    generator: Generator
    path_mean: Tensor

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = Generator(config)
        self.discriminator = layers.StyleDiscriminator(
            config.channels,
            config.size,
            config.widths,
            config.discriminator,
            config.classes,
            config.label_mapping,
            config.clamp,
            config.group,
            config.group_maps,
        )
        self.register_buffer("path_mean", torch.zeros(()))

    @property
    def inputs(self) -> tuple[SampleInput, ...]:
        shape = f"(n, {self.config.w_dim}) or (n, {self.config.layers}, {self.config.w_dim})"
        w = SampleInput("w", f"intermediate latents {shape}, instead of latent and label")
        label = (LABEL,) if self.config.classes else ()
        return (LATENT, *label, TRUNCATION, CUTOFF, w)

    @property
    def noise_maps(self) -> Mapping[str, Tensor]:
        if self.config.noise == "none":
            return {}
        return {name: each for name, each in self.named_buffers() if name.endswith(".noise")}

    def prior(self, n: int) -> Batch:
        """Latents and labels; in training also second latents, and the layer where they begin."""
        config = self.config
        rows = {"latent": torch.randn(n, config.latent)}
        if config.classes:
            rows["label"] = torch.randint(config.classes, (n,))
        if self.training and config.mixing:
            rows["second_latent"] = torch.randn(n, config.latent)
            crossover = torch.randint(1, config.layers, (n,))
            mixed = torch.rand(n) < config.mixing
            rows["crossover"] = torch.where(mixed, crossover, config.layers)
        return rows

    def generate(self, batch: Batch) -> Tensor:
        fake: Tensor = self.generator.synthesis(self.styles(batch))
        return fake

    def decode(self, output: Tensor) -> Tensor:
        return output.clamp(-1, 1)

    def styles(self, batch: Batch) -> Tensor:
        """w of each layer, (N, layers, w_dim), from the inputs of `sample`."""
        w = self._mixed(batch) if "w" not in batch else self._given(batch["w"])
        if "truncation" in batch:
            if batch["truncation"].ndim > 1:
                raise ConfigError("truncation must be a number, or one for each sample")
            places = torch.arange(self.config.layers, device=w.device)
            rate = batch["truncation"].to(w.dtype).view(-1, 1).expand(-1, len(places))
            if "cutoff" in batch:
                rate = torch.where(places < batch["cutoff"].view(-1, 1), rate, 1.0)
            w = self.generator.mapping.w_avg.lerp(w, rate[:, :, None])
        return w

    def _mixed(self, batch: Batch) -> Tensor:
        count = self.config.layers
        condition = self.condition(batch)
        if "second_latent" not in batch:
            w: Tensor = self.generator.mapping(batch["latent"], condition)
            return w[:, None].expand(-1, count, -1)
        latents = torch.cat([batch["latent"], batch["second_latent"]])
        condition = None if condition is None else condition.repeat(2, 1)
        first, second = self.generator.mapping(latents, condition)[:, None].chunk(2)
        places = torch.arange(count, device=latents.device)
        own = places < batch["crossover"][:, None]
        return torch.where(own[:, :, None], first, second)

    def _given(self, w: Tensor) -> Tensor:
        count, width = self.config.layers, self.config.w_dim
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
        """Adds R1 to the discriminator and path length regularization to the generator."""
        discriminator, generator = super().phases()
        r1 = Phase("r1", self.discriminator, self.r1_loss, interval=R1_EVERY, needs_fakes=False)
        path = Phase("path", self.generator, self.path_loss, interval=PATH_EVERY, needs_fakes=False)
        return (
            *(discriminator, *[r1] * bool(self.config.r1)),
            *(generator, *[path] * bool(self.config.path_length)),
        )

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

    def path_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Deviation of ||J_w^T y|| from its running mean, over half of the batch (section 3.2)."""
        half = {name: rows[: (len(rows) + 1) // 2] for name, rows in batch.items()}
        with torch.autocast(self.path_mean.device.type, enabled=False):
            w = self.styles(half)
            images = self.generator.synthesis(w)
            y = torch.randn_like(images) / sqrt(images[0, 0].numel())
            (slope,) = torch.autograd.grad((images * y).sum(), w, create_graph=True)
            lengths = slope.square().sum(2).mean(1).sqrt()
            mean = self.path_mean.lerp(lengths.detach().mean(), PATH_DECAY)
            self.path_mean.copy_(mean)
            return {"penalty": self.config.path_length * (lengths - mean).square().mean()}
