"""Pickles of whole modules: tensors and arguments come out, nothing else happens."""

from __future__ import annotations

import sys
import tracemalloc

import module_pickles
import pytest
import torch

from ganzoo.errors import WeightsError
from ganzoo.hub import read_state


@pytest.fixture
def tensors():
    return {
        "mapping.fc0.weight": torch.randn(3, 4),
        "synthesis.b4.conv1.weight": torch.randn(2, 2, 3, 3),
        "synthesis.b4.counter": torch.tensor(7),
    }


def test_tensors_and_constructor_arguments_are_read(tmp_path, tensors):
    file = tmp_path / "network-snapshot.pkl"
    arguments = {"z_dim": 4, "mapping_kwargs": {"num_layers": 2}, "sizes": (1, 2.5, None, "x")}
    module_pickles.write(file, {"G_ema": (tensors, arguments), "D": (tensors, {})})
    state = read_state(file)
    assert state.arguments == {
        "G_ema": {"z_dim": 4, "mapping_kwargs": {"num_layers": 2}, "sizes": [1, 2.5, None, "x"]}
    }
    for key in ("G_ema", "D"):
        part = state.part(f"{key}.")
        assert part.keys() == tensors.keys()
        assert all(torch.equal(part[name], value) for name, value in tensors.items())
    assert not any(value.requires_grad for value in state.tensors.values())


def test_nothing_that_a_pickle_names_is_imported(tmp_path, tensors):
    file = tmp_path / "g.pkl"
    module_pickles.write(file, {"G": (tensors, {})})
    before = set(sys.modules)
    read_state(file)
    assert not any(name.startswith(("torch_utils", "dnnlib")) for name in set(sys.modules) - before)


def test_numpy_values_of_arguments_are_read(tmp_path):
    file = tmp_path / "g.pkl"
    import numpy as np

    arguments = {"gain": np.float64(1.5), "size": np.array([3, 4]), "flag": np.bool_(True)}
    module_pickles.write(file, {"G": ({"w": torch.ones(1)}, arguments)})
    assert read_state(file).arguments["G"] == {"gain": 1.5, "size": [3, 4], "flag": True}


@pytest.mark.parametrize("name", module_pickles.hostile(__import__("pathlib").Path("marker")))
def test_a_hostile_pickle_runs_nothing(tmp_path, name, capfd):
    marker = tmp_path / "marker"
    file = tmp_path / "network.pkl"
    file.write_bytes(module_pickles.hostile(marker)[name])
    before = set(sys.modules)
    tracemalloc.start()
    try:
        with pytest.raises(WeightsError) as refused:
            read_state(file)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "\n" not in str(refused.value)
    assert str(file) in str(refused.value)
    assert not marker.exists()
    assert not {"antigravity", "pty", "code"} & (set(sys.modules) - before)
    assert peak < 2**29
    assert capfd.readouterr() == ("", "")


def test_a_tensorflow_pickle_is_named(tmp_path):
    file = tmp_path / "stylegan.pkl"
    file.write_bytes(module_pickles.call("dnnlib.tflib.network", "Network"))
    with pytest.raises(WeightsError, match="TensorFlow pickle"):
        read_state(file)


@pytest.mark.parametrize(
    ("size", "stride"), [((4, 4), (0, 1)), ((2**20, 2**20), (0, 0)), ((9,), (1,))]
)
def test_a_tensor_larger_than_its_storage_is_refused(tmp_path, size, stride):
    file = tmp_path / "g.pkl"

    class Large:
        def __reduce__(self):
            rebuild, (storage, offset, _, _, *rest) = torch.ones(4).__reduce_ex__(2)
            return rebuild, (storage, offset, size, stride, *rest)

    with module_pickles.foreign_modules() as names, open(file, "wb") as opened:
        made = module_pickles.Persistent(names.rebuild, {"_buffers": {"w": Large()}})
        module_pickles.Pickler(opened, protocol=4).dump({"G": made})
    with pytest.raises(WeightsError, match=r"storage|memory"):
        read_state(file)
