"""The tutorial and the page on publishing do what they say: every command, and what it prints."""

from pathlib import Path

import pytest
from walk import BLOCK, WALKED, settled, stranger, walk

PAGES = Path(__file__).resolve().parents[1] / "docs" / "plugins"


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    with stranger(tmp_path_factory.mktemp("you")) as environment:
        yield environment


@pytest.mark.slow
@pytest.mark.parametrize("name", WALKED)
def test_the_commands_of_a_page_print_what_it_shows(environment, name):
    """In order: the second page goes on where the first ends. Numbers may differ, words may not.

    `python docs/generate.py --walk` writes what they print now.
    """
    page = (PAGES / name).read_text()
    assert settled(walk(page, environment)) == settled(page)


def test_a_page_is_walked_block_by_block(tmp_path):
    class Recorder:
        folder = tmp_path

        def __call__(self, command):
            self.stdout = f"{command} in {tmp_path}/here\n\n"
            return self

    page = (
        "Write to `a/b.txt`:\n\n```text\none\n```\n\nthen\n\n"
        "```console\n$ first\nstale\n$ second\n```\n\n```bash\n$ not run\n```\n"
    )
    shown = walk(page, Recorder())
    assert (tmp_path / "a" / "b.txt").read_text() == "one\n"
    assert "$ first\nfirst in ~/here\n\n$ second\nsecond in ~/here\n\n```" in shown
    assert shown.endswith("```bash\n$ not run\n```\n")


def test_what_is_volatile_is_not_compared():
    one = "a 1.5 s, 0.1.0+dev  12,345 bytes  0123456789abcdef, seed 0"
    other = "a 22.5 s, 0.2.0   99 bytes  fedcba9876543210, seed 0"
    assert settled(one) == settled(other)
    assert settled(one) != settled(one.replace("seed 0", "seed 1"))
    assert settled("recall  0  0.5\n") == settled("recall  0.0039       1\n")


def test_the_pages_have_commands():
    for name in WALKED:
        kinds = [kind for _, kind, _ in BLOCK.findall((PAGES / name).read_text())]
        assert kinds.count("console") > 2
