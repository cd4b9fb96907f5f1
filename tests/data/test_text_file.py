"""A file of text becomes tokens, a model learns them, and what it writes is words again."""

import logging

import pytest
import torch

from ganzoo.data import load_data
from ganzoo.data.text_file import sentences, tokens, vocabulary
from ganzoo.errors import DataError, UsageError
from ganzoo.spec import SampleSpec

VERSE = "the cat sat\nthe dog sat\n\nthe end\n"
FORM = SampleSpec((5,), vocabulary=6)


@pytest.fixture
def write(tmp_path):
    """Write a file, as bytes or as UTF-8, and say how ``--data`` calls it."""

    def written(content, name="verse.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return f"text:{path}"

    return written


def texts(dataset):
    return sentences(dataset.columns["real"], dataset.words)


# vocabulary


def test_the_most_frequent_words_are_known_and_ties_go_by_name():
    lines = [["b", "b", "c"], ["a", "d"]]
    assert vocabulary(lines, 5) == ("", "<unk>", "b", "a", "c")
    assert vocabulary(lines, 100) == ("", "<unk>", "b", "a", "c", "d")


@pytest.mark.parametrize("size", [0, 1, 2])
def test_the_end_and_the_unknown_word_are_always_there(size):
    assert vocabulary([["a", "b"]], size) == ("", "<unk>")


def test_a_text_may_hold_the_unknown_word_itself():
    words = vocabulary([["<unk>", "<unk>", "a"]], 9)
    assert words == ("", "<unk>", "a")
    assert tokens([["<unk>", "a"]], words, 3).tolist() == [[1, 2, 0]]


# rows


def test_each_line_is_a_text_and_empty_lines_are_none(write):
    dataset = load_data(write(VERSE + "   \n\t\n"), FORM)
    assert dataset.words == ("", "<unk>", "the", "sat", "cat", "dog")
    assert dataset.columns["real"].dtype == torch.int64
    assert dataset.columns["real"].tolist() == [
        [2, 4, 3, 0, 0],
        [2, 5, 3, 0, 0],
        [2, 1, 0, 0, 0],
    ]


def test_words_come_back(write):
    assert texts(load_data(write(VERSE), SampleSpec((5,), vocabulary=50))) == [
        "the cat sat",
        "the dog sat",
        "the end",
    ]


@pytest.mark.parametrize(
    "content",
    [
        "a  b\tc\r\nd",
        "\ufeffa b c\nd\n",
        b"\xef\xbb\xbfa b c\r\nd\r\n",
        "a\u00a0b c\nd",
    ],
    ids=["spaces and Windows", "byte order mark", "both", "no-break space"],
)
def test_spaces_and_line_ends_of_any_kind(write, content):
    assert texts(load_data(write(content), FORM)) == ["a b c", "d"]


@pytest.mark.parametrize("odd", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_only_a_line_end_ends_a_line(write, odd):
    assert texts(load_data(write(f"a{odd}b\nc"), FORM)) == ["a b", "c"]


def test_words_of_any_script(write):
    lines = ["naïve Ωμέγα", "日本 🙂"]
    assert texts(load_data(write("\n".join(lines)), FORM)) == lines


def test_what_the_vocabulary_lacks_is_unknown_and_told(write, caplog):
    with caplog.at_level(logging.WARNING, logger="ganzoo"):
        dataset = load_data(write("a a a b\na a b c"), SampleSpec((5,), vocabulary=4))
    assert texts(dataset) == ["a a a b", "a a b <unk>"]
    assert "12.5 % of the words are not among 4: <unk>" in caplog.text


def test_long_texts_are_cut_and_told(write, caplog):
    with caplog.at_level(logging.WARNING, logger="ganzoo"):
        dataset = load_data(write("a b c d e f\na b c d e\na"), FORM)
    assert [len(text.split()) for text in texts(dataset)] == [5, 5, 1]
    assert "1 of 3 texts are longer than 5 words: cut" in caplog.text


def test_a_text_that_fits_is_not_talked_about(write, caplog):
    with caplog.at_level(logging.WARNING, logger="ganzoo"):
        load_data(write("a b c d\na b"), FORM)
    assert not caplog.text


def test_a_model_that_knows_its_words_keeps_them(write):
    words = ("", "<unk>", "sat", "moon")
    dataset = load_data(write(VERSE), SampleSpec((5,), vocabulary=4, words=words))
    assert dataset.words == words
    assert texts(dataset)[0] == "<unk> <unk> sat"


def test_texts_of_other_words_have_another_hash(write):
    one, other = (load_data(write(text), FORM) for text in ("a b\na", "c d\nc"))
    assert torch.equal(one.columns["real"], other.columns["real"])
    assert one.sha256 != other.sha256


# splits, and what is no text


def test_a_folder_has_two_splits(write, tmp_path):
    write("a a b", "both/train.txt")
    write("b a", "both/test.txt")
    data = f"text:{tmp_path / 'both'}"
    assert texts(load_data(data, FORM)) == ["a a b"]
    assert texts(load_data(data, FORM, "test")) == ["b a"]


@pytest.mark.parametrize(
    ("content", "split", "reason"),
    [
        ("a b", "test", "one file has no test split; give a folder with two"),
        ("", "train", "there is no text in"),
        (" \n\n\t\n", "train", "there is no text in"),
        (b"caf\xe9 noir", "train", "is no text in UTF-8"),
        (b"\xff\xfea\x00", "train", "is no text in UTF-8"),
    ],
    ids=["no test", "empty", "blank", "Latin-1", "UTF-16"],
)
def test_what_is_no_text_is_said_in_one_line(write, content, split, reason):
    with pytest.raises(DataError, match=reason) as caught:
        load_data(write(content), FORM, split)
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DataError, match=r"corpus\.txt cannot be read: No such file"):
        load_data(f"text:{tmp_path / 'corpus.txt'}", FORM)
    (tmp_path / "train.txt").write_text("a")
    with pytest.raises(DataError, match=r"test\.txt cannot be read: No such file"):
        load_data(f"text:{tmp_path}", FORM, "test")


def test_texts_are_for_models_of_texts(write):
    with pytest.raises(UsageError, match="is texts, the model makes images"):
        load_data(write(VERSE), (1, 28, 28))
    with pytest.raises(UsageError, match="is images, the model makes texts"):
        load_data("mnist", FORM)


# sentences


def test_a_text_ends_at_its_end():
    rows = torch.tensor([[2, 0, 3], [0, 2, 2], [2, 3, 2]])
    assert sentences(rows, ("", "<unk>", "a", "b")) == ["a", "", "a b a"]


def test_tokens_without_words_are_numbers():
    rows = torch.tensor([[2, 7, 0]])
    assert sentences(rows, ()) == ["2 7"]
    assert sentences(rows, ("", "<unk>", "a")) == ["a 7"]
