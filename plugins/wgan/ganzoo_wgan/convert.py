"""Weights of xyfJASON/GANs-Implementations."""

from ganzoo.hub.conversion import Converted, ForeignState
from ganzoo.hub.strided_files import strided_discriminator, strided_generator
from ganzoo_wgan import Config


def blocks(state: ForeignState) -> Converted | None:
    """Files with a generator ``G.`` and a critic ``D.``, which has batch norm as here."""
    generator = strided_generator(state.part("G."), state.name)
    found = strided_discriminator(state.part("D."), state.name)
    if generator is None or found is None:
        return None
    latent, _, start, _ = generator["1.weight"].shape
    end = max(int(name.split(".")[0]) for name in generator)
    width, channels = generator[f"{end}.weight"].shape[:2]
    size = start * 2 ** ((end - 1) // 3)
    rest = {f"discriminator.{name}": tensor for name, tensor in found.items()}
    return Converted(Config(channels, size, latent, width, outer_bias=True), generator, rest)
