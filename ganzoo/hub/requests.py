"""Requests to the Hub: tried again where that can help, and explained where it cannot."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TypeVar

from ganzoo.errors import UsageError, WeightsError
from ganzoo.runtime.network import endpoint, is_offline, network_errors
from ganzoo.runtime.text import first_line

T = TypeVar("T")

TRIES = 3


def split_repo(name: str) -> tuple[str, str]:
    """``user/repo@revision`` in two; the revision is ``main`` if none is given.

    Raises:
        UsageError: another form.
    """
    repo, _, revision = name.partition("@")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repo) or ".." in repo or (revision or "x")[0] == "-":
        raise UsageError(f"hf-hub:{name}: a repository is written hf-hub:user/repo[@revision]")
    return repo, revision or "main"


def try_request(name: str, file: str, request: Callable[[], T]) -> T:
    """The answer to a request.

    Args:
        name: ``user/repo@revision``, for messages.
        file: the file that is asked for, for messages.
        request: called up to three times.

    Raises:
        WeightsError: no answer.
    """
    for attempt in range(1, TRIES + 1):
        try:
            return request()
        except network_errors() as error:
            reason = _final_reason(name, file, error)
            if reason:
                raise WeightsError(f"hf-hub:{name} {reason}") from error
            if attempt == TRIES or is_offline():
                raise WeightsError(
                    f"hf-hub:{name} cannot be downloaded from {endpoint()}: {first_line(error)};"
                    " nothing is half-written, try again"
                ) from error
            time.sleep(0.2 * attempt)
    raise AssertionError("the last attempt returns or raises")


def _final_reason(name: str, file: str, error: Exception) -> str:
    """Message for an error that a retry cannot fix; empty if it might."""
    from huggingface_hub import constants, errors

    repo, revision = split_repo(name)
    url = f"{endpoint()}/{repo}"
    if isinstance(error, errors.GatedRepoError):
        return f"needs accepted terms and a token: accept them at {url}, {LOG_IN}"
    if isinstance(error, errors.RepositoryNotFoundError):
        return f"does not exist, or is private and needs a token: {LOG_IN}"
    if isinstance(error, errors.RevisionNotFoundError):
        return f"has no revision {revision!r}: see {url}/commits"
    if isinstance(error, errors.RemoteEntryNotFoundError):
        return f"is no ganzoo model and no extractor: it lacks {file}; see {url}/tree/{revision}"
    if isinstance(error, errors.HfHubHTTPError):
        return _refusal(error.response.status_code if error.response is not None else 0)
    if isinstance(error, ConnectionError | TimeoutError) or not getattr(error, "errno", None):
        return ""
    where = constants.HF_HUB_CACHE
    return (
        f"cannot be stored in {where} ({getattr(error, 'strerror', error)}):"
        " set HF_HOME to a folder with room that can be written"
    )


LOG_IN = "`hf auth login`, or set HF_TOKEN"


def _refusal(status: int) -> str:
    """Message on a request that the Hub refuses; empty if it may answer a second one."""
    from huggingface_hub import get_token

    if status == 401 and not get_token():
        return f"needs a token (401): {LOG_IN}"
    if status in (401, 403):
        return f"is refused to your token ({status}): {LOG_IN}"
    return ""
