"""Downloads: from the cache first, only where the Hub can be reached, and never unverified."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import socket
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from ganzoo.errors import UsageError, WeightsError
from ganzoo.hub.folder import CONFIG, WEIGHTS
from ganzoo.version import VERSION

log = logging.getLogger("ganzoo")

REACH_SECONDS = 1.5
"""How long the Hub may take to accept a connection before ganzoo calls itself offline."""
TRIES = 3


def endpoint() -> str:
    """The Hub's address: ``$HF_ENDPOINT``, or the public one."""
    from huggingface_hub import constants

    return os.environ.get("HF_ENDPOINT") or constants.ENDPOINT


def split(name: str) -> tuple[str, str]:
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
    repo, revision = split(name)
    if not re.fullmatch(r"[0-9a-f]{40}", revision):
        revision = _resolve(repo, revision)
    folder = _file(repo, revision, CONFIG).parent
    weights = _file(repo, revision, WEIGHTS)
    expected = sha256 or _blob(weights)
    if _digest(weights, expected) != expected:
        log.warning("%s of %s is damaged in the cache: downloaded once more", WEIGHTS, repo)
        weights = _file(repo, revision, WEIGHTS, force=True)
    found = _digest(weights, expected)
    if found != expected:
        raise WeightsError(
            f"hf-hub:{name}: {WEIGHTS} has the hash {found}, it must have {expected}: it is not"
            " loaded; ask its author"
        )
    return folder


def _resolve(repo: str, revision: str) -> str:
    """The commit that a branch or tag means; offline, the one that it last meant."""
    from huggingface_hub import try_to_load_from_cache

    if not offline():
        return _fetch(repo, revision, CONFIG).parent.name
    cached = try_to_load_from_cache(repo, CONFIG, revision=revision)
    if isinstance(cached, str):
        return Path(cached).parent.name
    raise WeightsError(_unreachable(f"{repo}@{revision}"))


def _file(repo: str, revision: str, name: str, force: bool = False) -> Path:
    """One file of a commit: cached, or downloaded now."""
    from huggingface_hub import try_to_load_from_cache

    cached = try_to_load_from_cache(repo, name, revision=revision)
    if isinstance(cached, str) and not force:
        return Path(cached)
    if offline():
        raise WeightsError(_unreachable(f"{repo}@{revision}"))
    return _fetch(repo, revision, name, force)


def _fetch(repo: str, revision: str, name: str, force: bool = False) -> Path:
    from huggingface_hub import hf_hub_download

    path = _asked(
        f"{repo}@{revision}",
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


def _asked(name: str, request: Callable[[], object]) -> object:
    """A request's answer, tried again where that can help, or one line on why there is none."""
    for attempt in range(1, TRIES + 1):
        try:
            return request()
        except network_errors() as error:
            final = _final(name, error)
            if final:
                raise WeightsError(final) from error
            if attempt == TRIES or offline():
                text = str(error).strip().splitlines() or [type(error).__name__]
                raise WeightsError(
                    f"hf-hub:{name} cannot be downloaded from {endpoint()}: {text[0]}; nothing is"
                    " half-written, try again"
                ) from error
            time.sleep(0.2 * attempt)
    raise AssertionError("the last attempt returns or raises")


def network_errors() -> tuple[type[Exception], ...]:
    """What a request may raise: the client lets errors of its HTTP library escape as they are, and
    its Rust part raises RuntimeError."""
    from huggingface_hub.errors import HfHubHTTPError

    library = HfHubHTTPError.__mro__[1]
    ours: tuple[type[Exception], ...] = (OSError, RuntimeError)
    return (*ours, library) if issubclass(library, Exception) else ours


def _final(name: str, error: Exception) -> str:
    """What to say of an error that no second try will mend; empty for one that it may."""
    from huggingface_hub import errors

    repo, revision = split(name)
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
            f"hf-hub:{name} is no ganzoo model: it lacks {CONFIG} or {WEIGHTS}; see {url}/tree/main"
        )
    if isinstance(error, errors.HfHubHTTPError):
        status = error.response.status_code if error.response is not None else 0
        if status in (401, 403):
            return f"hf-hub:{name}: the Hub refuses your token ({status}): `hf auth login`"
    if error.__class__ is OSError and getattr(error, "errno", None):
        return f"hf-hub:{name} cannot be stored: {error.strerror}"
    return ""


def offline() -> bool:
    """Whether the user says so, or the Hub does not answer: found out at once, where the client
    itself would wait for 23 seconds."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE or os.environ.get("HF_HUB_OFFLINE", "0") in ("1", "true", "ON"):
        return True
    if any(os.environ.get(name) for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY")):
        return False
    address = urlsplit(endpoint())
    port = address.port or (443 if address.scheme == "https" else 80)
    try:
        socket.create_connection((address.hostname or "", port), REACH_SECONDS).close()
    except OSError:
        return True
    return False


def _unreachable(name: str) -> str:
    return (
        f"hf-hub:{name} is not in the cache and {endpoint()} cannot be reached: go online and"
        f" `ganzoo pull hf-hub:{name}`, or copy the folder and use local-dir:PATH"
    )


def _blob(path: Path) -> str:
    """The hash that the Hub gave a cached file: sha256 for large files, git's sha1 for others."""
    return path.resolve().name


def _digest(path: Path, like: str) -> str:
    """A file's hash, of the kind that ``like`` is."""
    data = path.read_bytes()
    if len(like) == 40:
        return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
    return hashlib.sha256(data).hexdigest()
