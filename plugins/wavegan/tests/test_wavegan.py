"""WaveGAN: networks, phase shuffle, the tones data set and its classifier."""

import hashlib
import wave

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from ganzoo_wavegan import Config, ears, spec
from ganzoo_wavegan.hearing import WEIGHTS
from ganzoo_wavegan.model import WaveGAN
from ganzoo_wavegan.networks import phase_shuffle
from ganzoo_wavegan.notes import FREQUENCIES, LENGTH, NOTES, RATE
from torch import nn

import ganzoo
from ganzoo.data import load_data
from ganzoo.data.wav import write_wav
from ganzoo.errors import ConfigError, DataError
from ganzoo.evaluation import evaluator
from ganzoo.evaluation.extractors import load_extractor
from ganzoo.sampling import writers as output

LAYERS = (nn.Conv1d, nn.ConvTranspose1d, nn.Linear)
NORMS = (nn.BatchNorm1d, nn.InstanceNorm1d, nn.LayerNorm, nn.GroupNorm)

each_preset = pytest.mark.parametrize("preset", spec.presets.values(), ids=spec.presets.keys())


def parameters(module):
    return sum(each.numel() for each in module.parameters())


def small(**changes):
    return Config(**{"length": 128, "rate": 1000, "latent": 3, "width": 2, **changes})


# Networks


@pytest.mark.parametrize(
    ("config", "generator", "critic"),
    [
        # github.com/chrisdonahue/wavegan, wavegan.py: filters of 25, dim 64, 16 x 1024 first
        (spec.presets["sc09"].config, 19_065_345, 17_427_969),
        # its slice_len=65536: 16 x 2048 first, one layer more
        (Config(length=65_536), 73_149_953, 69_875_201),
        (spec.presets["tones"].config, 98_241, 65_537),
    ],
    ids=["sc09", "four seconds", "tones"],
)
def test_parameter_counts(config, generator, critic):
    with torch.device("meta"):
        gan = WaveGAN(config)
    assert parameters(gan.generator) == generator
    assert parameters(gan.discriminator) == critic


@each_preset
def test_shapes_on_the_meta_device(preset):
    config = preset.config
    with torch.device("meta"):
        gan = WaveGAN(config)
        fake = gan.generate({"latent": torch.empty(2, config.latent)})
        assert fake.shape == (2, config.channels, config.length)
        assert gan.discriminator(fake).shape == (2, 1)


@pytest.mark.parametrize("kernel", [3, 9, 25])
@pytest.mark.parametrize("length", [128, 256, 512, 1024, 32_768, 65_536])
def test_every_length_of_sixteen_doubled(length, kernel):
    config = small(length=length, kernel=kernel, channels=2, width=1)
    with torch.device("meta"):
        gan = WaveGAN(config)
        fake = gan.generate({"latent": torch.empty(2, 3)})
        assert fake.shape == (2, 2, length)
        assert gan.discriminator(fake, gan.prior(2)["shifts"][:, 0]).shape == (2, 1)


def test_a_second_is_sixteen_samples_four_times_as_long_five_times():
    with torch.device("meta"):
        gan = WaveGAN(Config())
        sizes = []
        for layer in gan.generator:
            layer.register_forward_hook(lambda _, __, output: sizes.append(output.shape[1:]))
        gan.generator(torch.empty(1, 100))
    shapes = list(dict.fromkeys(tuple(size) for size in sizes if len(size) == 2))
    assert shapes == [(1024, 16), (512, 64), (256, 256), (128, 1024), (64, 4096), (1, 16_384)]


def test_samples_are_in_range_and_know_their_rate():
    torch.manual_seed(0)
    gan = WaveGAN(small()).eval()
    fake = gan.generate({"latent": 1e6 * torch.randn(64, 3)})
    assert fake.shape[1:] == gan.sample_spec.shape == (1, 128)
    assert (fake.min(), fake.max()) == (-1, 1)
    assert (gan.sample_spec.rate, gan.sample_spec.kind) == (1000, "waveforms")


def test_there_is_no_normalization():
    assert not any(isinstance(each, NORMS) for each in WaveGAN(small()).modules())


def test_weights_begin_as_in_tensorflow():
    """Uniform with variance 2 / (fan in + fan out), biases 0."""
    torch.manual_seed(0)
    gan = WaveGAN(Config(length=1024, width=16))
    for layer in (each for each in gan.modules() if isinstance(each, LAYERS)):
        inputs, outputs = layer.weight.shape[:2]
        fans = (inputs + outputs) * layer.weight[0, 0].numel()
        assert layer.weight.std().item() == pytest.approx((2 / fans) ** 0.5, rel=0.15)
        assert layer.weight.abs().max() <= (6 / fans) ** 0.5
        assert not layer.bias.any()


# Phase shuffle


