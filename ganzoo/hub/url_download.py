"""Downloads of published files from the addresses of their authors."""

from __future__ import annotations

import hashlib
import http.client
import logging
import sys
import time
import urllib.error
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from ganzoo.errors import WeightsError
from ganzoo.hub.transfer import Transfer
from ganzoo.runtime.files import atomic_write
from ganzoo.runtime.network import can_reach, is_set_offline
from ganzoo.runtime.paths import cache_problem
from ganzoo.runtime.progress import showing
from ganzoo.runtime.version import VERSION

log = logging.getLogger("ganzoo")

TRIES = 3
ANSWER_SECONDS = 30.0
"""Longest time without a byte from the server."""
CHUNK = 1 << 18


class _WrongFileError(Exception):
    """The bytes do not have the published hash."""


def download_url(
    url: str,
    path: Path,
    sha256: str,
    name: str,
    import_command: str,
    now: Callable[[], float] = time.monotonic,
) -> None:
    """Download a file, verify its hash, and move it to its place.

    Args:
        url: address of the file.
        path: the new file.
        sha256: how its hash must begin, at least 8 hexadecimal digits.
        name: the model or extractor, for messages.
        import_command: how to import a copy of the file, for messages.
        now: clock of the progress, in seconds.

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
    with showing(sys.stderr.isatty()), Transfer(url, path.parent, now) as transfer:
        for attempt in range(1, TRIES + 1):
            problem = _try(url, path, sha256, import_command, transfer)
            if not problem:
                transfer.end()
                return
            if attempt == TRIES:
                raise WeightsError(
                    f"the weights of {name} cannot be downloaded from {url}: {problem}; nothing is"
                    " half-written"
                )
            log.warning("%s: %s; trying again", url, problem)
            time.sleep(0.2 * attempt)


def _try(url: str, path: Path, sha256: str, import_command: str, transfer: Transfer) -> str:
    """Download once; the reason why a second attempt may help, empty after a success.

    Raises:
        WeightsError: a reason that no further attempt changes.
    """
    try:
        _receive(url, path, sha256, transfer)
    except urllib.error.HTTPError as error:
        if error.code in (401, 403, 404, 410) or "infinite loop" in str(error):
            raise WeightsError(
                f"{url}: the server refuses ({error.code} {_first(error.reason)}): the file may"
                f" have moved; get a copy elsewhere and {import_command}"
            ) from error
        return f"the server answers {error.code} {_first(error.reason)}"
    except _WrongFileError as error:
        return f"incomplete or not the published file ({_first(error)})"
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError) as error:
        return _first(getattr(error, "reason", error)) or type(error).__name__
    except ConnectionError as error:
        return _first(error) or type(error).__name__
    except OSError as error:
        raise WeightsError(cache_problem(path, error)) from error
    return ""


def _receive(url: str, path: Path, sha256: str, transfer: Transfer) -> None:
    request = Request(url, headers={"User-Agent": f"ganzoo/{VERSION}"})
    digest = hashlib.sha256()
    with urlopen(request, timeout=ANSWER_SECONDS) as answer, atomic_write(path) as temporary:
        length = answer.headers.get("Content-Length", "")
        transfer.begin(int(length) if length.isdigit() else None)
        with open(temporary, "wb") as file:
            while chunk := answer.read(CHUNK):
                file.write(chunk)
                digest.update(chunk)
                transfer.add(len(chunk))
        found = digest.hexdigest()
        if not found.startswith(sha256):
            raise _WrongFileError(f"its hash is {found}, it must begin with {sha256}")


def _first(error: object) -> str:
    return (str(error).strip().splitlines() or [""])[0][:200]


def _host(url: str) -> str:
    return urlsplit(url).hostname or url
