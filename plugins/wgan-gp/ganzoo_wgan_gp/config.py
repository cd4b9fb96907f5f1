"""Config of WGAN-GP."""

from dataclasses import dataclass
from typing import Annotated, Literal

from ganzoo.errors import ConfigError
from ganzoo.spec.configs import Count, Counts, CriticUpdates, Latent, StridedConfig
from ganzoo.spec.fields import AtLeast


@dataclass(frozen=True)
class Config(StridedConfig):
    """Residual, strided or progressive GAN's networks, gradient penalty and critic updates."""

    latent: Latent = 128
    width: Annotated[Count, "feature maps: everywhere (resnet), next to the image (conv)"] = 128
    network: Annotated[
        Literal["resnet", "conv", "pggan"], "residual, strided or progressive GAN's networks"
    ] = "resnet"
    penalty: Annotated[float, "weight of the gradient penalty, lambda"] = 10.0
    critic_updates: CriticUpdates = 5
    group: Annotated[Count, "rows of a minibatch standard deviation (conv); 1: none"] = 1
    widths: Annotated[
        Counts, "feature maps of each size, the smallest first (resnet, pggan); empty: width"
    ] = ()
    critic_widths: Annotated[
        Counts, "feature maps after each block of the critic (resnet); empty: width"
    ] = ()
    critic_halvings: Annotated[
        int, AtLeast(0), "blocks of the critic that halve the image (resnet); 0: down to 8 to 15"
    ] = 0
    upsampling: Annotated[
        Literal["nearest", "bilinear"], "interpolation in the generator (resnet)"
    ] = "nearest"
    relu_shortcut: Annotated[bool, "shortcuts of the critic start after the ReLU (resnet)"] = False

    def check(self) -> None:
        if self.widths and len(self.widths) != self.halvings + 1:
            raise ConfigError(
                f"widths={self.widths}: must be {self.halvings + 1} numbers, as size={self.size} is"
                f" doubled {self.halvings} times"
            )
        if self.critic_halvings > len(self.critic_widths or (1,) * self.default_blocks):
            raise ConfigError(f"critic_halvings={self.critic_halvings}: more than the blocks")

    @property
    def default_blocks(self) -> int:
        """Number of blocks of the critic, where ``critic_widths`` does not say it."""
        return max(3, self.halvings + 1)
