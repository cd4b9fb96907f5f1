"""Safetensors files with facts, and hashes."""

import hashlib

import torch
from safetensors.torch import load_file, save_file

from ganzoo.runtime.tensor_files import (
    cpu_copies,
    file_sha256,
    read_facts,
    tensors_sha256,
    write_tensors,
)


def test_equal_contents_give_equal_bytes_and_facts_are_read_back(tmp_path):
    shared = torch.arange(6.0).view(2, 3)
    tensors = cpu_copies({"a": shared.T, "b": shared})
    facts = {"data": "mnist", "format": 2}
    for name in ("one", "two"):
        write_tensors(tmp_path / name, tensors, facts)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert read_facts(tmp_path / "one") == facts
    assert torch.equal(load_file(tmp_path / "one")["a"], shared.T)


def test_a_file_of_another_program_has_no_facts(tmp_path):
    save_file({"a": torch.zeros(1)}, tmp_path / "x")
    assert read_facts(tmp_path / "x") == {}


def test_a_hash_of_tensors_depends_on_names_types_shapes_and_values_alone():
    tensors = {"a": torch.arange(6).view(2, 3), "b": torch.zeros(2)}
    digest = tensors_sha256(tensors)
    assert digest == tensors_sha256(dict(reversed(tensors.items())))
    assert digest == tensors_sha256({**tensors, "a": torch.arange(6).view(2, 3).T.contiguous().T})
    for change in (
        {"a": torch.arange(6).view(3, 2)},
        {"a": torch.arange(6).view(2, 3).int()},
        {"b": torch.ones(2)},
        {"c": torch.ones(2)},
    ):
        assert digest != tensors_sha256({**tensors, **change})


def test_a_hash_of_a_file_is_that_of_its_bytes(tmp_path):
    content = bytes(range(256)) * 8192
    (tmp_path / "x").write_bytes(content)
    assert file_sha256(tmp_path / "x") == hashlib.sha256(content).hexdigest()
