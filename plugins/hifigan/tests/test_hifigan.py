"""HiFi-GAN and BigVGAN: networks, spectrogram, chunks, segments, losses, metrics, voices."""

import math
from dataclasses import replace

import pytest
import torch
from ganzoo_hifigan import bigvgan, fourier, spec, speech, voices
from ganzoo_hifigan.configs import BigConfig, Config
from ganzoo_hifigan.generators import BigGenerator, Convolution, Generator
from ganzoo_hifigan.metrics import MelDistance8000, SpectralDistance
from ganzoo_hifigan.model import BigVGAN, HiFiGAN, log_mel

import ganzoo
from ganzoo import Dataset
from ganzoo.data.dataset import as_float
from ganzoo.errors import ConfigError

TINY = {
    "rate": 4000,
    "mels": 5,
    "fft": 64,
    "window": 64,
    "high": None,
    "width": 8,
    "rates": (4, 2),
    "kernels": (8, 4),
    "block_kernels": (3,),
    "dilations": (1, 3, 5),
    "periods": (2, 3),
    "period_widths": (2, 3),
    "segment": 128,
    "row": 512,
}
HIFIGAN = Config(**TINY, scales=2, scale_widths=(16,) * 7)
BIGVGAN = BigConfig(**TINY, resolutions=(64, 16, 32), resolution_width=2)
each_model = pytest.mark.parametrize(
    ("cls", "config"), [(HiFiGAN, HIFIGAN), (BigVGAN, BIGVGAN)], ids=["hifigan", "bigvgan"]
)


def build(cls, config):
    torch.manual_seed(0)
    return cls(config).eval()


@pytest.mark.parametrize(
    ("cls", "preset", "million"),
    [
        # Kong et al. (2020), table 1; Lee et al. (2023), table 1
        (Generator, spec.presets["lj-v1"], 13.92),
        (Generator, spec.presets["lj-v2"], 0.92),
        (Generator, spec.presets["lj-v3"], 1.46),
        (BigGenerator, bigvgan.presets["base-24k"], 14.01),
    ],
)
def test_parameter_counts_of_the_papers(cls, preset, million):
    with torch.device("meta"):
        network = cls(preset.config)
    found = sum(each.numel() for each in network.parameters()) / 1e6
    assert found == pytest.approx(million, abs=0.01)


@each_model
def test_chunks_do_not_change_the_result(cls, config):
    """Each chunk gets the frames that its samples depend on, so its ends do not differ either."""
    gan = build(cls, config)
    wave = 0.5 * torch.randn(1, 1, 1003)
    whole = gan.sample(seed=0, source=wave)
    gan.chunk = 17
    parts = gan.sample(seed=0, source=wave)
    assert whole.abs().max() > 0.01
    torch.testing.assert_close(parts, whole, atol=1e-6, rtol=0)


@each_model
def test_fewer_frames_of_context_would_change_the_result(cls, config, monkeypatch):
    gan = build(cls, config)
    wave = 0.5 * torch.randn(1, 1, 512)
    whole = gan.sample(seed=0, source=wave)
    gan.chunk = 17
    monkeypatch.setattr(cls.__mro__[1], "_chunks", _chunks_without_context)
    assert (gan.sample(seed=0, source=wave) - whole).abs().max() > 1e-5


def _chunks_without_context(self, count, frames):
    for start in range(0, count, self.chunk):
        yield self.generator(frames(start, min(start + self.chunk, count)))


@pytest.mark.parametrize("length", [1, 40, 511, 512, 513])
def test_a_source_of_any_length(length):
    gan = build(HiFiGAN, HIFIGAN)
    assert gan.sample(seed=0, source=torch.zeros(2, 1, length)).shape == (2, 1, length)


@each_model
def test_a_spectrogram_is_a_source_too(cls, config):
    gan = build(cls, config)
    wave = 0.5 * torch.randn(2, 1, 512)
    mel = gan.mel(wave[:, 0])
    assert mel.shape == (2, 5, 64)
    torch.testing.assert_close(
        gan.sample(seed=0, source=mel), gan.sample(seed=0, source=wave), atol=1e-6, rtol=0
    )


