"""Context encoder: random holes, inpainting, reconstruction and adversarial loss."""

from dataclasses import replace

import torch
from torch import Tensor

from ganzoo import GAN, Batch, Dataset, Losses, SampleInput, layers, losses
from ganzoo_context_encoder import Config
from ganzoo_context_encoder.networks import encoder_decoder


class ContextEncoder(GAN):
    """Pathak et al. (2016): pixels where the mask is 1 are generated, all others are kept."""

    config: Config
    inputs = (
        SampleInput("source", "images to repair, (n, C, H, W) in [-1, 1]", required=True),
        SampleInput("mask", "1 where a pixel is missing, 0 elsewhere, (n, 1, H, W)"),
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = encoder_decoder(config)
        self.discriminator = layers.StridedDiscriminator(
            config.channels, config.size, config.widths
        )
        layers.normal_init(self)

    def prior(self, n: int) -> Batch:
        """Masks, (n, 1, size, size)."""
        size = self.config.size
        if self.config.holes == "centre":
            top = left = torch.full((n,), size // 4)
            height = width = torch.full((n,), size // 2)
        else:
            height, width = torch.randint(size // 4, 3 * size // 4 + 1, (2, n))
            top = (torch.rand(n) * (size - height + 1)).long()
            left = (torch.rand(n) * (size - width + 1)).long()
        mask = _between(top, height, size)[:, :, None] & _between(left, width, size)[:, None, :]
        return {"mask": mask[:, None].float()}

    def prepare_data(self, data: Dataset) -> Dataset:
        """Use the images as sources where the data have none; the mask hides part of them."""
        columns = data.columns
        if "source" in columns:
            return data
        return replace(data, columns={**columns, "source": columns["real"]})

    def generate(self, batch: Batch) -> Tensor:
        source, missing = batch["source"], batch["mask"]
        inpainted: Tensor = self.generator(source * (1 - missing))
        return inpainted * missing + source * (1 - missing)

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        real, fake = self.discriminator(batch["real"]), self.discriminator(fake)
        return {"adv": losses.minimax_d(real, fake)}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Equation 3: squared error in the hole, plus the adversarial loss."""
        weight, missing = self.config.adversarial, batch["mask"]
        error = ((fake - batch["real"]) * missing).square().sum()
        missed = (missing.sum() * self.config.channels).clamp_min(1)
        return {
            "adv": weight * losses.nonsaturating_g(self.discriminator(fake)),
            "l2": (1 - weight) * error / missed,
        }


def _between(first: Tensor, length: Tensor, size: int) -> Tensor:
    """True inside each of n spans: (n,) starts and lengths to (n, size)."""
    places, start = torch.arange(size), first[:, None]
    return (places >= start) & (places < start + length[:, None])
