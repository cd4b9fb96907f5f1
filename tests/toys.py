"""Eleven tiny GANs, one of each family that the contract must carry; tests go over all of them.

They keep the contract honest: a change of the trainer that breaks one of them is wrong.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo import (
    GAN,
    Batch,
    Dataset,
    Losses,
    ModelConfig,
    Optimizer,
    Phase,
    Recipe,
    SampleInput,
    SampleSpec,
    losses,
)
from ganzoo.runtime import seeds
from ganzoo.spec.sample import LABEL, LATENT

ROWS = 96
IMAGE = (1, 8, 8)
PIXELS = 64
CLASSES = 4
SAMPLES = 32
"""Of a waveform."""
TOKENS, WORDS = 6, 5
"""Length of a text, and size of its vocabulary."""
SOURCE = SampleInput("source", "images to translate", required=True)


@dataclass(frozen=True)
class Config(ModelConfig):
    """What all toys are built from."""

    latent: int = 6
    width: int = 24


@dataclass(frozen=True)
class Toy:
    """A model, data that it can learn, and how it is trained."""

    name: str
    model: Callable[[Config], GAN]
    dataset: Callable[[], Dataset]
    recipe: Recipe

    def make(self) -> GAN:
        """A fresh one, with the same weights each time."""
        with seeds.fork_rng(torch.device("cpu"), seeds.mix("toy", self.name)):
            return self.model(Config())


def perceptron(*widths: int) -> nn.Sequential:
    """Linear layers of these widths, leaky ReLU between them."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        layers += [nn.Linear(inputs, outputs), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers[:-1])


def painter(*widths: int) -> nn.Sequential:
    """A perceptron whose output is an image."""
    return nn.Sequential(perceptron(*widths, PIXELS), nn.Tanh(), nn.Unflatten(1, IMAGE))


def convolutions(inputs: int, width: int, outputs: int) -> nn.Sequential:
    """Images to images of the same size, not yet in [-1, 1]."""
    return nn.Sequential(
        nn.Conv2d(inputs, width, 3, padding=1),
        nn.BatchNorm2d(width),
        nn.LeakyReLU(0.2),
        nn.Conv2d(width, outputs, 3, padding=1),
    )


class Picture(GAN):
    """Base of the toys that make images of one size."""

    sample_spec = SampleSpec(IMAGE)


class Vanilla(Picture):
    """Goodfellow et al. (2014): two losses and nothing else."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator: nn.Module = painter(config.latent, config.width)
        self.discriminator: nn.Module = nn.Sequential(
            nn.Flatten(), perceptron(PIXELS, config.width, 1)
        )

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        real, fake = self.discriminator(batch["real"]), self.discriminator(fake)
        return {"adv": losses.minimax_d(real, fake)}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {"adv": losses.nonsaturating_g(self.discriminator(fake))}


class WGANGP(Vanilla):
    """Gulrajani et al. (2017): the critic runs five times; its penalty mixes real and fake."""

    def prior(self, n: int) -> Batch:
        return {**super().prior(n), "mix": torch.rand(n)}

    def phases(self) -> Sequence[Phase]:
        critic, generator = super().phases()
        return replace(critic, repeat=5), generator

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        critic, real = self.discriminator, batch["real"]
        return {
            "adv": losses.wasserstein_d(critic(real), critic(fake)),
            "penalty": 10 * losses.gradient_penalty(critic, real, fake, batch["mix"]),
        }

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {"adv": losses.wasserstein_g(self.discriminator(fake))}


class StyleGAN2(Vanilla):
    """Karras et al. (2020): a mapping network, and two penalties that run only now and then."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        mapping = perceptron(config.latent, config.width, config.width)
        synthesis = painter(config.width, config.width)
        self.generator = nn.Sequential(OrderedDict(mapping=mapping, synthesis=synthesis))
        self.register_buffer("mean_length", torch.zeros(()))

    def prior(self, n: int) -> Batch:
        return {**super().prior(n), "direction": torch.randn(n, *IMAGE)}

    def phases(self) -> Sequence[Phase]:
        discriminator, generator = super().phases()
        r1 = Phase("r1", self.discriminator, self.r1, interval=16, needs_fakes=False)
        path = Phase("path", self.generator, self.path_length, interval=4, needs_fakes=False)
        return discriminator, r1, generator, path

    def r1(self, batch: Batch, fake: Tensor) -> Losses:
        return {"r1": losses.zero_centered_penalty(self.discriminator, batch["real"])}

    def path_length(self, batch: Batch, fake: Tensor) -> Losses:
        """E (|| J^T y || - a)^2, a the running mean of these lengths (equation 4)."""
        style = self.generator.mapping(batch["latent"])
        projected = (self.generator.synthesis(style) * batch["direction"]).sum() / PIXELS**0.5
        (gradient,) = torch.autograd.grad(projected, style, create_graph=True)
        lengths = torch.linalg.vector_norm(gradient, dim=1)
        self.mean_length += 0.01 * (lengths.detach().mean() - self.mean_length)
        return {"length": (lengths - self.mean_length).square().mean()}


