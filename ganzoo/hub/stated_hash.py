"""Hashes that the Hub states for files in its cache."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path

from ganzoo.hub.requests import try_request
from ganzoo.runtime.files import atomic_write
from ganzoo.runtime.network import endpoint, is_offline
from ganzoo.runtime.paths import cache_dir


def stated_hash(path: Path, repo: str, commit: str, file: str) -> str:
    """Hash of a cached file as the Hub states it; empty if that cannot be found out.

    The cache stores a file under its hash and links to it. Where there can be no links, the Hub is
    asked once, and the answer is kept in ganzoo's cache.

    Args:
        path: the file in the cache.
        repo: ``user/repo``.
        commit: the full commit.
        file: its path in the repository.
    """
    linked = Path(os.readlink(path)).name if path.is_symlink() else ""
    if _is_hash(linked):  # not resolved further: a blob may be a link into a store of its own
        return linked
    try:
        notes = cache_dir() / "hub" / repo.replace("/", "--") / f"{commit}.json"
    except OSError:
        return "" if is_offline() else _ask(repo, commit, file)
    known = _read(notes)
    if file not in known:
        if is_offline():
            return ""
        known[file] = _ask(repo, commit, file)
        _write(notes, known)
    return known[file]


def digest(path: Path, like: str) -> str:
    """Hash of a file, of the kind of another: sha256 for large files, git's sha1 for others."""
    data = path.read_bytes()
    if len(like) == 40:
        return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
    return hashlib.sha256(data).hexdigest()


def _ask(repo: str, commit: str, file: str) -> str:
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    url = hf_hub_url(repo, file, revision=commit, endpoint=endpoint())
    metadata = try_request(f"{repo}@{commit}", file, lambda: get_hf_file_metadata(url))
    return metadata.etag if metadata.etag and _is_hash(metadata.etag) else ""


def _is_hash(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", text) is not None


def _read(notes: Path) -> dict[str, str]:
    try:
        content = json.loads(notes.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(k): str(v) for k, v in content.items()} if isinstance(content, dict) else {}


def _write(notes: Path, known: dict[str, str]) -> None:
    """Keep the notes; without a cache, the Hub is asked again."""
    try:
        with atomic_write(notes) as temporary:
            temporary.write_text(json.dumps(known), encoding="utf-8")
    except OSError:
        pass
