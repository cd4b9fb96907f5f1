"""pix2pix: conditional adversarial loss and L1 loss, dropout as noise, sources of pairs."""

from collections.abc import Mapping
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ganzoo import GAN, Batch, Dataset, Losses, SampleInput, layers, losses
from ganzoo.errors import DataError
from ganzoo_pix2pix.config import Config
from ganzoo_pix2pix.edges import edges
from ganzoo_pix2pix.huggan import HugganUNet
from ganzoo_pix2pix.networks import UNet, pair_discriminator


class Pix2Pix(GAN):
    """Isola et al. (2017): source to real; the discriminator sees pairs."""

    config: Config
    inputs = (SampleInput("source", "images to translate, (n, C, H, W) in [-1, 1]", required=True),)

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.generator = HugganUNet(config) if config.networks == "huggan" else UNet(config)
        self.discriminator = pair_discriminator(config)
        layers.normal_init(self)

    def prior(self, n: int) -> Batch:
        """Dropout masks, the only noise (section 3.1).

        Drawn here and not in layers, because dropout is active at test time too, where a
        translation must not depend on its batch.
        """
        return {"kept": torch.rand(n, sum(self.config.noise)) >= self.config.dropout}

    def prepare_data(self, data: Dataset) -> Dataset:
        """The data with a column ``source``, as `Config.source` says.

        Raises:
            DataError: the data have no pairs, and edges were not asked for.
        """
        columns, wanted = data.columns, self.config.source
        if "source" not in columns and wanted == "edges":
            return replace(data, columns={**columns, "source": edges(columns["real"])})
        if "source" not in columns or "source" in data.unpaired:
            raise DataError(
                f"data {data.name}: no pairs of images in it; use pairs:PATH, or --set source=edges"
                " to learn from the edges of its images"
            )
        if wanted == "swapped":
            real, source = columns["source"], columns["real"]
            return replace(data, columns={**columns, "real": real, "source": source})
        return data

    def generate(self, batch: Batch) -> Tensor:
        output: Tensor = self.generator(batch["source"], batch["kept"])
        return output

    @property
    def no_augment(self) -> Mapping[str, str]:
        if self.config.networks != "huggan":
            return {}
        return {"ada": "its scores aim at 1 and 0, and ADA needs signs: use --augment diff"}

    def discriminator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Halved, which slows down the discriminator (section 3.3)."""
        source = batch["source"]
        real, fake = self.discriminator(batch["real"], source), self.discriminator(fake, source)
        if self.config.networks == "huggan":
            return {"adv": losses.least_squares_d(real, fake)}
        return {"adv": 0.5 * losses.minimax_d(real, fake)}

    def generator_loss(self, batch: Batch, fake: Tensor) -> Losses:
        """Equation 4; huggan's has least squares instead of the logarithms."""
        scores = self.discriminator(fake, batch["source"])
        squares = self.config.networks == "huggan"
        return {
            "adv": 2 * losses.least_squares_g(scores)
            if squares
            else losses.nonsaturating_g(scores),
            "l1": self.config.l1 * F.l1_loss(fake, batch["real"]),
        }