class R3GAN(Vanilla):
    """Huang et al. (2024): real and fake in pairs, for the generator too; R1 and R2."""

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        critic, real = self.discriminator, batch["real"]
        return {
            "adv": losses.relativistic_d(critic(real), critic(fake)),
            "r1": losses.zero_centered_penalty(critic, real),
            "r2": losses.zero_centered_penalty(critic, fake),
        }

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        real = self.discriminator(batch["real"])
        return {"adv": losses.relativistic_g(real, self.discriminator(fake))}


class Conditional(Picture):
    """Mirza and Osindero (2014): both players are told the class."""

    inputs = (LATENT, LABEL)
    num_classes = CLASSES

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = painter(config.latent + CLASSES, config.width)
        self.discriminator = ClassDiscriminator(perceptron(PIXELS + CLASSES, config.width, 1))

    def prior(self, n: int) -> Batch:
        return {**super().prior(n), "label": torch.randint(CLASSES, (n,))}

    def generate(self, batch: Batch) -> Tensor:
        return self.generator(with_class(batch["latent"], batch["label"]))

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        label = batch["label"]
        real, fake = self.discriminator(batch["real"], label), self.discriminator(fake, label)
        return {"adv": losses.hinge_d(real, fake)}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {"adv": losses.wasserstein_g(self.discriminator(fake, batch["label"]))}


class ClassDiscriminator(nn.Sequential):
    """Images and their classes to scores."""

    def forward(self, images: Tensor, label: Tensor) -> Tensor:
        return super().forward(with_class(images, label))


def with_class(rows: Tensor, label: Tensor) -> Tensor:
    """Rows, flat, and their class beside them as one of CLASSES."""
    return torch.cat([rows.flatten(1), F.one_hot(label, CLASSES).to(rows.dtype)], 1)


class Pix2Pix(Picture):
    """Isola et al. (2017): from source to real, judged as a pair; dropout is the only noise."""

    inputs = (SOURCE,)

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = nn.Sequential(nn.Dropout(0.2), convolutions(1, 8, 1), nn.Tanh())
        self.discriminator = PairDiscriminator(convolutions(2, 8, 1))

    def prior(self, n: int) -> Batch:
        return {}

    def generate(self, batch: Batch) -> Tensor:
        return self.generator(batch["source"])

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        source = batch["source"]
        real, fake = self.discriminator(batch["real"], source), self.discriminator(fake, source)
        return {"adv": losses.least_squares_d(real, fake)}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {
            "adv": losses.least_squares_g(self.discriminator(fake, batch["source"])),
            "l1": 10 * F.l1_loss(fake, batch["real"]),
        }


class PairDiscriminator(nn.Sequential):
    """Images and their sources to scores of patches."""

    def forward(self, images: Tensor, source: Tensor) -> Tensor:
        return super().forward(torch.cat([source, images], 1))


class Inpainting(Pix2Pix):
    """Pathak et al. (2016): source is real with a hole, and mask is 1 in the hole."""

    inputs = (SOURCE, SampleInput("mask", "1 where a pixel is missing", required=True))

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = nn.Sequential(convolutions(2, 8, 1), nn.Tanh())

    def generate(self, batch: Batch) -> Tensor:
        source, mask = batch["source"], batch["mask"]
        painted = self.generator(torch.cat([source, mask], 1))
        return painted * mask + source * (1 - mask)


