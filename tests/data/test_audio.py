"""Recordings as rows: formats, rates, channels, lengths, classes, splits, and what is damaged."""

import os
import struct
import sys
import wave
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from toys import TOYS

from ganzoo.data import Batches, load_data
from ganzoo.data.audio import read
from ganzoo.data.wav import write_wav
from ganzoo.errors import DataError
from ganzoo.spec import SampleSpec

RATE = 1000
LENGTH = 64
MONO = SampleSpec((1, LENGTH), rate=RATE)
STEREO = SampleSpec((2, LENGTH), rate=RATE)


def sine(cycles=4.0, samples=LENGTH, rate=RATE):
    """(1, samples): so many cycles in LENGTH samples of RATE."""
    time = np.arange(samples) / rate * RATE / LENGTH
    return 0.8 * np.sin(2 * np.pi * cycles * time)[None]


def save(path, samples, rate=RATE, width=2):
    """A WAV of integers of so many bytes, by the standard library and two's complement."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = np.rint(samples.T * (2 ** (8 * width - 1) - 1)).astype("<i8")
    if width == 1:
        whole += 128
    content = np.ascontiguousarray(whole).view(np.uint8).reshape(*whole.shape, 8)[..., :width]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(samples))
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(content.tobytes())


def header(kind=1, channels=1, rate=RATE, bits=16, content=b"\0" * 256):
    """The bytes of a WAV file that says whatever it is told to."""
    frame = channels * bits // 8
    about = struct.pack("<HHIIHH", kind, channels, rate, (rate * frame) % 2**32, frame, bits)
    body = b"WAVEfmt " + struct.pack("<I", len(about)) + about
    body += b"data" + struct.pack("<I", len(content)) + content
    return b"RIFF" + struct.pack("<I", len(body)) + body


def load(folder, form=MONO, split="train"):
    return load_data(f"audio:{folder}", form, split)


def heard(folder, form=MONO):
    """The rows as a model sees them."""
    data = load(folder, form)
    return data.rows(torch.arange(len(data)))["real"].numpy()


# One file


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_integers_of_one_to_four_bytes_are_the_same_sound(tmp_path, width):
    save(tmp_path / "a.wav", sine(), width=width)
    (row,) = heard(tmp_path)
    assert row.shape == (1, LENGTH)
    np.testing.assert_allclose(row, sine(), atol=2 / 2 ** min(8 * width, 16))


def test_sixteen_bits_are_kept_as_they_are(tmp_path):
    whole = np.array([[-32768, -1, 0, 1, 32767] * 12 + [7] * 4], np.int16)
    (tmp_path / "a.wav").write_bytes(header(content=whole.tobytes()))
    real = load(tmp_path).columns["real"]
    assert real.dtype == torch.int16
    assert real[0].tolist() == whole.tolist()


def test_what_is_written_is_read_again(tmp_path):
    samples = np.random.default_rng(0).integers(-32768, 32768, (2, LENGTH)) / 32768
    write_wav(tmp_path / "a.wav", samples.astype(np.float32), RATE)
    assert (heard(tmp_path, STEREO)[0] == samples).all()
    write_wav(tmp_path / "a.wav", np.float32([[-9, 9] * (LENGTH // 2)]), RATE)
    assert load(tmp_path).columns["real"].unique().tolist() == [-32768, 32767]


def test_the_suffix_may_be_in_capitals_and_other_files_do_not_matter(tmp_path):
    save(tmp_path / "deep" / "down" / "A.WAV", sine())
    (tmp_path / "notes.txt").write_text("no sound")
    assert len(load(tmp_path)) == 1


# Channels and rates


def test_stereo_is_mixed_for_a_mono_model(tmp_path):
    save(tmp_path / "a.wav", np.concatenate([sine(), 0 * sine()]))
    np.testing.assert_allclose(heard(tmp_path)[0], sine() / 2, atol=1e-4)


def test_channels_keep_their_order_and_one_is_heard_on_both_sides(tmp_path):
    both = np.concatenate([sine(3), sine(5), sine(7)])
    save(tmp_path / "1.wav", sine(9))
    save(tmp_path / "2.wav", both[:2])
    save(tmp_path / "3.wav", both)
    one, two, three = heard(tmp_path, STEREO)
    np.testing.assert_allclose(one, np.concatenate([sine(9)] * 2), atol=1e-4)
    np.testing.assert_allclose(two, both[:2], atol=1e-4)
    assert (three == two).all()


@pytest.mark.parametrize("rate", [500, 750, 2000, 4410])
def test_another_rate_is_the_same_sound(tmp_path, rate):
    """Away from the ends, where a filter sees silence."""
    pytest.importorskip("scipy")
    save(tmp_path / "a.wav", sine(samples=LENGTH * rate // RATE, rate=rate), rate=rate)
    (row,) = heard(tmp_path)
    middle = slice(LENGTH // 4, -LENGTH // 4)
    np.testing.assert_allclose(row[:, middle], sine()[:, middle], atol=0.03)


def test_what_a_lower_rate_cannot_hold_is_not_heard_as_something_else(tmp_path):
    """900 Hz at 4000 Hz would fold to 100 Hz at 1000 Hz."""
    pytest.importorskip("scipy")
    save(tmp_path / "a.wav", sine(900 * LENGTH / RATE, 4 * LENGTH, 4 * RATE), rate=4 * RATE)
    assert np.abs(heard(tmp_path)[0, :, LENGTH // 4 : -LENGTH // 4]).max() < 0.02


def test_without_a_resampler_other_rates_are_left_out_and_the_cure_is_named(
    tmp_path, monkeypatch, caplog
):
    monkeypatch.setitem(sys.modules, "scipy.signal", None)
    save(tmp_path / "fast.wav", sine(), rate=44_100)
    with pytest.raises(DataError, match=r"44100 Hz; .*1000 Hz, pip install 'ganzoo-core\[audio\]'"):
        load(tmp_path)
    save(tmp_path / "fine.wav", sine())
    assert len(load(tmp_path)) == 1
    assert "1 of 2 left out; fast.wav: 44100 Hz" in caplog.text


# Lengths


@pytest.mark.parametrize(
    ("samples", "rows"), [(1, 1), (31, 1), (64, 1), (95, 1), (96, 2), (128, 2), (159, 2), (160, 3)]
)
def test_a_recording_is_cut_into_rows_and_its_rest_counts_if_it_fills_half_of_one(
    tmp_path, samples, rows
):
    save(tmp_path / "a.wav", sine(1.5, samples))
    found = heard(tmp_path)
    assert found.shape == (rows, 1, LENGTH)
    together = found.reshape(-1)
    kept = min(samples, rows * LENGTH)
    np.testing.assert_allclose(together[:kept], sine(1.5, samples)[0, :kept], atol=1e-4)
    assert (together[kept:] == 0).all()


# Formats beyond integers


def test_other_formats_need_a_library_and_it_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "soundfile", None)
    for name, content in {
        "a.mp3": b"anything",
        "b.flac": b"fLaC",
        "float.wav": header(kind=3, bits=32),
        "law.wav": header(kind=7, bits=8),
    }.items():
        path = tmp_path / name.partition(".")[0] / name
        path.parent.mkdir()
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"to read it, pip install 'ganzoo-core\[audio\]'"):
            load(path.parent)


def test_what_the_library_reads_is_heard(tmp_path, monkeypatch):
    """A stand-in: samples by time, then channel, as soundfile gives them."""
    answers = {"a.flac": np.float32(sine()).T, "b.ogg": RuntimeError("no such\ncodec")}
    answers |= {"c.mp3": np.float32([[np.nan]]), "d.wav": np.float32(sine(2)).T}

    def answer(path, dtype, always_2d):
        found = answers[path.rpartition("/")[2]]
        if isinstance(found, Exception):
            raise found
        return found, RATE

    monkeypatch.setitem(sys.modules, "soundfile", SimpleNamespace(read=answer))
    for name in answers:
        (tmp_path / name).write_bytes(header(kind=3, bits=32))
    rows = heard(tmp_path)
    np.testing.assert_allclose(rows, [sine(), sine(2)], atol=1e-4)


def test_floating_point_and_compressed_files_are_read(tmp_path):
    soundfile = pytest.importorskip("soundfile")
    soundfile.write(tmp_path / "a.wav", sine()[0], RATE, subtype="FLOAT")
    soundfile.write(tmp_path / "b.flac", sine()[0], RATE)
    soundfile.write(tmp_path / "c.wav", sine()[0], RATE, subtype="PCM_24", format="WAVEX")
    np.testing.assert_allclose(heard(tmp_path), [sine()] * 3, atol=1e-3)


# WAV files as programs write them


GUID = bytes.fromhex("000000001000800000aa00389b71")


def extensible(tag, bits, content, before=b""):
    """WAVE_FORMAT_EXTENSIBLE, which Python 3.11 does not know."""
    frame = bits // 8
    about = struct.pack("<HHIIHH", 0xFFFE, 1, RATE, RATE * frame, frame, bits)
    about += struct.pack("<HHI", 22, bits, 4) + struct.pack("<H", tag) + GUID
    body = b"WAVE" + before + b"fmt " + struct.pack("<I", len(about)) + about
    body += b"data" + struct.pack("<I", len(content)) + content
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize("before", [b"", b"LIST" + struct.pack("<I", 5) + b"INFOx\0"])
@pytest.mark.parametrize("bits", [16, 24, 32])
def test_extensible_integers_need_no_library(tmp_path, monkeypatch, bits, before):
    monkeypatch.setitem(sys.modules, "soundfile", None)
    save(tmp_path / "plain.wav", sine(), width=bits // 8)
    content = (tmp_path / "plain.wav").read_bytes()[44:]
    (tmp_path / "wave.wav").write_bytes(extensible(1, bits, content, before))
    plain, same = heard(tmp_path)
    assert (plain == same).all()


def test_extensible_floats_need_the_library(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "soundfile", None)
    (tmp_path / "a.wav").write_bytes(extensible(3, 32, np.float32(sine()).tobytes()))
    with pytest.raises(DataError, match=r"pip install 'ganzoo-core\[audio\]'"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("kind", "options"),
    [("FLAC", {}), ("RF64", {}), ("WAV", {"endian": "BIG"}), ("AIFF", {}), ("OGG", {})],
    ids=["FLAC", "RF64", "RIFX", "AIFF", "OGG"],
)
def test_a_file_that_is_called_wav_is_read_by_its_content(tmp_path, kind, options):
    soundfile = pytest.importorskip("soundfile")
    rate = 8000 if kind == "OGG" else RATE
    sound = sine(samples=LENGTH * rate // RATE, rate=rate)[0]
    subtype = None if kind == "OGG" else "PCM_16"
    soundfile.write(tmp_path / "a.wav", sound, rate, subtype, format=kind, **options)
    if rate != RATE:
        pytest.importorskip("scipy")
    assert np.abs(heard(tmp_path)).max() == pytest.approx(0.8, abs=0.1)


def test_what_no_library_reads_is_said_without_the_path(tmp_path):
    pytest.importorskip("soundfile")
    (tmp_path / "page.wav").write_text("<html>no sound</html>")
    with pytest.raises(DataError, match=r"page\.wav: Format not recogni[sz]ed$"):
        load(tmp_path)


def test_what_is_no_file_is_not_waited_for(tmp_path, caplog):
    os.mkfifo(tmp_path / "pipe.wav")
    save(tmp_path / "a.wav", sine())
    assert len(load(tmp_path)) == 1
    assert "pipe.wav: no regular file" in caplog.text


# Damage


DAMAGED = {
    "empty": b"",
    "no sound file": b"this is text, whatever its name says",
    "header cut off": header()[:30],
    "no sample": header(content=b""),
    "less than a sample": header(content=b"\0"),
    "no channel": header(channels=0),
    "64 bits": header(bits=64),
    "rate 0": header(rate=0),
    "absurd rate": header(rate=2**32 - 1),
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_file_is_named_and_left_out(tmp_path, caplog, content):
    (tmp_path / "bad.wav").write_bytes(content)
    with pytest.raises(DataError, match=r"none of 1 recordings is readable; bad\.wav: ") as caught:
        load(tmp_path)
    assert len(str(caught.value).splitlines()) == 1
    assert not str(caught.value).endswith(("EOFError", "bad.wav: "))
    save(tmp_path / "good.wav", sine())
    assert len(load(tmp_path)) == 1
    assert "1 of 2 left out; bad.wav: " in caplog.text


def test_of_a_file_that_was_cut_off_what_is_there_is_heard(tmp_path):
    save(tmp_path / "a.wav", sine())
    content = (tmp_path / "a.wav").read_bytes()
    (tmp_path / "a.wav").write_bytes(content[: -LENGTH - 1])
    (row,) = heard(tmp_path)
    left = LENGTH // 2 - 1
    np.testing.assert_allclose(row[:, :left], sine()[:, :left], atol=1e-4)
    assert (row[:, left:] == 0).all()


def test_many_damaged_files_are_one_warning(tmp_path, caplog):
    save(tmp_path / "good.wav", sine())
    for number in range(9):
        (tmp_path / f"bad{number}.wav").write_bytes(b"")
    assert len(load(tmp_path)) == 1
    (record,) = caplog.records
    assert "9 of 10 left out" in record.message
    assert record.message.endswith("...")


def test_a_folder_with_the_name_of_a_recording_is_a_folder(tmp_path, caplog):
    save(tmp_path / "takes.wav" / "a.wav", sine())
    assert len(load(tmp_path)) == 1
    assert not caplog.records


# Classes and splits


def test_folders_directly_below_are_classes_row_by_row(tmp_path):
    save(tmp_path / "dog" / "deep" / "a.wav", sine(samples=2 * LENGTH))
    save(tmp_path / "cat" / "b.wav", sine())
    data = load(tmp_path)
    assert data.classes == ("cat", "dog")
    assert data.columns["label"].tolist() == [0, 1, 1]


def test_a_single_folder_or_a_file_beside_the_folders_makes_no_classes(tmp_path):
    save(tmp_path / "dog" / "a.wav", sine())
    assert load(tmp_path).classes == ()
    save(tmp_path / "cat" / "b.wav", sine())
    save(tmp_path / "c.wav", sine())
    data = load(tmp_path)
    assert (data.classes, set(data.columns)) == ((), {"real"})


def test_train_and_test_are_folders(tmp_path):
    for number, split in enumerate(("train", "test")):
        for place in ("cat", "dog"):
            save(tmp_path / split / place / "a.wav", sine(1 + number))
    for number, split in enumerate(("train", "test")):
        data = load(tmp_path, split=split)
        assert data.classes == ("cat", "dog")
        np.testing.assert_allclose(data.columns["real"][0] / 32768, sine(1 + number), atol=1e-4)


def test_labels_mean_the_same_in_both_splits(tmp_path):
    for place in ("train/cat", "train/cow", "train/dog", "test/cat", "test/dog"):
        save(tmp_path / place / "a.wav", sine())
    data = load(tmp_path, split="test")
    assert [data.classes[label] for label in data.columns["label"]] == ["cat", "dog"]
    assert data.classes == load(tmp_path).classes


def test_a_folder_that_is_itself_called_test_keeps_its_classes(tmp_path):
    for place in ("high", "low"):
        save(tmp_path / "test" / place / "a.wav", sine())
    found = load(tmp_path / "test")
    assert (found.classes, found.columns["label"].tolist()) == (("high", "low"), [0, 1])


def test_without_a_folder_for_it_there_is_no_test_split(tmp_path):
    save(tmp_path / "a.wav", sine())
    with pytest.raises(DataError, match="no folders train and test, and so no such split"):
        load(tmp_path, split="test")


def test_a_class_may_be_called_train(tmp_path):
    for place in ("car", "train"):
        save(tmp_path / place / "a.wav", sine())
    assert load(tmp_path).classes == ("car", "train")


# Errors


def test_what_is_no_folder_of_recordings_is_said_in_one_line(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "two\nlines").mkdir()
    for place, words in {
        "nowhere": "no such folder",
        "empty": r"no recording in it \(.aif, ",
        "two\nlines": "no recording in it",
    }.items():
        with pytest.raises(DataError, match=words) as caught:
            load(tmp_path / place)
        assert len(str(caught.value).splitlines()) == 1


def test_reading_one_file_says_its_rate(tmp_path):
    save(tmp_path / "a.wav", np.concatenate([sine(), sine()]), rate=8000)
    samples, rate = read(tmp_path / "a.wav")
    assert (samples.shape, samples.dtype, rate) == ((2, LENGTH), np.float32, 8000)


# In use


def test_a_model_sees_floats_between_minus_one_and_one(tmp_path):
    (toy,) = (toy for toy in TOYS if toy.name == "audio")
    gan = toy.make()
    for number in range(3):
        save(tmp_path / f"{number}.wav", sine(samples=100), rate=gan.sample_spec.rate)
    data = load_data(f"audio:{tmp_path}", gan.sample_spec)
    batch = Batches(data, 5, seed=0, device=torch.device("cpu")).next()["real"]
    assert batch.shape == (5, *gan.sample_spec.shape)
    assert batch.dtype == torch.float32
    assert -1 <= batch.min() < 0 < batch.max() < 1
