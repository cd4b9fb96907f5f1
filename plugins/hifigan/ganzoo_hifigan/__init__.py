"""HiFi-GAN and BigVGAN: waveforms from log-mel spectrograms (Kong et al. 2020; Lee et al. 2023)."""

from dataclasses import replace
from typing import Any

from ganzoo import DatasetSpec, Deviation, ModelSpec, Optimizer, Paper, Preset, Recipe, Weights
from ganzoo.spec.deviations import AVERAGED_GENERATOR
from ganzoo_hifigan.configs import BigConfig, Config
from ganzoo_hifigan.published import BIGVGAN, HIFIGAN, protocol

vowels = DatasetSpec(
    "ganzoo_hifigan.voices:load",
    "Synthesized voices that glide between vowels, half a second each, at 8 kHz.",
    "Apache-2.0",
)
SMALL: dict[str, Any] = {
    "rate": 8000,
    "mels": 32,
    "fft": 256,
    "window": 256,
    "high": None,
    "width": 64,
    "rates": (8, 4),
    "kernels": (16, 8),
    "block": 2,
    "block_kernels": (3, 7),
    "dilations": (1, 3, 1, 5),
    "periods": (2, 3),
    "period_widths": (8, 16, 32),
    "segment": 1024,
    "row": 4096,
}
"""Options for the data set vowels, that a CPU trains in minutes."""
TRAINING = Recipe(
    data="vowels",
    kimg=16,
    batch=8,
    optimizer=Optimizer(lr=1.5e-3, betas=(0.8, 0.99), schedule="cosine"),
    ema_kimg=2,
)
VOWELS = replace(
    protocol(8000, speech=False),
    name="vowels",
    n=100,
    data="vowels",
    summary="100 resynthesized test voices beside themselves, at 8 kHz",
)
COMMON = (
    Deviation(
        "the generator has no weight norm; published weights are folded",
        "the same function, faster; fine-tuning starts from the folded weights",
    ),
    Deviation(
        "convolutions over time are 2-D ones of height 1",
        "the same results; faster in channels-last memory format",
    ),
    Deviation(
        "on a CPU with AVX2, long convolutions are computed through Fourier transforms in sampling",
        "fewer multiplications; results differ by rounding, about 1e-6",
    ),
    Deviation(
        "segments are cut at random from rows of a few segments, not from whole recordings",
        "rows of data are fixed for all models of ganzoo",
    ),
    Deviation(
        "the learning rate follows a cosine, not 0.999 to the power of the epoch",
        "schedules end with the run; the first and the last rate are about the same",
    ),
    Deviation(
        "a source whose length is no multiple of the hop is reflected at its end, and the result"
        " is cut to its length",
        "the published programs drop the rest",
    ),
    AVERAGED_GENERATOR,
)
spec = ModelSpec(
    model="ganzoo_hifigan.model:HiFiGAN",
    summary="Vocoder: waveforms from log-mel spectrograms, judged by period and by scale.",
    paper=Paper(
        "Kong et al.",
        2020,
        "HiFi-GAN: Generative Adversarial Networks for Efficient and High Fidelity Speech"
        " Synthesis",
        "https://arxiv.org/abs/2010.05646",
    ),
    license="Apache-2.0",
    task="audio-to-audio",
    presets={
        "vowels": Preset(
            Config(**SMALL, scales=1, scale_widths=(16, 16, 16, 32, 32, 32, 32)),
            TRAINING,
            protocol=VOWELS,
            weights=Weights("1ecd9116c7d92bd5e024923447d4d02ecd7da5bdf9bbd50df14f7fb54827d187"),
            description="synthesized vowels, half a second at 8 kHz",
        ),
        **HIFIGAN,
    },
    deviations=(
        *COMMON,
        Deviation(
            "vowels: two stages of 32 and 16 maps, one scale discriminator, narrow discriminators,"
            " batches of 8, learning rate 1.5e-3",
            "trains in 10 minutes on a CPU",
        ),
    ),
    healthy="On vowels discriminator/adv, the sum of three discriminators, falls from 3 to 0.9 and"
    " generator/adv rises from 1 to 1.5; generator/mel falls from 75 to 24, and generator/features"
    " rises to 3.4. Loudness and formants are right then, MelDistance8000 is 0.56 (2.1 before"
    " training, 6.3 for silence), but voices are hoarse: harmonics need a longer training.",
    converters=("ganzoo_hifigan.convert:hifigan",),
)
bigvgan = ModelSpec(
    model="ganzoo_hifigan.model:BigVGAN",
    summary="Vocoder for any sound: HiFi-GAN with anti-aliased periodic activations.",
    paper=Paper(
        "Lee et al.",
        2023,
        "BigVGAN: A Universal Neural Vocoder with Large-Scale Training",
        "https://arxiv.org/abs/2206.04658",
    ),
    license="Apache-2.0",
    task="audio-to-audio",
    presets={
        # vowels would be the folder of hifigan's weights, which this package holds
        "voices": Preset(
            BigConfig(**SMALL, resolutions=(256, 32, 128), resolution_width=8),
            TRAINING,
            protocol=VOWELS,
            description="synthesized vowels, half a second at 8 kHz",
        ),
        **BIGVGAN,
    },
    deviations=(
        *COMMON,
        Deviation(
            "version 2 is trained with resolution discriminators and one mel loss, as version 1",
            "its discriminator of constant-Q transforms and its mel loss at several resolutions"
            " are not here",
        ),
        Deviation("gradients are not clipped", "the trainer has no such option"),
        Deviation(
            "voices: two stages of 32 and 16 maps, narrow discriminators, batches of 8, learning"
            " rate 1.5e-3",
            "trains in minutes on a CPU",
        ),
    ),
    healthy="generator/mel falls, as that of hifigan; no run has been done to its end here.",
    converters=("ganzoo_hifigan.convert:bigvgan",),
)
