"""Downloads of published files from the addresses of their authors."""

from __future__ import annotations

import http.client
import logging
import socket
import sys
import time
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from ganzoo.errors import WeightsError
from ganzoo.runtime.network import can_reach, is_set_offline
from ganzoo.runtime.paths import cache_problem
from ganzoo.runtime.progress import say

log = logging.getLogger("ganzoo")

TRIES = 3
ANSWER_SECONDS = 30.0
"""Longest time without a byte from the server."""


def download_url(url: str, path: Path, sha256: str, name: str, import_command: str) -> None:
    """Download a file, verify its hash, and move it to its place.

    torch.hub writes to a temporary file beside it and removes that after an error.

    Args:
        url: address of the file.
        path: the new file.
        sha256: how its hash must begin, at least 8 hexadecimal digits.
        name: the model or extractor, for messages.
        import_command: how to import a copy of the file, for messages.

    Raises:
        WeightsError: not available, not the published file, or no room for it.
    """
    if is_set_offline() or not can_reach(url):
        why = "HF_HUB_OFFLINE is set" if is_set_offline() else f"{_host(url)} cannot be reached"
        raise WeightsError(
            f"the weights of {name} are not here and {why}: go online, or bring {url} here and"
            f" {import_command}"
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WeightsError(cache_problem(path.parent, error)) from error
    say(f"downloading {url} to {path.parent}, once")
    for attempt in range(1, TRIES + 1):
        problem = _try(url, path, sha256, import_command)
        if not problem:
            return
        if attempt == TRIES:
            raise WeightsError(
                f"the weights of {name} cannot be downloaded from {url}: {problem}; nothing is"
                " half-written"
            )
        log.warning("%s: %s; trying again", url, problem)
        time.sleep(0.2 * attempt)


def _try(url: str, path: Path, sha256: str, import_command: str) -> str:
    """Download once; the reason why a second attempt may help, empty after a success.

    Raises:
        WeightsError: a reason that no further attempt changes.
    """
    import torch

    try:
        with _timeout(ANSWER_SECONDS):
            torch.hub.download_url_to_file(
                url, str(path), hash_prefix=sha256, progress=sys.stderr.isatty()
            )
    except urllib.error.HTTPError as error:
        if error.code in (401, 403, 404, 410) or "infinite loop" in str(error):
            raise WeightsError(
                f"{url}: the server refuses ({error.code} {_first(error.reason)}): the file may"
                f" have moved; get a copy elsewhere and {import_command}"
            ) from error
        return f"the server answers {error.code} {_first(error.reason)}"
    except RuntimeError as error:  # of torch.hub, on a wrong hash
        return f"incomplete or not the published file ({_first(error)})"
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError) as error:
        return _first(getattr(error, "reason", error)) or type(error).__name__
    except ConnectionError as error:
        return _first(error) or type(error).__name__
    except OSError as error:
        raise WeightsError(cache_problem(path, error)) from error
    return ""


def _first(error: object) -> str:
    return (str(error).strip().splitlines() or [""])[0][:200]


def _host(url: str) -> str:
    return urlsplit(url).hostname or url


@contextmanager
def _timeout(seconds: float) -> Iterator[None]:
    """Default timeout of new sockets, as torch.hub sets none."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
