"""Waveforms from recordings and arrays: rates, channels, names, files that cannot be used."""

import numpy as np
import pytest
import torch
from torch import nn
from toys import Config

from ganzoo import GAN, SampleInput, SampleSpec
from ganzoo.data.wav import read_wav, write_wav
from ganzoo.errors import ConfigError, DataError, UsageError
from ganzoo.sampling.sample_request import Request, fulfill


class Halving(GAN):
    """Waveforms of any length, half as loud."""

    sample_spec = SampleSpec((1, 64), rate=8000)
    inputs = (SampleInput("source", "waveforms", required=True, shape=(None, None)),)

    def __init__(self):
        super().__init__(Config())
        self.generator = nn.Conv1d(1, 1, 1, bias=False)
        self.discriminator = nn.Identity()
        nn.init.constant_(self.generator.weight, 0.5)

    def prior(self, n):
        return {}

    def generate(self, batch):
        if batch["source"].shape[1] > 2:
            raise ConfigError("source has too many rows")
        return self.generator(batch["source"][:, :1])

    def discriminator_loss(self, batch, fake):
        raise NotImplementedError

    def generator_loss(self, batch, fake):
        raise NotImplementedError


def tone(length, channels=1, rate=8000):
    time = np.arange(length) / rate
    return np.stack([0.5 * np.sin(2 * np.pi * 200 * time)] * channels).astype(np.float32)


def ask(source, out, **more):
    return fulfill(Halving(), Request(source=str(source), out=out, **more))


def test_a_recording_of_any_length(tmp_path):
    write_wav(tmp_path / "a.wav", tone(777), 8000)
    written = ask(tmp_path / "a.wav", tmp_path / "out.wav")
    assert (written.count, written.files) == (1, str(tmp_path / "out.wav"))
    found, rate = read_wav(tmp_path / "out.wav")
    assert rate == 8000
    np.testing.assert_allclose(found, 0.5 * tone(777), atol=1e-4)


def test_another_rate_and_channels_are_brought_and_named(tmp_path, caplog):
    pytest.importorskip("scipy")
    write_wav(tmp_path / "a.wav", tone(2000, channels=2, rate=16_000), 16_000)
    ask(tmp_path / "a.wav", tmp_path / "out.wav")
    found, _ = read_wav(tmp_path / "out.wav")
    assert found.shape == (1, 1000)
    np.testing.assert_allclose(found[0, 100:-100], 0.5 * tone(1000)[0, 100:-100], atol=0.01)
    assert "16000 Hz, resampled to 8000 Hz" in caplog.text
    assert "2 channels brought to 1" in caplog.text


def test_files_of_a_folder_keep_their_names_and_lengths(tmp_path, caplog):
    folder = tmp_path / "in"
    folder.mkdir()
    for name, length in (("a", 100), ("b", 200)):
        write_wav(folder / f"{name}.wav", tone(length), 8000)
    np.save(folder / "c.npy", tone(300))
    np.savez(folder / "d.npz", x=tone(400)[None])
    (folder / "e.wav").write_bytes(b"RIFF")
    (folder / "f.txt").write_text("no recording")
    ask(folder, tmp_path / "out")
    lengths = {file.stem: read_wav(file)[0].shape[1] for file in (tmp_path / "out").iterdir()}
    assert lengths == {"a": 100, "b": 200, "c": 300, "d": 400}
    assert "1 left out; e.wav" in caplog.text
    assert ask(f"audio:{folder}", tmp_path / "two", n=2).count == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"x": np.zeros((1, 5)), "y": np.zeros((1, 5))}, "2 arrays in it, must be one"),
        ({"x": np.zeros((2, 1, 5))}, "must be finite floats"),
        ({"x": np.zeros((1, 5), np.int16)}, "int16"),
        ({"x": np.full((1, 5), np.nan)}, "finite"),
        ({"x": np.zeros((3, 5))}, r"x\.npz: source has too many rows"),
    ],
)
def test_arrays_that_cannot_be_used(tmp_path, content, reason):
    np.savez(tmp_path / "x.npz", **content)
    with pytest.raises(DataError, match=reason):
        ask(tmp_path / "x.npz", tmp_path / "out.wav")
    assert not (tmp_path / "out.wav").exists()


def test_several_recordings_need_a_folder_and_none_is_replaced(tmp_path):
    for name in "ab":
        write_wav(tmp_path / f"{name}.wav", tone(100), 8000)
    with pytest.raises(ConfigError, match="2 recordings; waveforms go to a folder"):
        ask(tmp_path, tmp_path / "out.wav")
    with pytest.raises(ConfigError, match="1 recording; "):
        ask(tmp_path / "a.wav", tmp_path / "out.mp3")
    with pytest.raises(ConfigError, match="would replace its source"):
        ask(tmp_path, tmp_path)
    with pytest.raises(UsageError, match="-n 3"):
        ask(tmp_path, tmp_path / "out", n=3)


def test_an_empty_folder_is_named(tmp_path):
    (tmp_path / "in").mkdir()
    with pytest.raises(DataError, match="recording"):
        ask(tmp_path / "in", tmp_path / "out")
    assert torch.equal(Halving().sample(1, source=torch.ones(1, 1, 3)), torch.full((1, 1, 3), 0.5))
