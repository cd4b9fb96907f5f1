"""`ganzoo data check` says what becomes of each file in a training."""

import json
import os
import shlex
from pathlib import Path

import pytest
import torch
from image_files import ALONE, FILES, SIDE, encoded, found, noise, write, write_everything
from PIL import Image
from typer.testing import CliRunner

from ganzoo.cli import app
from ganzoo.data import load_data
from ganzoo.data.images.decode import LARGEST
from ganzoo.data.images.folder_report import FEW, KEPT, LEFT_OUT, check


@pytest.fixture
def everything(tmp_path):
    return write_everything(tmp_path / "all")


# each kind


@pytest.mark.parametrize("kind", FILES)
def test_each_kind_is_found_and_said_to_be_what_it_is(kind, tmp_path):
    write(tmp_path, {**FILES[kind], **ALONE})
    findings = found(check(tmp_path))
    assert set(findings) - {"palette"} == {kind, "too few images"} - {"palette"}
    assert kind in findings
    copies = kind.endswith("duplicate")
    named = findings[kind].groups[0] if copies else findings[kind].files
    assert set(named) == set(FILES[kind])
    assert findings[kind].files == (named[1:] if copies else named)
    assert findings[kind].effect == {**LEFT_OUT, **KEPT}[kind]


def test_what_is_ordinary_is_not_remarked_upon(tmp_path):
    write(tmp_path, ALONE)
    report = check(tmp_path)
    assert (report.files, report.readable, report.classes) == (2, 2, {})
    assert set(found(report)) == {"too few images"}


def test_enough_images_are_enough(tmp_path):
    for number in range(FEW):
        noise(number, (8, 8)).save(tmp_path / f"{number}.bmp")
    findings = found(check(tmp_path, size=8))
    assert findings == {}
    (tmp_path / "0.bmp").unlink()
    assert set(found(check(tmp_path, size=8))) == {"too few images"}


def test_what_cannot_be_opened(tmp_path):
    write(tmp_path, ALONE)
    (tmp_path / "gone.png").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "folder.png").mkdir()
    assert found(check(tmp_path))["unreadable"].files == ("gone.png", "pipe.png")


def test_tiny_is_what_is_smaller_than_asked(tmp_path):
    write(tmp_path, ALONE)
    assert "tiny" not in found(check(tmp_path))
    assert set(found(check(tmp_path, size=SIDE + 1))["tiny"].files) == set(ALONE)


def test_lossy_and_smaller_copies_are_nearly_duplicates_and_others_are_not(tmp_path):
    for number in range(40):
        picture = noise(number, (6, 6)).resize((96, 96), Image.Resampling.BICUBIC)
        picture.save(tmp_path / f"{number:02d}.png")
        picture.save(tmp_path / f"{number:02d}.jpg", quality=50)
        picture.resize((48, 48)).save(tmp_path / f"{number:02d}.webp")
    groups = found(check(tmp_path))["nearly duplicate"].groups
    assert groups == tuple((f"{n:02d}.jpg", f"{n:02d}.png", f"{n:02d}.webp") for n in range(40))


def test_plain_colours_are_alike_only_if_they_are_one_colour(tmp_path):
    for number in range(8):
        Image.new("RGB", (SIDE, SIDE), (number * 30, 0, 0)).save(tmp_path / f"{number}.png")
    assert set(found(check(tmp_path))) == {"too few images"}


def test_classes_are_counted_and_unequal_ones_named(tmp_path):
    for number in range(20):
        write(tmp_path / "cats", {f"{number}.png": encoded(noise(number), "PNG")})
    write(tmp_path / "dogs", {"a.png": ALONE["good.png"], "b.png": b"no image"})
    report = check(tmp_path)
    assert report.classes == {"cats": 20, "dogs": 1}
    assert found(report)["unequal classes"].files == ("dogs",)
    data = load_data(f"folder:{tmp_path}", (3, 8, 8))
    assert data.classes == tuple(report.classes)
    assert torch.bincount(data.columns["label"]).tolist() == list(report.classes.values())


