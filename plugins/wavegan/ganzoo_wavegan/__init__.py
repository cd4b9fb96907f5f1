"""WaveGAN: raw audio with long filters and strides of four (Donahue et al. 2019)."""

from dataclasses import dataclass
from typing import Annotated

from ganzoo import DatasetSpec, Deviation, ExtractorSpec, ModelConfig, ModelSpec, Optimizer, Paper
from ganzoo.errors import ConfigError
from ganzoo.spec import Preset, Protocol, Recipe, Weights
from ganzoo.spec.configs import Count, CriticUpdates, Latent
from ganzoo.spec.deviations import AVERAGED_GENERATOR
from ganzoo.spec.fields import AtLeast, Between, Doubled

START = 16
"""Length of the first maps of the generator, and of the last ones of the critic."""


@dataclass(frozen=True)
class Config(ModelConfig):
    """Waveforms, networks, phase shuffle, gradient penalty and critic updates."""

    channels: Annotated[Count, "1 for mono, 2 for stereo"] = 1
    length: Annotated[
        int, Doubled(START, START, times=3), "samples of a waveform: 16, doubled 3 times or more"
    ] = 16_384
    rate: Annotated[Count, "samples per second"] = 16_000
    latent: Latent = 100
    width: Annotated[Count, "feature maps next to the waveform; doubled with each layer"] = 64
    kernel: Annotated[int, AtLeast(3), "length of the filters in samples, an odd number"] = 25
    shuffle: Annotated[int | None, Between(1, START - 1), "largest phase shuffle; none: off"] = 2
    penalty: Annotated[float, "weight of the gradient penalty, lambda"] = 10.0
    critic_updates: CriticUpdates = 5

    def check(self) -> None:
        if self.kernel % 2 == 0:
            raise ConfigError(f"kernel={self.kernel}: must be odd")

    @property
    def strides(self) -> tuple[int, ...]:
        """Factor by which each of the generator's layers lengthens the waveform."""
        doublings = max(0, (self.length // START).bit_length() - 1)
        return (4,) * (doublings // 2) + (2,) * (doublings % 2)

    @property
    def widths(self) -> tuple[int, ...]:
        """Feature maps after the critic's layers; reversed, before the generator's."""
        return tuple(self.width << layer for layer in range(len(self.strides)))


tones = DatasetSpec(
    "ganzoo_wavegan.notes:load",
    "Ten synthetic notes, a quarter of a second each, at 4 kHz.",
    "Apache-2.0",
)
ears = ExtractorSpec(
    "ganzoo_wavegan.hearing:build",
    "64 features of a classifier of the ten notes of the data set tones.",
    "Apache-2.0",
    sha256="ef0d4a078f0c3c451f84acbb15398361ea96f9620f736f7efae1246056be8ffb",
    shape=(1, 1024),
)
spec = ModelSpec(
    model="ganzoo_wavegan.model:WaveGAN",
    summary="Raw audio: a one-dimensional DCGAN with phase shuffle and a gradient penalty.",
    paper=Paper(
        "Donahue et al.", 2019, "Adversarial Audio Synthesis", "https://arxiv.org/abs/1802.04208"
    ),
    license="Apache-2.0",
    presets={
        "tones": Preset(
            Config(length=1024, rate=4000, latent=32, width=16),
            Recipe(
                data="tones",
                kimg=150,
                batch=32,
                optimizer=Optimizer(lr=3e-3, betas=(0.5, 0.9), schedule="linear"),
                ema_kimg=2,
            ),
            protocol=Protocol(
                "tones",
                extractor="tones",
                n=2000,
                metrics=("fd", "is", "prdc", "duplicates"),
                data="tones",
                data_sha256="6b6690fb424bc4ea5755993ade39f70cb5893968e3c182f36758385cf6d75bf9",
                extractor_sha256=ears.sha256,
                quantise="none",
                summary="notes: 64 features of a classifier, against the 8,000 of tones train",
            ),
            weights=Weights("591a3f5e5c11b899219a1c918caac49e6881f6752aa4872ec4cb3015c3f0ced2"),
            description="ten notes, a quarter of a second at 4 kHz",
        ),
        "sc09": Preset(
            Config(),
            Recipe(data="audio:sc09", kimg=12_800, optimizer=Optimizer(lr=1e-4, betas=(0.5, 0.9))),
            description="spoken digits, a second at 16 kHz; the paper's networks",
        ),
    },
    deviations=(
        Deviation(
            "phase shuffle is drawn for each row, not once for the batch",
            "random numbers must not depend on how a batch is split over processes",
        ),
        Deviation(
            "convolutions are padded equally on both sides, not by one sample more on the right",
            "lengths are the same; nothing depends on which sample is the middle",
        ),
        Deviation(
            "long recordings are always cut at the same places, not from a random start",
            "rows of data are fixed for all models of ganzoo",
        ),
        AVERAGED_GENERATOR,
        Deviation(
            "tones: three layers of 16 to 64 maps instead of five of 64 to 1024",
            "a quarter of a second at 4 kHz is short; trains on a CPU",
        ),
        Deviation(
            "tones: batches of 32, learning rate from 3e-3 to 0",
            "after 100 seconds on a CPU batches of 64 were worse, and 1e-3 even worse (one seed"
            " each)",
        ),
    ),
    healthy="discriminator/adv is minus the Wasserstein estimate: on tones it falls to -5 in the"
    " first thousands of waveforms, is -2.4 after 15 thousand and -0.9 from 100 thousand on."
    " discriminator/penalty falls from 0.8 to 0.1. generator/adv has no scale and may drift.",
    task="other",
)