class CycleGAN(Picture):
    """Zhu et al. (2017): source and real are two domains, unpaired; each way there is a player."""

    inputs = (SOURCE,)

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = nn.ModuleDict(
            {way: nn.Sequential(convolutions(1, 8, 1), nn.Tanh()) for way in ("there", "back")}
        )
        self.discriminator = nn.ModuleDict(
            {domain: convolutions(1, 8, 1) for domain in ("real", "source")}
        )
        self.replays = nn.ModuleDict({domain: Replay(48) for domain in ("real", "source")})

    def prior(self, n: int) -> Batch:
        return {}

    def generate(self, batch: Batch) -> Tensor:
        """Both ways, (2, N, ...), as the discriminators see them; there alone without ``real``."""
        there = self.generator["there"](batch["source"])
        if "real" not in batch:
            return there
        return torch.stack([there, self.generator["back"](batch["real"])])

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {
            domain: losses.least_squares_d(
                self.discriminator[domain](batch[domain]),
                self.discriminator[domain](self.replays[domain](images)),
            )
            for domain, images in zip(("real", "source"), fake, strict=True)
        }

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        there, back = fake
        return {
            "there": losses.least_squares_g(self.discriminator["real"](there)),
            "back": losses.least_squares_g(self.discriminator["source"](back)),
            "cycle_source": 10 * F.l1_loss(self.generator["back"](there), batch["source"]),
            "cycle_real": 10 * F.l1_loss(self.generator["there"](back), batch["real"]),
        }


class Replay(nn.Module):
    """Shows half of the fakes as they are, and older ones for the other half (Zhu et al. 2017)."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.register_buffer("images", torch.zeros(size, *IMAGE))
        self.register_buffer("filled", torch.zeros(size, dtype=torch.bool))

    def forward(self, fake: Tensor) -> Tensor:
        slots = torch.randperm(len(self.images))[: len(fake)]
        old, filled = self.images[slots], self.filled[slots]
        swap = torch.rand(len(fake)) < 0.5
        self.images[slots] = torch.where(rows(swap | ~filled), fake, old)
        self.filled[slots] = True
        return torch.where(rows(swap & filled), old, fake)


def rows(chosen: Tensor) -> Tensor:
    """A flag a row, (N,), in the shape that meets images."""
    return chosen.view(-1, 1, 1, 1)


class Audio(Vanilla):
    """Donahue et al. (2019), in small: waveforms, (N, 1, T), by convolutions in time."""

    sample_spec = SampleSpec((1, SAMPLES), rate=100)

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = nn.Sequential(
            perceptron(config.latent, 8 * SAMPLES // 4),
            nn.Unflatten(1, (8, SAMPLES // 4)),
            nn.LeakyReLU(0.2),
            nn.ConvTranspose1d(8, 1, 8, stride=4, padding=2),
            nn.Tanh(),
        )
        self.discriminator = nn.Sequential(
            nn.Conv1d(1, 8, 8, stride=4, padding=2),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(8 * SAMPLES // 4, 1),
        )


class Text(GAN):
    """Kusner and Hernández-Lobato (2016): relaxed tokens; maximum likelihood comes first."""

    WARM_UP = 8
    """Steps of the batch size that all toys have."""
    sample_spec = SampleSpec((TOKENS,), vocabulary=WORDS)

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = nn.Sequential(
            perceptron(config.latent, config.width, TOKENS * WORDS),
            nn.Unflatten(1, (TOKENS, WORDS)),
        )
        self.discriminator = nn.Sequential(
            nn.Flatten(), perceptron(TOKENS * WORDS, config.width, 1)
        )

    def prior(self, n: int) -> Batch:
        gumbel = -torch.empty(n, TOKENS, WORDS).exponential_().log()
        return {**super().prior(n), "gumbel": gumbel}

    def generate(self, batch: Batch) -> Tensor:
        """Almost one-hot, (N, TOKENS, WORDS)."""
        return ((self.generator(batch["latent"]) + batch["gumbel"]) / 0.5).softmax(-1)

    def decode(self, output: Tensor) -> Tensor:
        return output.argmax(-1)

    def phases(self) -> Sequence[Phase]:
        end = self.WARM_UP * PLAIN.batch
        likelihood = Phase(
            "likelihood", self.generator, self.likelihood, needs_fakes=False, end=end
        )
        return likelihood, *(replace(phase, start=end) for phase in super().phases())

    def likelihood(self, batch: Batch, fake: Tensor) -> Losses:
        logits = self.generator(batch["latent"])
        return {"nll": F.cross_entropy(logits.flatten(0, 1), batch["real"].flatten())}

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        real = F.one_hot(batch["real"], WORDS).to(fake.dtype)
        return {"adv": losses.minimax_d(self.discriminator(real), self.discriminator(fake))}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        return {"adv": losses.nonsaturating_g(self.discriminator(fake))}


class InfoGAN(Vanilla):
    """Chen et al. (2016): a third phase, in which generator and head agree on a code."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = painter(config.latent + CLASSES, config.width)
        self.head = nn.Sequential(nn.Flatten(), perceptron(PIXELS, config.width, CLASSES))

    def prior(self, n: int) -> Batch:
        return {**super().prior(n), "code": torch.randint(CLASSES, (n,))}

    def generate(self, batch: Batch) -> Tensor:
        return self.generator(with_class(batch["latent"], batch["code"]))

    def phases(self) -> Sequence[Phase]:
        both = nn.ModuleList([self.generator, self.head])
        return *super().phases(), Phase("information", both, self.information)

    def information(self, batch: Batch, fake: Tensor) -> Losses:
        """The bound on mutual information (equation 5), negated."""
        return {"code": F.cross_entropy(self.head(fake), batch["code"])}