@pytest.mark.parametrize("shape", [(1, 2, 512), (1, 4, 64), (1, 1, 5, 64)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ConfigError, match=r"source"):
        build(HiFiGAN, HIFIGAN).sample(seed=0, source=torch.zeros(shape))


def test_silence_has_the_smallest_logarithm():
    mel = log_mel(Config())
    assert mel(torch.zeros(1, 8192)).unique().item() == pytest.approx(math.log(1e-5))
    assert mel(torch.zeros(1, 8192)).shape == (1, 80, 32)


def test_a_tone_lies_in_its_band():
    mel = log_mel(Config())
    time = torch.arange(22_050) / 22_050
    tones = torch.sin(2 * math.pi * torch.tensor([[300.0], [3000.0]]) * time)
    low, high = mel(tones).mean(2).argmax(1)
    assert mel.basis[low].argmax() * 22_050 / 1024 == pytest.approx(300, abs=40)
    assert mel.basis[high].argmax() * 22_050 / 1024 == pytest.approx(3000, abs=80)


@each_model
def test_losses_of_segments(cls, config):
    gan = build(cls, config).train()
    wave = 0.5 * torch.randn(3, 1, 512)
    batch = {"real": wave, "source": wave, **gan.prior(3)}
    fake = gan.generate(batch)
    assert fake.shape == (3, 1, 128)
    assert set(gan.discriminator_loss(batch, fake.detach())) == {"adv"}
    losses = gan.generator_loss(batch, fake)
    assert set(losses) == {"adv", "features", "mel"}
    segments = gan._segments(wave, batch["offset"])
    equal = gan.generator_loss(batch, segments)
    assert equal["mel"] == 0 < losses["mel"]
    # not 0, because spectral norm makes an iteration in each pass
    assert equal["features"] < 0.05 * losses["features"]


def test_segments_reach_both_ends():
    gan = build(HiFiGAN, HIFIGAN)
    wave = torch.arange(512.0).expand(2, 1, -1)
    cut = gan._segments(wave, torch.tensor([0.0, 1 - 2**-24]))
    assert cut[0, 0, 0] == 0
    assert cut[1, 0, -1] == 511


def test_data_are_their_own_source():
    gan = build(HiFiGAN, HIFIGAN)
    data = gan.prepare_data(Dataset("x", {"real": torch.zeros(2, 1, 512, dtype=torch.int16)}))
    assert data.columns["source"] is data.columns["real"]
    assert gan.prepare_data(data) is data


@pytest.mark.parametrize(
    "changes",
    [
        {"kernels": (8,)},
        {"kernels": (9, 4)},
        {"width": 6},
        {"block_kernels": (4,)},
        {"dilations": (1, 3)},
        {"fft": 63},
        {"segment": 129},
        {"row": 64},
        {"high": 9000.0},
        {"scale_widths": (16,) * 6},
        {"block": 3},
    ],
    ids=str,
)
def test_configs_that_cannot_be(changes):
    with pytest.raises(ConfigError, match=next(iter(changes))):
        replace(HIFIGAN, **changes)


def test_distances():
    torch.manual_seed(0)
    waves = 0.1 * torch.randn(2, 1, 4096)
    for metric in (MelDistance8000(), SpectralDistance()):
        metric.update(waves, waves)
        assert metric.compute() == 0
        metric.update(0.5 * waves, waves)
        assert metric.compute() > 0.1
    louder = MelDistance8000()
    louder.update(math.e * waves, waves)  # a factor in the waveform is a term in its logarithm
    assert louder.compute() == pytest.approx(1, abs=0.01)


def test_metrics_of_speech_are_left_out_where_a_package_is_missing(caplog, monkeypatch):
    """One line for each package, however many sets are scored."""
    waves = 0.1 * torch.randn(2, 1, 8000)
    monkeypatch.setattr(speech, "find_spec", lambda name: None if name == "pesq" else name)
    speech._is_installed.cache_clear()
    for _ in range(2):
        metric = speech.Pesq22050()
        metric.update(waves, waves)
        assert metric.compute().isnan()
    assert caplog.messages == ["PESQ is left out: pip install pesq"]
    speech._is_installed.cache_clear()


def test_metrics_of_speech():
    """The better of two estimates gets the better score, and silence none."""
    pytest.importorskip("pesq")
    pytest.importorskip("pystoi")
    voice = as_float(voices.load("test").columns["real"][:2]).repeat(1, 1, 4)
    noise = torch.randn(voice.shape, generator=torch.Generator().manual_seed(0))
    for metric, best in ((speech.Pesq8000(), 4.5), (speech.Stoi8000(), 1.0)):
        scores = []
        for level in (0.0, 0.01, 0.2):
            metric.reset()
            metric.update(voice + level * noise, voice)
            scores.append(metric.compute().item())
        assert scores[0] == pytest.approx(best, abs=0.1)
        assert scores == sorted(scores, reverse=True)
        metric.update(torch.zeros_like(voice), torch.zeros_like(voice))
        assert metric.compute().item() == pytest.approx(scores[2])
    wide = speech.Pesq22050()
    wide.update(voice, voice)
    assert wide.compute() > 4.5


def test_the_shipped_weights_keep_loudness_and_formants():
    gan = ganzoo.load("hifigan")
    real = as_float(voices.load("test").columns["real"][:16])
    distance = MelDistance8000()
    distance.update(gan.sample(seed=0, source=real), real)
    assert distance.compute() < 0.65


def test_voices_are_the_same_every_time():
    first, again = (voices.synthesize(2, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, again)
    assert first.shape == (2, 1, voices.LENGTH)
    assert 0.25 * 32767 < first.abs().max() <= 32767


@pytest.mark.parametrize("dilation", [1, 3])
def test_fourier_convolutions_give_the_same_maps(dilation, monkeypatch):
    """For maps of any length; with gradients the convolutions are direct."""
    used = []
    convolve = fourier.convolve
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX2")
    monkeypatch.setattr(fourier, "convolve", lambda *each: (used.append(each), convolve(*each))[1])
    convolution = Convolution(100, 3, 7, dilation)
    for length in (1, 26, 57):
        maps = torch.randn(fourier.SHORTEST // length + 1, 100, 1, length)
        direct = convolution(maps)
        assert not used
        with torch.no_grad():
            torch.testing.assert_close(convolution(maps), direct, rtol=0, atol=1e-5)
        assert used.pop()
