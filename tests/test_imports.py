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

LIGHT = [
    ["list"],
    ["list", "*.mnist", "--json"],
    ["list", "--pretrained"],
    ["info", "vanilla"],
    ["info", "vanilla", "--json"],
    ["--version"],
    ["--help"],
    ["train", "--help"],
    ["bench", "--help"],
]
"""Commands that only tell."""

COMMAND = """
from ganzoo.cli import app
app({arguments}, standalone_mode=False)
"""


def imported_by(*programs):
    """Output and top-level modules of a new interpreter after each of some programs."""
    tail = "import sys\nprint(*sorted({name.partition('.')[0] for name in sys.modules}))"
    parts = [f"{program}\n{tail}\nprint({END!r})" for program in programs]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(parts)], capture_output=True, text=True, check=True
    )
    outputs = done.stdout.split(f"{END}\n")[:-1]
    return [(output, set(output.splitlines()[-1].split())) for output in outputs]


END = "-- end of a program --"


def test_imports_are_light():
    programs = (
        "import ganzoo, ganzoo.cli, ganzoo.registry, ganzoo.spec.config, ganzoo.errors",
        "import ganzoo\nassert 'GAN' in dir(ganzoo)",
        "from ganzoo import registry\nassert all(each.spec for each in registry.discover())",
        f"import {', '.join(each.module for each in own_entry_points())}",
    )
    for program, (_, modules) in zip(programs, imported_by(*programs), strict=True):
        assert "ganzoo" in modules
        assert not HEAVY & modules, program


def test_training_imports_no_compiler():
    """torch's compiler, which imports sympy, takes seconds to import."""
    ((_, modules),) = imported_by("import ganzoo.training, ganzoo.bench, ganzoo.hub")
    assert {"torch", "numpy"} <= modules, "else nothing here holds anything"
    assert not {"sympy", "matplotlib"} & modules


def test_commands_that_only_tell_are_light():
    shown = ("vanilla", "vanilla.mnist", "WEIGHTS", "Goodfellow", "Goodfellow")
    shown += (ganzoo.__version__, "Usage", "--set", "--budget")
    found = imported_by(*(COMMAND.format(arguments=arguments) for arguments in LIGHT))
    for arguments, expected, (output, modules) in zip(LIGHT, shown, found, strict=True):
        assert expected in output, arguments
        assert not HEAVY & modules, arguments


def own_entry_points():
    """Those of the plugins that ship with the core."""
    return distribution(registry.OWN_DISTRIBUTION).entry_points.select(group=registry.MODELS.group)


def first_party_words():
    """Architectures, packages and class names of the plugins that ship with the core."""
    words = set()
    for entry in own_entry_points():
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
