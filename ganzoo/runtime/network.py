"""Network state, found before a request waits for it."""

from __future__ import annotations

import os
import socket
from urllib.parse import urlsplit

REACH_SECONDS = 1.5
"""Longest wait for a connection to the Hub before ganzoo counts as offline."""


def endpoint() -> str:
    """Address of the Hub: ``$HF_ENDPOINT``, or the public one."""
    from huggingface_hub import constants

    return os.environ.get("HF_ENDPOINT") or constants.ENDPOINT


def is_offline() -> bool:
    """True if the user says so, or the Hub does not answer.

    Found in 1.5 seconds; the Hub's client would wait for 23.
    """
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


def network_errors() -> tuple[type[Exception], ...]:
    """Exceptions that a request to the Hub may raise.

    The client passes on errors of its HTTP library, and its Rust part raises RuntimeError.
    """
    from huggingface_hub.errors import HfHubHTTPError

    library = HfHubHTTPError.__mro__[1]
    ours: tuple[type[Exception], ...] = (OSError, RuntimeError)
    return (*ours, library) if issubclass(library, Exception) else ours