def test_a_broken_file_beside_the_classes_changes_nothing(tmp_path, caplog):
    for name in ("cats", "dogs"):
        write(tmp_path / name, ALONE)
    write(tmp_path, {"._good.png": b"no image"})
    assert check(tmp_path).classes == {"cats": 2, "dogs": 2}
    assert load_data(f"folder:{tmp_path}", (3, 8, 8)).classes == ("cats", "dogs")


def test_the_guide_says_what_becomes_of_each_kind():
    guide = (Path(__file__).parents[2] / "docs/howto/own-images.md").read_text()
    section = " ".join(guide.split())
    assert [kind for kind in (*FILES, "unreadable", "classes") if kind not in section] == []
    assert f"{LARGEST:,} pixels" in section
    assert f"fewer than {FEW:,} images" in section


# the command


def run(*arguments):
    return CliRunner().invoke(app, ["data", "check", *map(str, arguments)])


def test_the_command_counts_names_and_says_what_to_type_next(everything):
    result = run(everything)
    assert (result.exit_code, result.stderr) == (0, "")
    report = check(everything)
    first, *lines, last = result.stdout.splitlines()
    assert f"{report.readable} of {report.files} images can be trained on" in first
    assert last == f"ganzoo train MODEL --data folder:{everything}"
    assert "classes: many " in lines[0]
    for finding in report.findings:
        count = f"{len(finding.files)} " if finding.files else ""
        assert f"{count}{finding.kind}; {finding.effect}" in lines
    assert (
        "  many/truncated/half.bmp, many/truncated/half.gif, many/truncated/half.jpeg, ..." in lines
    )
    copies = [f"many/duplicate/{name}" for name in ("copy again.png", "copy.bmp", "copy.png")]
    assert "  " + " = ".join(copies) in lines


def test_the_command_to_type_next_is_quoted(tmp_path):
    place = write(tmp_path / "my photos", ALONE)
    *_, last = run(f"folder:{place}").stdout.splitlines()
    assert shlex.split(last) == ["ganzoo", "train", "MODEL", "--data", f"folder:{place}"]


def test_the_command_as_json(everything):
    result = run(everything, "--json", "--size", "16")
    report = json.loads(result.stdout)
    assert result.exit_code == 0
    assert set(report) == {"folder", "files", "readable", "classes", "findings", "notes"}
    assert {finding["kind"] for finding in report["findings"]} == {*LEFT_OUT, *KEPT} - {"tiny"}
    for finding in report["findings"]:
        assert set(finding) == {"kind", "effect", "files", "groups"}


def test_nothing_to_train_on_is_exit_code_1(tmp_path):
    write(tmp_path, FILES["corrupt"])
    result = run(tmp_path)
    assert result.exit_code == 1
    assert "3 corrupt; left out" in result.stdout
    assert "ganzoo train" not in result.stdout
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    assert "none of 3 files is readable" in line
    as_json = run(tmp_path, "--json")
    assert as_json.exit_code == 1
    assert json.loads(as_json.stdout)["readable"] == 0


@pytest.mark.parametrize(
    ("place", "code", "answer"),
    [
        ("missing", 1, "no such folder"),
        ("empty", 1, "no image in it"),
        ("a.png", 1, "it is a file"),
    ],
)
def test_folders_that_are_none(place, code, answer, tmp_path):
    (tmp_path / "empty").mkdir()
    write(tmp_path, {"a.png": b""})
    result = run(tmp_path / place)
    assert result.exit_code == code
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    assert answer in line


def test_names_of_any_kind_are_printed(tmp_path):
    write(tmp_path, {"a\nb.png": b"", **ALONE})
    (tmp_path / os.fsdecode(b"\xff.jpg")).write_bytes(b"")
    result = run(tmp_path)
    assert result.exit_code == 0
    assert r"  a\nb.png, \udcff.jpg" in result.stdout.splitlines()
    assert run(tmp_path, "--json").exit_code == 0
