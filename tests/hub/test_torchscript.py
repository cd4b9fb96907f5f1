"""TorchScript archives: read as tensors, without their code."""

import pickle
import warnings
import zipfile

import pytest
import torch

from ganzoo.errors import WeightsError
from ganzoo.hub import read_tensors
from ganzoo.hub.foreign import read_state


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """A traced module with submodules, a buffer and tensors that share a storage; its state."""
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3)).eval()
    file = tmp_path_factory.mktemp("archive") / "module.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.jit is deprecated; files of it remain
        torch.jit.trace(module, torch.zeros(2, 4)).save(str(file))
    return file, module.state_dict()


def test_tensors_come_back(archive):
    file, state = archive
    for found in (read_tensors(file), read_state(file).tensors):
        assert found.keys() == state.keys()
        assert all(torch.equal(found[name], value) for name, value in state.items())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"cos\nsystem\n(S'true'\ntR.", "it names os.system"),
        (b"ctorch._utils\n_rebuild_tensor_v2\n}b.", "it changes torch._utils._rebuild_tensor_v2"),
        (pickle.dumps(3)[:-3], "input"),
        (b"(S'module'\nS'x'\ntQ.", "it refers to something that is no storage"),
    ],
)
def test_anything_else_is_refused(archive, content, reason, tmp_path):
    with zipfile.ZipFile(tmp_path / "bad.pt", "w") as bad:
        bad.writestr("x/data.pkl", content)
        bad.writestr("x/constants.pkl", b"")
    with pytest.raises(WeightsError, match=reason) as caught:
        read_tensors(tmp_path / "bad.pt")
    assert len(str(caught.value).splitlines()) == 1
