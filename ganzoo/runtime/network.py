"""Whether there is a network, found out before anybody waits for it."""

from __future__ import annotations

import os
import socket
from urllib.parse import urlsplit

REACH_SECONDS = 1.5
"""How long the Hub may take to accept a connection before ganzoo calls itself offline."""


def endpoint() -> str:
    """The Hub's address: ``$HF_ENDPOINT``, or the public one."""
    from huggingface_hub import constants

    return os.environ.get("HF_ENDPOINT") or constants.ENDPOINT


def is_offline() -> bool:
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


def network_errors() -> tuple[type[Exception], ...]:
    """What a request may raise: the client lets errors of its HTTP library escape as they are, and
    its Rust part raises RuntimeError."""
    from huggingface_hub.errors import HfHubHTTPError

    library = HfHubHTTPError.__mro__[1]
    ours: tuple[type[Exception], ...] = (OSError, RuntimeError)
    return (*ours, library) if issubclass(library, Exception) else ours