@pytest.mark.parametrize("shift", [-4, -2, -1, 0, 1, 2, 4])
def test_phase_shuffle_shifts_with_reflection_padding(shift):
    maps = torch.randn(1, 3, 9)
    padded = F.pad(maps, (max(shift, 0), max(-shift, 0)), mode="reflect")
    start = max(-shift, 0)
    moved = phase_shuffle(maps, torch.tensor([shift]))
    assert torch.equal(moved, padded[:, :, start : start + 9])


def test_each_row_moves_by_its_own_amount():
    maps, shifts = torch.randn(5, 2, 8), torch.tensor([-2, -1, 0, 1, 2])
    alone = [phase_shuffle(row[None], shift[None]) for row, shift in zip(maps, shifts, strict=True)]
    assert torch.equal(phase_shuffle(maps, shifts), torch.cat(alone))


def test_shifts_are_drawn_with_the_prior_for_each_row_pass_and_layer():
    prior = WaveGAN(Config(width=1)).prior(500)
    assert prior["shifts"].shape == (500, 3, 4)
    assert prior["shifts"].unique().tolist() == [-2, -1, 0, 1, 2]
    assert prior["mix"].shape == (500,)
    assert prior["latent"].shape == (500, 100)
    assert (prior["latent"] >= -1).all()
    assert (prior["latent"] < 1).all()
    assert prior["latent"].std().item() == pytest.approx(3**-0.5, rel=0.02)
    assert not WaveGAN(small(shuffle=None)).prior(9)["shifts"].any()


def test_real_rows_fakes_and_mixtures_are_shifted_apart():
    gan = WaveGAN(small(length=1024))
    seen = []
    hook = lambda _, inputs, named: seen.append((*inputs[1:], *named.values()))  # noqa: E731
    gan.discriminator.register_forward_pre_hook(hook, with_kwargs=True)
    batch = {"real": torch.randn(4, 1, 1024), **gan.prior(4)}
    gan.discriminator_loss(batch, torch.randn(4, 1, 1024))
    gan.generator_loss(batch, torch.randn(4, 1, 1024))
    shifts = batch["shifts"]
    between, real, fake, made = (each for (each,) in seen)
    assert [shifts[:, k].equal(each) for k, each in enumerate((real, fake, between))] == [True] * 3
    assert made.equal(shifts[:, 1])
    gan.discriminator(batch["real"])
    assert seen[-1] == ()


def test_shifts_change_what_the_critic_says_and_zeros_do_not():
    torch.manual_seed(0)
    gan = WaveGAN(small(length=1024))
    waves, zeros = torch.randn(3, 1, 1024), torch.zeros(3, 2, dtype=torch.int64)
    plain = gan.discriminator(waves)
    assert torch.equal(gan.discriminator(waves, zeros), plain)
    moved = gan.discriminator(waves, zeros + torch.tensor([[0], [1], [0]]))
    assert moved[1] != plain[1]
    torch.testing.assert_close(moved[[0, 2]], plain[[0, 2]])


# Losses


class Linear(nn.Module):
    """A critic f(x) = w . x whose w has a given norm."""

    def __init__(self, norm):
        super().__init__()
        weight = torch.randn(128)
        self.weight = nn.Parameter(norm * weight / weight.norm())

    def forward(self, waves, shifts=None):
        return waves.flatten(1) @ self.weight[:, None]


@pytest.mark.parametrize(
    ("norm", "weight", "penalty"), [(1, 10, 0), (3, 10, 40), (0.5, 10, 2.5), (3, 1, 4)]
)
def test_the_penalty_is_that_of_wgan_gp(norm, weight, penalty):
    """Lambda (|| grad f || - 1)^2, Gulrajani et al. (2017), equation 3."""
    torch.manual_seed(0)
    gan = WaveGAN(small(penalty=float(weight)))
    gan.discriminator = Linear(norm)
    batch = {"real": torch.randn(5, 1, 128), **gan.prior(5)}
    fake = torch.randn(5, 1, 128)
    losses = gan.discriminator_loss(batch, fake)
    assert losses["penalty"].item() == pytest.approx(penalty, rel=1e-4, abs=1e-8)
    scores = [gan.discriminator(waves).mean() for waves in (batch["real"], fake)]
    assert losses["adv"].item() == pytest.approx((scores[1] - scores[0]).item(), abs=1e-5)
    assert gan.generator_loss(batch, fake)["adv"].item() == pytest.approx(-scores[1].item())


@each_preset
def test_the_critic_is_updated_five_times_as_often(preset):
    with torch.device("meta"):
        critic, generator = WaveGAN(preset.config).phases()
    assert [(each.name, each.repeat) for each in (critic, generator)] == [
        ("discriminator", 5),
        ("generator", 1),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        *({"length": length} for length in (-16, 0, 16, 64, 1000, 1025, 16_385, 48)),
        *({"kernel": kernel} for kernel in (1, 4, 24)),
        *({"shuffle": shuffle} for shuffle in (-1, 0, 16)),
        {"critic_updates": 0},
        {"channels": 0},
        {"latent": 0},
        {"width": 0},
        {"rate": 0},
    ],
    ids=str,
)
def test_a_config_that_cannot_be_is_refused(wrong):
    (name,) = wrong
    with pytest.raises(ConfigError, match=name):
        Config(**wrong)


