"""Downloads: from the cache first, only where the Hub can be reached, and never unverified."""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Callable
from pathlib import Path

from ganzoo.errors import UsageError, WeightsError
from ganzoo.hub.model_folder import CONFIG, WEIGHTS
from ganzoo.runtime.network import endpoint, is_offline, network_errors
from ganzoo.runtime.version import VERSION

log = logging.getLogger("ganzoo")

TRIES = 3


def split_repo(name: str) -> tuple[str, str]:
    """``user/repo@revision`` in two; the revision is ``main`` if there is none.

    Raises:
        UsageError: it is not written so.
    """
    repo, _, revision = name.partition("@")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repo) or ".." in repo or (revision or "x")[0] == "-":
        raise UsageError(f"hf-hub:{name}: a repository is written hf-hub:user/repo[@revision]")
    return repo, revision or "main"


def download(name: str, sha256: str = "") -> Path:
    """The folder in the Hub's cache that holds a repository's config and weights.

    A revision that is a full commit and is cached makes no request.

    Args:
        name: ``user/repo`` or ``user/repo@revision``.
        sha256: what the weights must have; left out, what the Hub says they have.

    Raises:
        UsageError: a name that is none.
        WeightsError: not to be had, or damaged even after a second download.
    """
    repo, revision = _commit(name, CONFIG)
    folder = _file(repo, revision, CONFIG).parent
    _verified(name, repo, revision, WEIGHTS, sha256)
    return folder


def download_file(name: str, file: str) -> Path:
    """One file of a repository in the Hub's cache, its hash the one that the Hub states.

    Args:
        name: ``user/repo`` or ``user/repo@revision``.
        file: its path in the repository.

    Raises:
        UsageError: a name that is none.
        WeightsError: not to be had, or damaged even after a second download.
    """
    repo, revision = _commit(name, file)
    return _verified(name, repo, revision, file)


def _verified(name: str, repo: str, revision: str, file: str, sha256: str = "") -> Path:
    """A file that has its hash; a damaged one is downloaded once more."""
    path = _file(repo, revision, file)
    expected = sha256 or _blob(path)
    if _digest(path, expected) != expected:
        log.warning("%s of %s is damaged in the cache: downloaded once more", file, repo)
        path = _file(repo, revision, file, force=True)
    found = _digest(path, expected)
    if found != expected:
        raise WeightsError(
            f"hf-hub:{name}: {file} has the hash {found}, it must have {expected}: it is not"
            " loaded; ask its author"
        )
    return path


def _commit(name: str, file: str) -> tuple[str, str]:
    """A repository and the full commit that is meant; ``file`` is one that it must have."""
    repo, revision = split_repo(name)
    if re.fullmatch(r"[0-9a-f]{40}", revision):
        return repo, revision
    return repo, _resolve(repo, revision, file)


def _resolve(repo: str, revision: str, file: str) -> str:
    """The commit that a branch or tag means; offline, the one that it last meant."""
    from huggingface_hub import try_to_load_from_cache

    if not is_offline():
        return _snapshot(_fetch(repo, revision, file), file)
    cached = try_to_load_from_cache(repo, file, revision=revision)
    if isinstance(cached, str):
        return _snapshot(Path(cached), file)
    raise WeightsError(_unreachable(f"{repo}@{revision}", file))


def _snapshot(path: Path, file: str) -> str:
    """The commit in a cached file's path: the folder that ``file`` is relative to."""
    return path.parents[file.count("/")].name


def _file(repo: str, revision: str, name: str, force: bool = False) -> Path:
    """One file of a commit: cached, or downloaded now."""
    from huggingface_hub import try_to_load_from_cache

    cached = try_to_load_from_cache(repo, name, revision=revision)
    if isinstance(cached, str) and not force:
        return Path(cached)
    if is_offline():
        raise WeightsError(_unreachable(f"{repo}@{revision}", name))
    return _fetch(repo, revision, name, force)


def _fetch(repo: str, revision: str, name: str, force: bool = False) -> Path:
    from huggingface_hub import hf_hub_download

    path = _asked(
        f"{repo}@{revision}",
        name,
        lambda: hf_hub_download(
            repo,
            name,
            revision=revision,
            endpoint=endpoint(),
            force_download=force,
            library_name="ganzoo",
            library_version=VERSION,
        ),
    )
    return Path(str(path))


def _asked(name: str, file: str, request: Callable[[], object]) -> object:
    """A request's answer, tried again where that can help, or one line on why there is none."""
    for attempt in range(1, TRIES + 1):
        try:
            return request()
        except network_errors() as error:
            final = _final(name, file, error)
            if final:
                raise WeightsError(final) from error
            if attempt == TRIES or is_offline():
                text = str(error).strip().splitlines() or [type(error).__name__]
                raise WeightsError(
                    f"hf-hub:{name} cannot be downloaded from {endpoint()}: {text[0]}; nothing is"
                    " half-written, try again"
                ) from error
            time.sleep(0.2 * attempt)
    raise AssertionError("the last attempt returns or raises")


def _final(name: str, file: str, error: Exception) -> str:
    """Message for an error that a retry cannot fix; empty if it might."""
    from huggingface_hub import errors

    repo, revision = split_repo(name)
    url = f"{endpoint()}/{repo}"
    if isinstance(error, errors.GatedRepoError):
        return (
            f"hf-hub:{name} needs accepted terms and a token: accept them at {url}, `hf auth login`"
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return f"hf-hub:{name}: no such repository, or it is private and needs `hf auth login`"
    if isinstance(error, errors.RevisionNotFoundError):
        return f"hf-hub:{name}: the repository has no revision {revision!r}; see {url}/commits"
    if isinstance(error, errors.RemoteEntryNotFoundError):
        return (
            f"hf-hub:{name} is no ganzoo model and no extractor: it lacks {file};"
            f" see {url}/tree/{revision}"
        )
    if isinstance(error, errors.HfHubHTTPError):
        status = error.response.status_code if error.response is not None else 0
        if status in (401, 403):
            return f"hf-hub:{name}: the Hub refuses your token ({status}): `hf auth login`"
    if error.__class__ is OSError and getattr(error, "errno", None):
        return f"hf-hub:{name} cannot be stored: {error.strerror}"
    return ""


def _unreachable(name: str, file: str) -> str:
    missing = f"hf-hub:{name} is not in the cache and {endpoint()} cannot be reached: go online"
    if file != CONFIG:
        return f"{missing}, or bring {file} here by other means"
    return f"{missing} and `ganzoo pull hf-hub:{name}`, or copy the folder and use local-dir:PATH"


def _blob(path: Path) -> str:
    """The hash that the Hub gave a cached file: sha256 for large files, git's sha1 for others."""
    return path.resolve().name


def _digest(path: Path, like: str) -> str:
    """A file's hash, of the kind that ``like`` is."""
    data = path.read_bytes()
    if len(like) == 40:
        return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
    return hashlib.sha256(data).hexdigest()
