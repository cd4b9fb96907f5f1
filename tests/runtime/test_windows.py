"""The core needs no module or function that only POSIX systems have."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import importlib, os, pkgutil, sys, warnings

warnings.simplefilter("error")
import filelock, psutil  # these have code of their own for each system

sys.modules["fcntl"] = sys.modules["resource"] = None
for name in ("sysconf", "getuid", "geteuid", "getgid", "fork", "getpgid", "killpg", "setsid"):
    delattr(os, name)

import ganzoo

for module in pkgutil.walk_packages(ganzoo.__path__, "ganzoo."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)

from tiny_runs import run

assert run("run", 2).images == 32
assert run("run", 4).images == 64
assert ganzoo.load("local-dir:run").sample(2, seed=0).shape == (2, 1, 8, 8)

from ganzoo.runtime.memory import available_memory
assert available_memory() > 0
"""


@pytest.mark.slow
def test_every_module_imports_and_a_run_trains_without_posix(tmp_path):
    tests = next(path for path in sys.path if path.endswith("tests"))
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {tests!r}){PROGRAM}"],
        cwd=tmp_path,
        env={**os.environ, "USERNAME": "somebody"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
