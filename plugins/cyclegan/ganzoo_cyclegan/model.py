"""CycleGAN: two generators, two discriminators, least-squares and cycle losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganzoo import GAN, Batch, Losses, Phase, SampleInput, layers, losses
from ganzoo.errors import ConfigError
from ganzoo_cyclegan.config import Config
from ganzoo_cyclegan.networks import Discriminators, Pool, patch_discriminator, resnet_generator


class CycleGAN(GAN):
    """Zhu et al. (2017): ``there`` translates source to real, ``back`` translates real to source.

    Discriminators and pools are named after the domain whose images they see. Weights of one
    generator (`Config.directions`) have no translation back and no discriminator of sources.
    """

    config: Config
    generator: nn.ModuleDict
    discriminator: Discriminators
    pools: nn.ModuleDict
    inputs = (SampleInput("source", "images to translate, (n, C, H, W) in [-1, 1]", required=True),)

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        ways, domains = ("there", "back")[: 1 + config.both], ("real", "source")[: 1 + config.both]
        self.generator = nn.ModuleDict({way: resnet_generator(config) for way in ways})
        self.discriminator = Discriminators(
            {domain: patch_discriminator(config) for domain in domains}
        )
        self.pools = nn.ModuleDict(
            {each: Pool(config.pool, self.sample_spec.fixed_shape) for each in domains}
        )
        layers.normal_init(self)

    @property
    def no_augment(self) -> Mapping[str, str]:
        return {"ada": "its scores aim at 1 and 0, and ADA needs signs: use --augment diff"}

    def phases(self) -> Sequence[Phase]:
        """The discriminators, then the generators.

        Raises:
            ConfigError: there is no translation back, which the cycle-consistency loss needs.
        """
        if not self.config.both:
            raise ConfigError(
                "directions=there: weights of one generator cannot be trained, as the"
                " cycle-consistency loss needs the translation back; use --set directions=both"
            )
        return super().phases()

    def prior(self, n: int) -> Batch:
        return {}

    def generate(self, batch: Batch) -> Tensor:
        """Both translations, (2, N, ...), in training; only ``there`` without ``real``."""
        there: Tensor = self.generator["there"](batch["source"])
        if "real" not in batch or not self.config.both:
            return there
        return torch.stack([there, self.generator["back"](batch["real"])])

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Least squares, halved (section 4), on new fakes mixed with earlier ones."""
        return {
            domain: losses.least_squares_d(
                self.discriminator[domain](batch[domain]),
                self.discriminator[domain](self.pools[domain](images)),
            )
            for domain, images in zip(("real", "source"), fake, strict=True)
        }

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Equation 3, with least squares instead of the logarithms (section 4)."""
        there, back = fake
        real, source = batch["real"], batch["source"]
        terms = {
            "there": 2 * losses.least_squares_g(self.discriminator["real"](there)),
            "back": 2 * losses.least_squares_g(self.discriminator["source"](back)),
            "cycle_source": self._l1(source, "back", there),
            "cycle_real": self._l1(real, "there", back),
        }
        if self.config.identity:
            weight = self.config.identity
            terms["identity_real"] = weight * self._l1(real, "there", real)
            terms["identity_source"] = weight * self._l1(source, "back", source)
        return terms

    def reversed(self) -> CycleGAN:
        """The same networks with both directions exchanged: real images become the source.

        Raises:
            ConfigError: there is no translation back.
        """
        if not self.config.both:
            raise ConfigError("directions=there: this model has no translation back")
        with torch.device("meta"):
            other = type(self)(self.config)
        for name, (one, two) in {
            "generator": ("there", "back"),
            "discriminator": ("real", "source"),
            "pools": ("real", "source"),
        }.items():
            mine = getattr(self, name)
            setattr(other, name, type(mine)({one: mine[two], two: mine[one]}))
        return other.train(self.training)

    def _l1(self, target: Tensor, way: str, images: Tensor) -> Tensor:
        """L1 distance from the target to the translated images, weighted as a cycle."""
        return self.config.cycle * F.l1_loss(self.generator[way](images).float(), target)
