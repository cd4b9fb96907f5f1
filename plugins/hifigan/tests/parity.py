"""HiFi-GAN and BigVGAN beside the official code."""

from __future__ import annotations

from collections.abc import Mapping

import parity
from ganzoo_hifigan import convert
from ganzoo_hifigan.configs import BigConfig, Config
from ganzoo_hifigan.discriminators import hifigan_discriminators
from ganzoo_hifigan.mel import LogMel
from torch import Tensor


def hifigan(case: parity.Case) -> Mapping[str, Tensor] | None:
    official = case.config["official"]
    if "mel_spectrogram" in official:
        return spectrogram(case)
    return discriminators(case) if "MultiPeriod" in official else generator(case, "hifigan")


def bigvgan(case: parity.Case) -> Mapping[str, Tensor]:
    return generator(case, "bigvgan")


def generator(case: parity.Case, model: str) -> dict[str, Tensor]:
    gan = parity.load(model, getattr(convert, model), case.state())
    network = gan.generator
    mel = case.inputs["mel"]
    first = network.first(mel.unsqueeze(2))
    up = network.ups[0](network.before_stage(first))
    found = {"wav": gan.sample(seed=0, source=mel), "conv_pre": first, "up0": up}
    if model == "bigvgan":
        found["first_activation"] = network.blocks[0].activations[0](up)
    return {name: value.squeeze(2) if value.ndim == 4 else value for name, value in found.items()}


def spectrogram(case: parity.Case) -> dict[str, Tensor]:
    official = case.config["constructor"]
    fmax = official["fmax"]
    mel = LogMel(
        rate=official["sampling_rate"],
        mels=official["num_mels"],
        fft=official["n_fft"],
        hop=official["hop_size"],
        window=official["win_size"],
        band=(official["fmin"], official["sampling_rate"] / 2 if fmax is None else fmax),
    )
    return {"mel": mel(case.inputs["wav"]), "mel_basis": mel.basis}


def discriminators(case: parity.Case) -> dict[str, Tensor]:
    state = convert.discriminator_state(case.tensors)
    network = hifigan_discriminators(Config(**convert.discriminator_widths(state)))
    network.load_state_dict(state)
    verdicts = network.eval()(case.inputs["wav"])
    names = [
        f"{kind}_{index}" for kind, count in (("mpd", 5), ("msd", 3)) for index in range(count)
    ]
    found: dict[str, Tensor] = {}
    for name, (scores, maps) in zip(names, verdicts, strict=True):
        found[name] = scores
        for number, each in enumerate(maps):
            found[f"{name}_fmap{number}"] = each
    return found


FAMILIES = {"hifigan": hifigan, "bigvgan": bigvgan}
SMALL = {
    "hifigan-block1": (
        "hifigan",
        Config(width=16, rates=(4, 2), kernels=(8, 4), mels=6, fft=64, window=64, high=None),
    ),
    "hifigan-block2": (
        "hifigan",
        Config(
            width=16,
            rates=(4, 4),
            kernels=(8, 8),
            mels=6,
            fft=64,
            window=32,
            block=2,
            block_kernels=(3, 5, 7),
            dilations=(1, 2, 2, 6, 3, 12),
        ),
    ),
    "bigvgan-v1": (
        "bigvgan",
        BigConfig(width=8, rates=(4, 2), kernels=(8, 4), mels=6, fft=64, window=64, high=None),
    ),
    "bigvgan-v2": (
        "bigvgan",
        BigConfig(
            width=8,
            rates=(4, 2),
            kernels=(8, 4),
            mels=6,
            fft=64,
            window=64,
            high=None,
            final_tanh=False,
            final_bias=False,
            periodic="snake",
            log_scale=False,
        ),
    ),
}
