"""Each requirement has a toy that breaks it and no other; the toys of all families meet them."""

import json
import random
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
import toys
from broken import BROKEN, SOUND
from typer.testing import CliRunner

from ganzoo import Dataset, Deviation, ModelSpec, Paper, Preset, registry
from ganzoo.cli import app
from ganzoo.errors import ConfigError, GanzooError, UnknownNameError
from ganzoo.testing import REQUIREMENTS, CheckFailed, checks

NAMES = [requirement.name for requirement in REQUIREMENTS]
SECONDS = 60
"""That the checks of a plugin may take on two cores."""


def failures(found):
    """What fails, by name, and why."""
    reasons = {}
    for check in found:
        try:
            check.run()
        except CheckFailed as failure:
            reasons[check.name] = str(failure)
    return reasons


def only(name, **options):
    """One check of the toy that breaks it."""
    (check,) = (each for each in checks(BROKEN[name], **options) if each.name == name)
    return check


def test_the_sound_toy_meets_every_requirement():
    assert failures(checks(SOUND)) == {}


def test_each_requirement_has_a_toy_that_breaks_it():
    assert set(BROKEN) == set(NAMES)
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_broken_toy_fails_its_check_and_no_other(name):
    waive = {
        "listing": "its modules are those of the sound toy",
        "compile": "a second each: test_a_broken_toy_compiles",
    }
    waive.pop(name, None)
    found = failures(checks(BROKEN[name], waive=waive))
    assert set(found) == {name}, found
    message, requirement = found[name], REQUIREMENTS[NAMES.index(name)]
    assert len(message.splitlines()) == 1
    assert message.startswith(f"{requirement.meaning} Found: ")
    assert message.endswith(requirement.fix)


SPEC_ONLY = ("origin", "listing", "config", "protocol", "meta")
"""Toys with the networks and losses of the sound one."""


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if name not in (*SPEC_ONLY, "compile")])
def test_a_broken_toy_compiles(name):
    (check,) = (each for each in checks(BROKEN[name]) if each.name == "compile")
    check.run()


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda requirement: requirement.name)
def test_a_requirement_has_a_meaning_and_a_fix(requirement):
    assert requirement.meaning.endswith(".")
    assert requirement.fix.startswith("Fix: ")
    assert requirement.fix.endswith(".")


@pytest.mark.slow
def test_the_checks_of_a_plugin_take_less_than_a_minute():
    """Of the slowest of ours; that all keep their requirements, test_models says."""
    started = time.process_time()
    assert failures(checks(registry.resolve("wgan-gp"))) == {}
    assert time.process_time() - started < 2 * SECONDS


@pytest.mark.parametrize("toy", toys.TOYS, ids=lambda toy: toy.name)
def test_a_model_of_each_family_meets_every_requirement(toy):
    """On data of its own kind; what needs no training is held elsewhere."""
    spec = ModelSpec(
        model=f"toys:{toy.model.__name__}",
        summary="A toy.",
        paper=Paper("Nobody et al.", 2020, "Toys", "https://example.org"),
        license="MIT",
        presets={"only": Preset(toys.Config(), toy.recipe)},
        deviations=(Deviation("it is a toy", "it shall be quick"),),
    )
    waive = {"listing": "all toys lie in one module", "compile": "takes too long for a test"}
    if toy.name == "infogan":
        assert set(failures(checks(spec, data=toy.dataset(), waive=waive))) == {"apart"}
        waive["apart"] = "the third phase trains the generator too (Chen et al. 2016)"
    assert failures(checks(spec, data=toy.dataset(), waive=waive)) == {}


@pytest.mark.parametrize("toy", toys.TOYS[4:7], ids=lambda toy: toy.name)
def test_conditions_come_with_the_data_that_is_made(toy):
    spec = replace(
        SOUND,
        model=f"toys:{toy.model.__name__}",
        presets={"only": Preset(toys.Config(), toy.recipe)},
    )
    some = [each for each in checks(spec) if each.name in ("samples", "losses", "learn")]
    assert failures(some) == {}


