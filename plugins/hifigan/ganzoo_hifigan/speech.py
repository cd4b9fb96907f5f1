"""PESQ and STOI of speech beside its target, where the packages pesq and pystoi are installed."""

from __future__ import annotations

import logging
from functools import cache
from importlib.util import find_spec
from math import gcd
from typing import Any, ClassVar

import torch
from torch import Tensor

from ganzoo.metrics import PairedMetric

log = logging.getLogger("ganzoo")

WIDE, NARROW = 16_000, 8_000
"""Sample rates of wideband and narrowband PESQ."""


class _Speech(PairedMetric):
    """Mean over the recordings that have a score; NaN, so that it is left out, without a package.

    Args:
        rate: samples per second.
    """

    higher_is_better = True
    package: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, rate: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = rate

    def compare(self, samples: Tensor, targets: Tensor) -> Tensor:
        """Values of the recordings that have one; silent targets have none."""
        if not _is_installed(self.package, self.title):
            return torch.full((len(samples),), torch.nan)
        pairs = zip(samples.flatten(1).float(), targets.flatten(1).float(), strict=True)
        values = torch.tensor(
            [self.score(own.cpu(), other.cpu()) for own, other in pairs if other.any()]
        )
        return values[values.isfinite()]

    def score(self, sample: Tensor, target: Tensor) -> float:
        """Value of one recording, (T,); NaN if it has none."""
        raise NotImplementedError


class Pesq(_Speech):
    """PESQ (ITU-T P.862) from -0.5 to 4.6, wideband at 16 kHz, narrowband for rates below."""

    package = "pesq"
    title = "PESQ"

    def score(self, sample: Tensor, target: Tensor) -> float:
        from torchmetrics.functional.audio.pesq import perceptual_evaluation_speech_quality

        rate, mode = (WIDE, "wb") if self.rate >= WIDE else (NARROW, "nb")
        own, other = (_resampled(wave, self.rate, rate) for wave in (sample, target))
        try:
            return float(perceptual_evaluation_speech_quality(own, other, rate, mode))
        except RuntimeError:  # no utterance, or less than a quarter of a second
            return float("nan")


class Stoi(_Speech):
    """STOI (Taal et al. 2011), short-time objective intelligibility, from 0 to 1."""

    package = "pystoi"
    title = "STOI"

    def score(self, sample: Tensor, target: Tensor) -> float:
        from torchmetrics.functional.audio.stoi import short_time_objective_intelligibility

        return float(short_time_objective_intelligibility(sample, target, self.rate))


class Pesq8000(Pesq):
    """`Pesq` of recordings at 8 kHz."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(8000, **kwargs)


class Pesq22050(Pesq):
    """`Pesq` of recordings at 22.05 kHz."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(22_050, **kwargs)


class Pesq24000(Pesq):
    """`Pesq` of recordings at 24 kHz."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(24_000, **kwargs)


class Pesq44100(Pesq):
    """`Pesq` of recordings at 44.1 kHz."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(44_100, **kwargs)


class Stoi8000(Stoi):
    """`Stoi` of recordings at 8 kHz."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(8000, **kwargs)


class Stoi22050(Stoi):
    """`Stoi` of recordings at 22.05 kHz."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(22_050, **kwargs)


class Stoi24000(Stoi):
    """`Stoi` of recordings at 24 kHz."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(24_000, **kwargs)


class Stoi44100(Stoi):
    """`Stoi` of recordings at 44.1 kHz."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(44_100, **kwargs)


@cache
def _is_installed(package: str, title: str) -> bool:
    """True if a package is there and SciPy, which resamples; else it is reported, once."""
    missing = [each for each in (package, "scipy") if find_spec(each) is None]
    if missing:
        log.warning("%s is left out: pip install %s", title, " ".join(missing))
    return not missing


def _resampled(wave: Tensor, rate: int, wanted: int) -> Tensor:
    """A waveform, (T,), at another rate."""
    if rate == wanted:
        return wave
    from scipy.signal import resample_poly

    common = gcd(rate, wanted)
    return torch.from_numpy(resample_poly(wave.numpy(), wanted // common, rate // common))