# The notes


@pytest.fixture(scope="module")
def notes():
    return {
        split: load_data("tones", WaveGAN(spec.presets["tones"].config).sample_spec, split)
        for split in ("train", "test")
    }


def dominant(waves):
    """The loudest frequency of each waveform, (N, 1, T), in Hz."""
    window = torch.hann_window(waves.shape[-1])
    spectra = torch.fft.rfft(waves[:, 0] * window, 4 * waves.shape[-1]).abs()
    return spectra.argmax(1) * RATE / (4 * waves.shape[-1])


def test_the_notes_are_those_of_the_preset_and_no_others(notes):
    config = spec.presets["tones"].config
    assert (config.length, config.rate, config.channels) == (LENGTH, RATE, 1)
    for split, rows in {"train": 8000, "test": 2000}.items():
        data = notes[split]
        assert data.columns["real"].shape == (rows, 1, LENGTH)
        assert data.columns["real"].dtype == torch.int16
        assert data.columns["label"].bincount().tolist() == [rows // 10] * 10
        assert data.classes == tuple(NOTES)
    assert notes["train"].sha256 == spec.presets["tones"].protocol.data_sha256
    first = notes["train"].columns["real"][:2000]
    assert not (first == notes["test"].columns["real"]).flatten(1).all(1).any()


def test_each_note_has_its_frequency(notes):
    rows = notes["test"].rows(torch.arange(200))
    cents = 1200 * torch.log2(dominant(rows["real"]) / FREQUENCIES[rows["label"]])
    assert cents.abs().max() < 20
    assert FREQUENCIES[list(NOTES).index("A4")] == 440
    assert FREQUENCIES.diff().min() > 0


def test_no_note_clips(notes):
    loudest = notes["train"].columns["real"].to(torch.int32).abs().amax((1, 2))
    assert loudest.min() > 0.1 * 32767
    assert loudest.max() < 32767


# The ears


def test_the_ears_are_the_ones_that_the_spec_names():
    content = WEIGHTS.read_bytes()
    assert hashlib.sha256(content).hexdigest() == ears.sha256
    assert len(content) < 400_000
    assert spec.presets["tones"].protocol.extractor_sha256 == ears.sha256
    assert ears.shape == (1, LENGTH)


def test_the_ears_name_notes_that_they_never_heard(notes):
    rows = notes["test"].rows(torch.arange(2000))
    features = load_extractor("tones")(rows["real"])
    named = (features.logits.argmax(1) == rows["label"]).float().mean().item()
    assert features.rows.shape == (2000, 64)
    assert named > 0.999


def test_the_ears_hear_nothing_of_another_length():
    with pytest.raises(DataError, match=r"\(1, 1024\), not \(1, 512\)"):
        load_extractor("tones")(torch.zeros(2, 1, 512))


def test_real_notes_score_better_than_untrained_ones():
    """Under the preset's own protocol, with the classes that the ears name."""
    model = spec.presets["tones"]
    torch.manual_seed(0)
    scores = evaluator.evaluate(WaveGAN(model.config), protocol=model.protocol, n=200)
    assert (
        set(scores.values)
        == set(scores.floor)
        == {
            f"{name}-tones"
            for name in ("FD", "IS", "precision", "recall", "density", "coverage", "duplicates")
        }
    )
    assert scores.floor["FD-tones"] < scores.values["FD-tones"]
    assert scores.floor["IS-tones"] > 7 > 3 > scores.values["IS-tones"]
    assert len(scores.classes) == 10


# From a folder of recordings to a sound


def test_it_learns_any_folder_of_recordings_and_writes_sound(tmp_path):
    time = np.arange(3000) / 8000
    (tmp_path / "sounds").mkdir()
    for number, channels in enumerate((1, 2, 1)):
        tone = np.sin(2 * np.pi * 200 * (1 + number) * time)
        waves = np.repeat(np.float32(tone)[None], channels, 0)
        write_wav(tmp_path / "sounds" / f"{number}.wav", waves, 8000)
    ganzoo.train(
        "wavegan",
        data=f"audio:{tmp_path / 'sounds'}",
        settings={"length": "512", "rate": "8000", "width": "2", "latent": "4"},
        kimg=0.012,
        batch=4,
        device="cpu",
        out=tmp_path / "run",
    )
    gan = ganzoo.load(f"local-dir:{tmp_path / 'run'}")
    output.write(gan, 3, tmp_path / "out.wav", seed=0)
    with wave.open(str(tmp_path / "out.wav")) as file:
        assert file.getframerate() == 8000
        assert file.getnframes() == 3 * 512 + 2 * 2000
        assert np.abs(np.frombuffer(file.readframes(9999), "<i2")).max() > 0
