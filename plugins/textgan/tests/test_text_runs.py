"""A model learns a file of text, and what it writes is words again."""

import pytest
import torch
from typer.testing import CliRunner

import ganzoo
from ganzoo import Dataset
from ganzoo.cli import app
from ganzoo.errors import UsageError
from ganzoo.evaluation import nearest_neighbors

VERSE = "the cat sat\nthe dog sat\n\nthe end\n"
SMALL = ("vocabulary=8", "length=5", "hidden=8", "embedding=4", "warm_up=1", "game=1")


@pytest.fixture
def write(tmp_path):
    """Write a file, and say how ``--data`` calls it."""

    def written(content):
        (tmp_path / "verse.txt").write_text(content)
        return f"text:{tmp_path / 'verse.txt'}"

    return written


def run(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


def train(data, out, kimg="0.064"):
    settings = [part for each in SMALL for part in ("--set", each)]
    options = ("--data", data, "--kimg", kimg, "--device", "cpu", "--out", out)
    return run("train", "textgan.file", *settings, *options)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("texts")
    (folder / "verse.txt").write_text(VERSE)
    result = train(f"text:{folder / 'verse.txt'}", folder / "run")
    assert result.exit_code == 0, result.output
    return folder / "run"


def test_a_run_writes_samples_in_words(trained):
    assert not (trained / "samples.png").exists()
    lines = (trained / "samples.txt").read_text().splitlines()
    assert len(lines) == 64
    assert {word for line in lines for word in line.split()} <= {*VERSE.split(), "<unk>"}
    assert any(lines)
    assert "samples.txt" in (trained / "README.md").read_text()


def test_a_trained_model_knows_its_words(trained):
    gan = ganzoo.load(f"local-dir:{trained}")
    assert gan.sample_spec.words[:4] == ("", "<unk>", "the", "sat")
    assert gan.sample_spec.kind == "texts"


def test_sampling_writes_texts_a_line_or_a_file_each(trained, tmp_path):
    source = f"local-dir:{trained}"
    lines = tmp_path / "some.txt"
    assert run("sample", source, "-n", "7", "-o", lines, "--seed", "3").exit_code == 0
    assert run("sample", source, "-n", "7", "-o", tmp_path / "each", "--seed", "3").exit_code == 0
    written = sorted((tmp_path / "each").iterdir())
    assert [path.suffix for path in written] == [".txt"] * 7
    assert "".join(path.read_text() for path in written) == lines.read_text()
    refused = run("sample", source, "-o", tmp_path / "grid.png")
    assert refused.exit_code != 0
    assert ".txt" in refused.output


def test_the_same_command_goes_on_and_other_words_are_refused(tmp_path, write):
    data, out = write(VERSE), tmp_path / "run"
    for kimg in ("0.064", "0.128"):
        assert train(data, out, kimg).exit_code == 0
    write(VERSE.replace("cat", "cow").replace("dog", "doe"))
    refused = train(data, out, "0.192")
    assert refused.exit_code != 0
    assert "sha256 of the data" in refused.output


def test_texts_have_no_pictures_of_neighbours(trained):
    gan = ganzoo.load(f"local-dir:{trained}")
    data = Dataset("zeros", {"real": torch.zeros(9, 5, dtype=torch.int64)})
    with pytest.raises(UsageError, match="pictures"):
        nearest_neighbors(gan, protocol="quick", data=data)
