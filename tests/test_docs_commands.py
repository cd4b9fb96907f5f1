"""Blocks of bash in the pages are run, in one folder with small stand-ins for the reader's files.

Words that would take minutes are replaced, see `SHORTER`; commands that cannot run here are listed
with the reason, and the list has to be exact.
"""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from invoke import run
from PIL import Image

import ganzoo
from ganzoo import registry
from ganzoo.bench.speed import repeat
from ganzoo.gan import build

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("start", "application", "choose", "troubleshooting")
PAGES = [ROOT / "README.md", *(ROOT / f"docs/{name}.md" for name in NAMES)]
PAGES += sorted((ROOT / "docs/howto").glob("*.md"))
SHELL = re.compile(r"^( *)```bash\n(.*?)^ *```", re.DOTALL | re.MULTILINE)

NOT_RUN = {
    "installs or tests packages": (r"^pip ", r"^pytest"),
    "a package that is not installed here: tests/registry": (r"(check|bench) acme$",),
    "several processes: tests/training/test_processes.py": (r"^torchrun",),
    "a job of SLURM": (r"^srun", r"^'?head=", r"^#"),
    "the network": (
        r"^ganzoo (pull|push|verify) ",
        r"--protocol nv50k-full",
        r"--data cifar10",
        r"^ganzoo sample (lama|gfpgan|aurasr|esrgan.x4plus)",
        r"--init r3gan.ffhq256",
        r"^ganzoo sample biggan",
    ),
    "published files: tests/hub, tests/evaluation": (
        r"import latest_net_G",
        r"import pt_inception",
    ),
    "minutes of measurements and scores: tests/bench": (
        r"^ganzoo recommend unpaired:",
        r"^ganzoo bench (dcgan|'\*\.mnist' .*|local-dir:.*)$",
    ),
    "15 seconds: tests/evaluation/test_evaluator.py": (r"--self-test",),
    "serves until it is stopped: tests/sampling/test_explorer.py": (r"^ganzoo explore",),
    "optional packages: tests/training/test_trackers.py": (r"--track ",),
    "optional packages: tests/cli/test_cmd_export.py": (r"--to (onnx|torch-export)",),
}
"""Patterns of commands by the reason why they are not run."""

SHORTER = [
    (r"--budget [1-9]\w*", "--budget 1s"),
    (r"--seeds \d", "--seeds 1"),
    (r"--shard \d/\d", "--shard 1/2"),
    (r"-n 50000", "-n 12"),
    (r"-n 1000\b", "-n 4"),
    (r"\bPATH\b", "photos"),
    (r"^(ganzoo train dcgan\.celeba64 (?!.*config)(?!.*size=).*)", r"\1 --set width=8"),
    (r"^(ganzoo train (?!.*config\.json).*)", r"\1 --kimg 0.016 --batch 8"),
    (r"^(ganzoo train stylegan2.folder256 .*)", r"\1 --dry-run"),
    (
        r"^(ganzoo bench dcgan --sweep .*)",
        r"\1 --data folder:photos --set channels=3 --set size=32",
    ),
    (r"^(ganzoo bench .*?)( --budget 1s)?$", r"\1 --budget 0"),
    (r"^(ganzoo eval (?!.*-n ).*)", r"\1 -n 16"),
    (r"^(ganzoo eval .*)", r"\1 --protocol quick"),
    (r"^(ganzoo project .*)", r"\1 --steps 2"),
]
"""Replacements in the commands: shorter runs, fewer samples, the stand-in for PATH."""


def commands(path):
    """The commands of a page, without comments, pipes and continued lines."""
    found = []
    for indent, block in SHELL.findall(path.read_text()):
        text = re.sub(rf"^{indent}", "", block, flags=re.MULTILINE).replace("\\\n", " ")
        for line in text.splitlines():
            if line.startswith("#"):
                found.append(line)
                continue
            words = shlex.split(line, comments=True)
            line = shlex.join(words).replace(" '&&' ", " && ").strip()
            found += [part.strip() for part in line.split(" && ") if part.strip()]
    return found


def reason(line):
    """The reasons why a command is not run."""
    return [why for why, parts in NOT_RUN.items() if any(re.search(part, line) for part in parts)]


def images(folder, names, size=64):
    folder.mkdir(parents=True)
    for seed, name in enumerate(names):
        pixels = np.random.default_rng(seed).integers(0, 256, (size, size, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{name}.png")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with what a reader has: photos, drawings, a mask, trained models."""
    home = tmp_path_factory.mktemp("reader")
    names = ["one", *map(str, range(23))]
    for folder in ("photos", "others", "pictures", "horses", "zebras"):
        images(home / folder, names)
    images(home / "drawings", names[:4], 28)
    hole = np.zeros((28, 28), np.uint8)
    hole[8:16, 8:16] = 255
    Image.fromarray(hole).save(home / "hole.png")
    generator = build(registry.resolve("dcgan.celeba64")).generator.state_dict()
    torch.save({f"main.{name}": value for name, value in generator.items()}, home / "netG.pth")
    first = home / "runs/dcgan.mnist"
    ganzoo.train("dcgan.mnist", kimg=0.016, batch=8, out=first, settings={"width": "8"})
    for name in ("one", "two", "mine"):
        shutil.copytree(first, home / "runs" / name)
    run("import", home / "netG.pth", "--model", "dcgan.celeba64", "-o", home / "imported")
    return home


def execute(line):
    """Run a command; its message if it fails."""
    for pattern, new in SHORTER:
        line = re.sub(pattern, new, line)
    words = shlex.split(line)[1:]
    if words[0] == "train" and "--dry-run" not in words:  # else it would resume
        name = words[1] if "." in words[1] else f"{words[1]}.mnist"
        out = words[words.index("--out") + 1] if "--out" in words else f"runs/{name}"
        shutil.rmtree(out, ignore_errors=True)
    if words[0] == "import":
        shutil.rmtree("imported")
    code, _, error = run(*words)
    return "" if code == 0 else f"{line}\n{error}"


@pytest.mark.slow
def test_commands_of_the_pages_run(place, monkeypatch):
    monkeypatch.chdir(place)
    monkeypatch.setattr("ganzoo.bench.speed.repeat", lambda action, seconds: repeat(action, 0.01))
    lines = [line for path in PAGES for line in commands(path) if not reason(line)]
    failed = [error for line in dict.fromkeys(lines) if (error := execute(line))]
    assert failed == []


def test_the_list_of_commands_that_are_not_run_is_exact():
    lines = [line for path in PAGES for line in commands(path)]
    assert [line for line in lines if len(reason(line)) > 1] == []
    assert [line for line in lines if not reason(line) and not line.startswith("ganzoo ")] == []
    patterns = [part for parts in NOT_RUN.values() for part in parts]
    assert [part for part in patterns if not any(re.search(part, line) for line in lines)] == []
    shorter = [pattern for pattern, _ in SHORTER]
    assert [part for part in shorter if not any(re.search(part, line) for line in lines)] == []
