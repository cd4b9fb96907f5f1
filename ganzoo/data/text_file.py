"""A file of text as rows of tokens."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from ganzoo.data.dataset import Dataset
from ganzoo.data.folders import SPLITS, list_files, log_notes
from ganzoo.errors import DataError
from ganzoo.spec import SampleSpec

log = logging.getLogger("ganzoo")

END, UNKNOWN = "", "<unk>"
"""The first two words of every vocabulary: what follows a text, and any word that it lacks."""


def load_text(path: Path, form: SampleSpec, split: str) -> Dataset:
    """Each line of a file is a text, its words parted by spaces.

    The vocabulary is the model's, where it has one already; else the most frequent words.

    Args:
        path: a file in UTF-8; in a folder, ``train.txt`` or ``test.txt``, or all ``.txt`` files of
            the folders ``train`` or ``test``.
        form: of a row: (T,), and how many tokens there may be.
        split: ``train`` or ``test``.

    Raises:
        DataError: no such file, no text in it, or no such split.
    """
    name = f"text:{path}"
    files = _files(path, split, name)
    lines = [line.split() for file in files for line in _read(file, name)]
    texts = [line for line in lines if line]
    if not texts:
        raise DataError(f"data {name}: there is no text in {files[0]}")
    words = form.words or vocabulary(texts, form.vocabulary)
    _warn_of_losses(name, texts, words, form.fixed_shape[0])
    return Dataset(name, {"real": tokens(texts, words, form.fixed_shape[0])}, words=words)


def count_texts(path: Path) -> int:
    """Number of texts for training in a file or folder.

    Raises:
        DataError: no such file.
    """
    name = f"text:{path}"
    return sum(
        bool(line.split()) for file in _files(path, "train", name) for line in _read(file, name)
    )


def _files(path: Path, split: str, name: str) -> list[Path]:
    """The files of a split: of a folder, the first of its names that exists."""
    if not path.is_dir():
        if split != "train":
            raise DataError(f"data {name}: one file has no {split} split; give a folder with two")
        return [path]
    for word in SPLITS[split]:
        if (file := path / f"{word}.txt").is_file():
            log_notes(name, [] if word == split else [f"{file.name} is taken for {split}"])
            return [file]
    folders = [path / word for word in SPLITS[split] if (path / word).is_dir()]
    if not folders:
        return [path / f"{split}.txt"]
    listing = list_files(folders[0], {".txt"}, name, "text")
    log_notes(name, [f"{len(listing.files):,} files of {folders[0].name}", *listing.remarks()])
    return list(listing.files)


def _read(file: Path, name: str) -> list[str]:
    """The lines of a file."""
    try:
        return file.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise DataError(f"data {name}: {file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise DataError(f"data {name}: {file} is no text in UTF-8") from None


def vocabulary(texts: Sequence[Sequence[str]], size: int) -> tuple[str, ...]:
    """The end, the unknown word, and the most frequent words, ``size`` in all; ties by name."""
    counts = Counter(word for text in texts for word in text)
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return (END, UNKNOWN, *[word for word in ordered if word != UNKNOWN][: max(0, size - 2)])


def tokens(texts: Sequence[Sequence[str]], words: Sequence[str], length: int) -> Tensor:
    """Texts as indices of words, (N, length), int64; 0 from their end on."""
    index = {word: place for place, word in enumerate(words)}
    rows = torch.zeros(len(texts), length, dtype=torch.int64)
    for row, text in zip(rows, texts, strict=True):
        known = [index.get(word, 1) for word in text[:length]]
        row[: len(known)] = torch.tensor(known)
    return rows


def sentences(rows: Tensor, words: Sequence[str]) -> list[str]:
    """Texts of tokens, (N, T), each up to its end; a number for a token without a word."""
    texts = []
    for row in rows.tolist():
        kept = row[: row.index(0)] if 0 in row else row
        named = (words[token] if token < len(words) else str(token) for token in kept)
        texts.append(" ".join(named))
    return texts


def _warn_of_losses(
    name: str, texts: Sequence[Sequence[str]], words: Sequence[str], length: int
) -> None:
    known = {*words}
    unknown = sum(word not in known for text in texts for word in text)
    cut = sum(len(text) > length for text in texts)
    if unknown:
        share = unknown / sum(map(len, texts))
        log.warning(
            "data %s: %.1f %% of the words are not among %d: %s",
            name,
            100 * share,
            len(words),
            UNKNOWN,
        )
    if cut:
        log.warning(
            "data %s: %d of %d texts are longer than %d words: cut", name, cut, len(texts), length
        )
