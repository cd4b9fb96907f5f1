"""Other people's weight files: read as tensors, or named for what they are."""

import hashlib

import pytest
import torch
from safetensors.torch import save_file

from ganzoo.errors import WeightsError
from ganzoo.hub import read_tensors

TENSORS = {"0.weight": torch.arange(2000.0), "0.bias": torch.ones(3)}


class Evil:
    """Object whose unpickling runs code."""

    def __reduce__(self):
        return (print, ("gotcha",))


def refusal(file, sha256=""):
    """The message with which a file is refused."""
    with pytest.raises(WeightsError) as caught:
        read_tensors(file, sha256)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert str(file) in message
    return message


@pytest.mark.parametrize(
    "content",
    [
        TENSORS,
        {name: torch.nn.Parameter(value) for name, value in TENSORS.items()},
        {"epoch": 24, "state_dict": TENSORS},
        {"netG": TENSORS, "netD": {"a": torch.zeros(1)}, "loss": 1.0},
        {"g": {"a": torch.zeros(1)}, "g_ema": TENSORS},
        {"params": {"a": torch.zeros(1)}, "params_ema": TENSORS},
    ],
    ids=["plain", "parameters", "lightning", "gan", "averaged", "params_ema"],
)
@pytest.mark.parametrize("zipped", [True, False])
def test_state_dicts_are_read_wherever_scripts_put_them(content, zipped, tmp_path):
    torch.save(content, tmp_path / "x.pth", _use_new_zipfile_serialization=zipped)
    found = read_tensors(tmp_path / "x.pth")
    assert found.keys() == TENSORS.keys()
    assert all(torch.equal(found[name], TENSORS[name]) for name in TENSORS)
    assert not any(value.requires_grad for value in found.values())


@pytest.mark.parametrize("name", ["x.safetensors", "x.bin"])
def test_safetensors_are_recognized_by_their_content(name, tmp_path):
    save_file(TENSORS, tmp_path / name)
    assert read_tensors(tmp_path / name).keys() == TENSORS.keys()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html>Virus scan warning</html>", "a web page"),
        (b"\n  <HTML><head>", "a web page"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Error>AccessDenied</Error>", "an XML page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n", "git lfs pull"),
        (b'{"message": "Not Found"}', "a text file that begins"),
        (b"\x1f\x8b\x08\x00\x00\x00", "gzip"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"\x93NUMPY\x01\x00", "NumPy"),
        (b"noise", "damaged"),
        (bytes(range(256)), "damaged"),
    ],
    ids=range(11),
)
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_file_that_is_no_weights_is_called_what_it_is(content, reason, suffix, tmp_path):
    file = tmp_path / f"x{suffix}"
    file.write_bytes(content)
    assert reason in refusal(file)


def test_a_missing_file_and_a_folder(tmp_path):
    assert "no such file" in refusal(tmp_path / "x.pth")
    (tmp_path / "netG.pth").touch()
    assert "is a folder: name the file in it (netG.pth)" in refusal(tmp_path)


@pytest.mark.parametrize("kind", ["zip", "legacy", "safetensors"])
@pytest.mark.parametrize("share", [0.2, 0.9])
def test_half_a_file_is_called_cut(kind, share, tmp_path):
    file = tmp_path / "x"
    if kind == "safetensors":
        save_file(TENSORS, file)
    else:
        torch.save(TENSORS, file, _use_new_zipfile_serialization=kind == "zip")
    data = file.read_bytes()
    file.write_bytes(data[: int(share * len(data))])
    assert "cut short" in refusal(file)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"a": Evil()}, "more than tensors"),
        (torch.nn.Linear(2, 2), "torch.nn.modules.linear.Linear"),
        ({"epoch": 3}, "'epoch' is no tensor"),
        ([torch.zeros(3)], "holds list, not a state dict"),
        ({}, "holds nothing"),
    ],
    ids=["code", "module", "number", "list", "nothing"],
)
def test_more_than_tensors_is_refused(content, reason, tmp_path, capsys):
    torch.save(content, tmp_path / "x.pth")
    assert reason in refusal(tmp_path / "x.pth")
    assert "gotcha" not in capsys.readouterr().out


def test_a_published_file_is_known_by_its_hash(tmp_path):
    file = tmp_path / "x.pth"
    torch.save(TENSORS, file)
    right = hashlib.sha256(file.read_bytes()).hexdigest()
    assert read_tensors(file, right).keys() == read_tensors(file, right[:8]).keys()
    assert right in refusal(file, "0" * 64)