def seeded() -> torch.Generator:
    """The same draws for each data set, whatever was drawn elsewhere."""
    return torch.Generator().manual_seed(0)


def pictures() -> Dataset:
    """Slopes of four steepnesses, labelled, each row with noise of its own."""
    label = torch.arange(ROWS) % CLASSES
    slope = torch.linspace(0, 60, 8) * (1 + label.view(-1, 1, 1, 1))
    noise = torch.randint(16, (ROWS, *IMAGE), generator=seeded())
    real = (slope + noise).clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)
    return Dataset("pictures", {"real": real, "label": label})


def unlabelled() -> Dataset:
    return Dataset("unlabelled", {"real": pictures().columns["real"]})


def pairs() -> Dataset:
    """A source and its negative."""
    source = pictures().columns["real"]
    return Dataset("pairs", {"real": 255 - source, "source": source})


def domains() -> Dataset:
    """Two domains whose rows have nothing to do with each other, nor are they equally many."""
    columns = {"real": pairs().columns["real"], "source": pairs().columns["source"][: ROWS - 9]}
    return Dataset("domains", columns, unpaired=("source",))


def holes() -> Dataset:
    """Pictures of which a quarter is missing."""
    real = pictures().columns["real"]
    mask = torch.zeros(ROWS, *IMAGE)
    mask[:, :, 2:6, 2:6] = 1
    source = real * (1 - mask).to(torch.uint8).permute(0, 2, 3, 1)
    return Dataset("holes", {"real": real, "source": source, "mask": mask})


def waves() -> Dataset:
    """Sines of some frequency and phase."""
    frequency, phase = torch.rand(2, ROWS, 1, 1, generator=seeded())
    time = torch.linspace(0, 6.28, SAMPLES)
    return Dataset("waves", {"real": torch.sin((1 + 2 * frequency) * time + 6.28 * phase)})


def texts() -> Dataset:
    """Counting, from any token on."""
    start = torch.randint(WORDS, (ROWS, 1), generator=seeded())
    return Dataset("texts", {"real": (start + torch.arange(TOKENS)) % WORDS})


PLAIN = Recipe(data="none", kimg=1, batch=16, optimizer=Optimizer(lr=2e-3), ema_kimg=0.1)
STYLE = Optimizer(lr=2e-3, betas=(0.0, 0.99))

TOYS = (
    Toy("vanilla", Vanilla, unlabelled, PLAIN),
    Toy("wgan-gp", WGANGP, unlabelled, replace(PLAIN, optimizer=STYLE)),
    Toy("stylegan2", StyleGAN2, unlabelled, replace(PLAIN, optimizer=STYLE, mirror=True)),
    Toy("r3gan", R3GAN, unlabelled, replace(PLAIN, fresh_fakes=True)),
    Toy("conditional", Conditional, pictures, PLAIN),
    Toy("pix2pix", Pix2Pix, pairs, PLAIN),
    Toy("cyclegan", CycleGAN, domains, PLAIN),
    Toy("inpainting", Inpainting, holes, PLAIN),
    Toy("audio", Audio, waves, PLAIN),
    Toy("text", Text, texts, PLAIN),
    Toy("infogan", InfoGAN, unlabelled, PLAIN),
)