def test_a_check_is_called_by_its_name():
    assert [str(check) for check in checks(SOUND)] == NAMES


def test_checks_build_nothing_before_they_run():
    wrong = replace(SOUND, model="no_such_package.model:Nothing")
    found = checks(wrong)
    reason = failures([each for each in found if each.name == "samples"])["samples"]
    assert "no_such_package" in reason


def test_a_waived_check_passes():
    assert only("learn").waived == ""
    waived = only("learn", waive={"learn": "it is the point of the paper"})
    assert waived.waived == "it is the point of the paper"
    waived.run()


def test_a_waiver_needs_a_check_and_a_reason():
    with pytest.raises(UnknownNameError, match="did you mean batches"):
        checks(SOUND, waive={"batch": "why not"})
    with pytest.raises(ConfigError, match="without a reason"):
        checks(SOUND, waive={"learn": " "})


def test_a_failure_is_an_error_of_ganzoo_that_knows_its_cause():
    with pytest.raises(CheckFailed) as caught:
        only("copy").run()
    assert isinstance(caught.value, GanzooError)
    assert isinstance(caught.value.__cause__, RuntimeError)
    assert "deepcopy" in caught.value.reason


def test_checks_leave_the_random_states_alone():
    states = (torch.get_rng_state().tolist(), random.getstate(), repr(np.random.get_state()))
    assert failures(checks(SOUND, waive={"compile": "takes too long for a test"})) == {}
    after = (torch.get_rng_state().tolist(), random.getstate(), repr(np.random.get_state()))
    assert after == states


def test_data_of_another_shape_than_the_samples_is_named():
    real = torch.zeros(16, 4, 4, 1, dtype=torch.uint8)
    found = checks(SOUND, data=Dataset("small", {"real": real}))
    (samples,) = (each for each in found if each.name == "samples")
    with pytest.raises(CheckFailed, match=r"\(3, 1, 8, 8\).*\(3, 1, 4, 4\)"):
        samples.run()


