"""The toys themselves: a sound GAN of 8 x 8 images, and what can be wrong with it."""

import random
from dataclasses import replace

import torch
from torch import nn

from ganzoo import GAN, Phase, SampleInput, SampleSpec, losses
from ganzoo.spec.sample import LATENT

IMAGE = (1, 8, 8)
PIXELS = 64


class Sound(GAN):
    """Meets every requirement."""

    sample_spec = SampleSpec(IMAGE)

    def __init__(self, config):
        super().__init__(config)
        self.generator = nn.Sequential(
            nn.Linear(config.latent, config.width),
            nn.BatchNorm1d(config.width),
            nn.LeakyReLU(0.2),
            nn.Linear(config.width, PIXELS),
            *self.head(),
            nn.Unflatten(1, IMAGE),
        )
        self.discriminator = nn.Sequential(
            nn.Flatten(),
            nn.Linear(PIXELS, config.width),
            nn.LeakyReLU(0.2),
            nn.Linear(config.width, 1),
        )

    def head(self):
        return [nn.Tanh()]

    def discriminator_loss(self, batch, fake):
        real, fake = self.discriminator(batch["real"]), self.discriminator(fake)
        return {"adv": losses.minimax_d(real, fake)}

    def generator_loss(self, batch, fake):
        return {"adv": losses.nonsaturating_g(self.discriminator(fake))}


class ReadsTensorsWhenBuilt(Sound):
    """A rate for each layer, computed as many a drop path is."""

    def __init__(self, config):
        super().__init__(config)
        self.rates = [rate.item() for rate in torch.linspace(0, 0.1, 3)]


class DoublesItsStyles(Sound):
    """Samples of its w are not those of the latents that w comes from."""

    inputs = (LATENT, SampleInput("w", "intermediate latents"))

    def styles(self, batch):
        return 2 * batch["latent"][:, None]

    def generate(self, batch):
        return self.generator(batch["w"] if "w" in batch else batch["latent"])


class Unbounded(Sound):
    def head(self):
        return []


class Centred(nn.Module):
    def forward(self, rows):
        return rows - rows.mean(0)


class ReadsWhatIsNotDeclared(Sound):
    """Conditional on a label, which nobody can give."""

    def prior(self, n):
        return {**super().prior(n), "label": torch.randint(2, (n,))}

    def generate(self, batch):
        return self.generator(batch["latent"] + batch["label"][:, None])


class CentredByBatch(Sound):
    def head(self):
        return [Centred(), nn.Tanh()]


class Counter(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, rows):
        self.calls += 1
        return rows


class CountsItsSamples(Sound):
    def head(self):
        return [Counter(), nn.Tanh()]


class ShiftOutsideTheGenerator(Sound):
    def __init__(self, config):
        super().__init__(config)
        self.register_buffer("shift", torch.rand(IMAGE))

    def generate(self, batch):
        return self.generator(batch["latent"]) * self.shift


class KeepsTheLastFake(Sound):
    def generator_loss(self, batch, fake):
        self.last = fake
        return super().generator_loss(batch, fake)


class Unreduced(Sound):
    def generator_loss(self, batch, fake):
        return {"adv": nn.functional.softplus(-self.discriminator(fake)).flatten()}

    def discriminator_loss(self, batch, fake):
        real, fake = self.discriminator(batch["real"]), self.discriminator(fake)
        each = nn.functional.softplus(-real) + nn.functional.softplus(fake)
        return {"adv": each.flatten()}


class ClipsTheOther(Sound):
    """Clips the critic where the generator is trained (Arjovsky et al. 2017, at a wrong place)."""

    def generator_loss(self, batch, fake):
        with torch.no_grad():
            for parameter in self.discriminator.parameters():
                parameter.clamp_(-0.05, 0.05)
        return super().generator_loss(batch, fake)


class TrainedTwice(Sound):
    """As InfoGAN does, on purpose."""

    def __init__(self, config):
        super().__init__(config)
        self.reader = nn.Sequential(nn.Flatten(), nn.Linear(PIXELS, config.latent))

    def phases(self):
        both = nn.ModuleList([self.generator, self.reader])
        return *super().phases(), Phase("information", both, self.information)

    def information(self, batch, fake):
        return {"latent": (self.reader(fake) - batch["latent"]).square().mean()}


class DrawnElsewhere(Sound):
    """Initialised from Python's own random numbers, which no seed of ours reaches."""

    def __init__(self, config):
        super().__init__(config)
        with torch.no_grad():
            self.discriminator[1].bias.fill_(random.random())


class HiddenProjection(Sound):
    """A random projection that is no buffer."""

    def __init__(self, config):
        super().__init__(config)
        self.projection = torch.randn(PIXELS, PIXELS) / 8

    def discriminator_loss(self, batch, fake):
        return super().discriminator_loss({"real": self.seen(batch["real"])}, self.seen(fake))

    def generator_loss(self, batch, fake):
        return super().generator_loss(batch, self.seen(fake))

    def seen(self, images):
        return images.flatten(1) @ self.projection


class CountsInPython(Sound):
    """A weight that decays with each call, and begins anew in each process."""

    def __init__(self, config):
        super().__init__(config)
        self.calls = 0

    def discriminator_loss(self, batch, fake):
        self.calls += 1
        terms = super().discriminator_loss(batch, fake)
        return {"adv": terms["adv"] / self.calls}


class RemembersLogits(Sound):
    """Writes logits of autocast's type into a buffer of another one."""

    def __init__(self, config):
        super().__init__(config)
        self.register_buffer("seen", torch.zeros(64, 1))

    def discriminator_loss(self, batch, fake):
        places = torch.arange(len(fake))
        self.seen.index_put_((places,), self.discriminator(fake).detach())
        return super().discriminator_loss(batch, fake)


class BranchesOnItsLoss(Sound):
    def generator_loss(self, batch, fake):
        value = super().generator_loss(batch, fake)["adv"]
        return {"adv": value if value < 1 else value / 2}


class ClimbsItsLoss(Sound):
    """Both losses have the right value and the wrong gradient."""

    def phases(self):
        return [replace(phase, loss=reversed_(phase.loss)) for phase in super().phases()]


def reversed_(loss):
    def climbs(batch, fake):
        return {name: 2 * value.detach() - value for name, value in loss(batch, fake).items()}

    return climbs
