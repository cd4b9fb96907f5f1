"""Memory that is available, and the peak of a block."""

from __future__ import annotations

import time

import psutil
import pytest
import torch

from ganzoo.runtime.memory import available_memory, memory_reserve, peak_memory

V2 = ("", "memory.max", "memory.current", "")
V1 = ("memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_")


def test_available_memory_is_at_most_that_of_the_machine():
    assert 0 < available_memory() <= psutil.virtual_memory().total


@pytest.mark.parametrize(("folder", "limit", "usage", "prefix"), [V2, V1], ids=["v2", "v1"])
def test_a_container_limits_it_and_file_caches_count_as_free(
    folder, limit, usage, prefix, tmp_path
):
    root = tmp_path / folder
    root.mkdir(exist_ok=True)
    (root / usage).write_text("900\n")
    (root / "memory.stat").write_text(f"{prefix}inactive_file 300\n{prefix}active_file 50\n")
    (root / limit).write_text("1000\n")
    assert available_memory(tmp_path) == 450
    (root / limit).write_text("max\n")
    assert available_memory(tmp_path) > 450


@pytest.mark.parametrize(("folder", "limit", "usage", "prefix"), [V2, V1], ids=["v2", "v1"])
def test_a_group_around_this_process_limits_it(folder, limit, usage, prefix, tmp_path):
    """A SLURM job or a systemd scope is a group within that of the machine."""
    membership = tmp_path / "cgroup"
    membership.write_text(f"9:cpu:/other\n4:{folder}:/jobs/job7/step0\n")
    for path, most in (("jobs/job7", 800), ("jobs/job7/step0", 2**40), ("other", 1)):
        group = tmp_path / folder / path
        group.mkdir(parents=True)
        (group / usage).write_text("100\n")
        (group / "memory.stat").write_text(f"{prefix}inactive_file 20\n")
        (group / limit).write_text(f"{most}\n")
    assert available_memory(tmp_path, membership) == 720


def test_a_system_without_containers_has_no_limit(tmp_path):
    assert available_memory(tmp_path / "none") > 450


def test_the_peak_of_a_block_is_measured_though_its_memory_is_free_again():
    before = psutil.Process().memory_info().rss / 2**20
    with peak_memory(torch.device("cpu")) as peak:
        block = torch.ones(64 * 2**20)
        time.sleep(0.2)  # a thread takes the samples
        during = psutil.Process().memory_info().rss / 2**20
        del block
    assert peak[0] >= during - 8
    assert peak[0] >= before - 8


def test_a_block_ends_before_memory_does():
    sizes = iter([1000, 500])

    def busy() -> None:
        with memory_reserve(100, lambda: next(sizes, 50)):
            for _ in range(1000):
                time.sleep(0.01)

    with pytest.raises(MemoryError, match="less than 100 bytes"):
        busy()
    with memory_reserve(100, lambda: 100):
        time.sleep(0.05)
    with pytest.raises(KeyboardInterrupt), memory_reserve(100, lambda: 100):
        raise KeyboardInterrupt