def test_the_preset_that_was_asked_for_is_checked():
    plugin = registry.Plugin("broken", "broken", "1.0", SOUND)
    large = checks(registry.Model(plugin, SOUND, "large"))[0].model
    assert large.build().config.width == 32
    assert checks(SOUND)[0].model.build().config.width == 16


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A distribution of two toys: one meets every requirement, the other breaks two."""
    info = tmp_path / "toy_dist-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-dist\nVersion: 1.0\n")
    points = "[ganzoo.models]\nsound-toy = toy_specs:sound\nbad-toy = toy_specs:bad\n"
    (info / "entry_points.txt").write_text(points)
    (tmp_path / "toy_specs.py").write_text(
        "from dataclasses import replace\nfrom broken import BROKEN, SOUND as sound\n"
        "bad = replace(BROKEN['learn'], license='')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("toy_specs", None)


def run(*arguments):
    return CliRunner().invoke(app, ["plugin", "check", *arguments])


def test_the_command_prints_a_line_for_each_check(installed):
    result = run("sound-toy", "--waive", "compile=takes too long for a test")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    states = {name: "waived" if name == "compile" else "ok" for name in NAMES}
    assert [line.split()[:2] for line in lines] == [[states[name], name] for name in NAMES]
    assert all(
        requirement.meaning in line for requirement, line in zip(REQUIREMENTS, lines, strict=True)
    )


def test_the_command_says_what_failed_and_how_to_fix_it(installed):
    result = run("bad-toy", "--waive", "compile=not now")
    assert result.exit_code == 1
    assert result.stderr == ""
    lines = {line.split()[1]: line for line in result.stdout.splitlines()}
    assert list(lines) == NAMES
    assert {name for name, line in lines.items() if line.startswith("FAILED")} == {
        "origin",
        "learn",
    }
    assert "license is empty" in lines["origin"]
    assert "Fix: " in lines["learn"]
    assert lines["compile"].startswith("waived")
    assert lines["compile"].endswith("not now")


MISTAKES = {
    "bare tensor": (
        "generator_loss",
        "return losses.nonsaturating_g(self.discriminator(fake))",
        "losses",
        "the loss of phase 'generator' returned Tensor, not a mapping of named terms",
    ),
    "forgotten entry": (
        "generator_loss",
        "return {'adv': self.discriminator(fake + batch['noise']).mean()}",
        "losses",
        "KeyError: 'noise', no such entry in the batch (mistaken.py:5)",
    ),
    "write to a leaf": (
        "discriminator_loss",
        "self.discriminator[1].bias.clamp_(-1, 1)",
        "losses",
        "leaf Variable that requires grad is being used in an in-place operation: change parameters"
        " in after_update of a phase (mistaken.py:5)",
    ),
    "write to the batch": (
        "discriminator_loss",
        "return {'adv': self.discriminator(batch['real'].mul_(2)).mean()}",
        "losses",
        "phase discriminator changes real of its batch, which other phases get as well",
    ),
    "forgotten condition": (
        "generate",
        "return self.generator(batch['latent'] + batch['style'])",
        "inputs",
        "KeyError: 'style', no such entry in the batch (mistaken.py:5)",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_command_names_a_mistake_once(mistake, tmp_path, monkeypatch):
    method, line, check, message = MISTAKES[mistake]
    arguments = "self, batch" if method == "generate" else "self, batch, fake"
    (tmp_path / "mistaken.py").write_text(
        "from broken.model import Sound\nfrom ganzoo import losses\nclass Mistaken(Sound):\n"
        f"    def {method}({arguments}):\n        {line}\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "mistaken", raising=False)
    spec = replace(SOUND, model="mistaken:Mistaken")
    model = registry.Model(registry.Plugin("wrong", "wrong", "1.0", spec), spec, "small")
    monkeypatch.setattr(registry, "resolve", lambda name: model)
    result = run("wrong", "--waive", "listing=it is not installed")
    lines = result.stdout.splitlines()
    failed = [line for line in lines if line.startswith("FAILED")]
    assert [line.split()[1] for line in failed] == [check], failed
    assert message in failed[0]
    skipped = {line.split()[1] for line in lines if line.startswith("skip ")}
    assert {"update", "apart", "seed", "state", "resume", "compile", "learn"} <= skipped
    assert any(line.endswith(f"Skipped: it depends on {check}.") for line in lines)


def test_a_distribution_without_an_entry_point_is_named(tmp_path, monkeypatch):
    folder = tmp_path / "bare_gan-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: bare-gan\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(tmp_path)
    result = run("bare")
    assert result.exit_code == 1
    assert "bare-gan 1.0 is installed but declares no model" in result.stderr
    assert '[project.entry-points."ganzoo.models"]' in result.stderr


def test_the_command_prints_json(installed):
    waived = [part for name in NAMES if name != "learn" for part in ("--waive", f"{name}=no")]
    result = run("bad-toy", "--json", *waived)
    assert result.exit_code == 1
    verdicts = {verdict["check"]: verdict for verdict in json.loads(result.stdout)}
    assert list(verdicts) == NAMES
    assert {verdict["state"] for verdict in verdicts.values()} == {"waived", "FAILED"}
    failed = verdicts["learn"]
    assert failed["state"] == "FAILED"
    assert "generator from" in failed["reason"]
    assert failed["mend"].startswith("Fix: ")
    assert failed["seconds"] > 0


def test_the_command_refuses_what_is_not_there():
    for arguments, code in ((("no-such-model",), 2), (("vanilla", "--waive", "x=y"), 2)):
        result = run(*arguments)
        assert result.exit_code == code
        assert len(result.stderr.splitlines()) == 1
