"""What is not used is not imported, and the core knows no plugin by name."""

import re
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest

import ganzoo
from ganzoo import registry

HEAVY = {"PIL", "huggingface_hub", "numpy", "timm", "torch", "torchmetrics", "torchvision"}

CORE = Path(ganzoo.__file__).parent

COMMAND = """
from ganzoo.cli import app
app({arguments}, standalone_mode=False)
"""


def imported_by(program):
    """The top-level modules that a new interpreter holds once a program is through."""
    tail = "import sys\nprint(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\n{tail}"], capture_output=True, text=True, check=True
    )
    return done.stdout, set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "program",
    [
        "import ganzoo, ganzoo.cli, ganzoo.registry, ganzoo.spec.config, ganzoo.errors",
        "import ganzoo_vanilla, ganzoo_dcgan, ganzoo_wgan_gp",
        "import ganzoo\nassert 'GAN' in dir(ganzoo)",
    ],
    ids=["core", "plugins", "names"],
)
def test_imports_are_light(program):
    _, modules = imported_by(program)
    assert "ganzoo" in modules
    assert not HEAVY & modules


def test_training_imports_no_compiler():
    """torch's compiler, which imports sympy, takes seconds to import."""
    _, modules = imported_by("import ganzoo.training, ganzoo.bench, ganzoo.hub")
    assert "torch" in modules
    assert not {"sympy", "matplotlib"} & modules


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["list"], "vanilla"),
        (["list", "*.mnist", "--json"], "vanilla.mnist"),
        (["list", "--pretrained"], "WEIGHTS"),
        (["info", "vanilla"], "Goodfellow"),
        (["info", "vanilla", "--json"], "Goodfellow"),
        (["--version"], ganzoo.__version__),
        (["--help"], "Usage"),
        (["train", "--help"], "--set"),
        (["bench", "--help"], "--budget"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_commands_that_only_tell_are_light(arguments, shown):
    output, modules = imported_by(COMMAND.format(arguments=arguments))
    assert shown in output
    assert not HEAVY & modules


def test_the_measure_itself_sees_torch():
    """Else the tests above would hold nothing."""
    _, modules = imported_by("import ganzoo\nganzoo.GAN")
    assert {"torch", "numpy"} <= modules


def first_party_words():
    """Architectures, packages and class names of the plugins that ship with the core."""
    own = distribution(registry.OWN_DISTRIBUTION).entry_points.select(group=registry.MODELS.group)
    words = set()
    for entry in own:
        words |= {entry.name, entry.name.replace("-", "_"), entry.name.replace("-", "")}
        words |= {entry.module, entry.load().model.partition(":")[2]}
    return sorted(words)


def test_no_file_of_the_core_names_a_first_party_plugin():
    words = first_party_words()
    assert {"vanilla", "dcgan", "wgan-gp"} <= set(words)
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, words))})\b", re.IGNORECASE)
    files = sorted(CORE.rglob("*.py"))
    assert CORE / "registry" / "plugins.py" in files
    named = [
        f"{file.relative_to(CORE)}:{number}: {line.strip()}"
        for file in files
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if pattern.search(line)
    ]
    assert named == []


@pytest.mark.parametrize("name", ganzoo.__all__)
def test_every_public_name_is_there(name):
    assert getattr(ganzoo, name) is not None
    assert name in dir(ganzoo)


def test_public_names_are_sorted_out_once():
    assert len(set(ganzoo.__all__)) == len(ganzoo.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Gan'"):
        _ = ganzoo.Gan


def test_every_command_has_a_module_of_its_own():
    from ganzoo import cli

    defined = {}
    for info in [*cli.app.registered_commands, *cli.app.registered_groups]:
        name = info.name or info.callback.__name__
        home = info.callback or info.typer_instance.registered_commands[0].callback
        defined[name] = home.__module__
    assert defined == {name: f"ganzoo.cli.cmd_{name}" for name in cli.COMMANDS}
