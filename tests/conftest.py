"""What every test here stands on: shared toys, a cache that is not the user's, a thread each."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# pytest's importlib mode leaves sys.path alone, but the test files share `toys`, and `walk`.
sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "docs"))


if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported, and for processes of tests
os.environ.setdefault("GANZOO_REPORT", "0")  # a page takes half a second; its own tests ask for it
os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")  # no pool of processes with torch


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache that is empty when the session begins and gone soon after.

    Parallel processes share the statistics of references, which take seconds each.
    """
    folder = tmp_path_factory.mktemp("cache")
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = tmp_path_factory.getbasetemp().parent / "statistics"
        shared.mkdir(exist_ok=True)
        (folder / "statistics").symlink_to(shared)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GANZOO_CACHE", str(folder))
        yield folder
