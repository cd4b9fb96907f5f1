"""Reachability of the Hugging Face Hub, found out before its client waits for it."""

from __future__ import annotations

import importlib.util
import os
import socket
import threading
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from ganzoo.errors import ConfigError

REACH_SECONDS = 1.5
"""Longest time for a connection to the Hub, or to the proxy before it."""
PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


def endpoint() -> str:
    """Address of the Hub: ``$HF_ENDPOINT``, or the public one.

    Raises:
        ConfigError: ``$HF_ENDPOINT`` is no address.
    """
    from huggingface_hub import constants

    stated = os.environ.get("HF_ENDPOINT", "").strip()
    if not stated:
        return constants.ENDPOINT
    _address(stated, ("http", "https"), "HF_ENDPOINT")
    return stated.rstrip("/")


def proxy() -> str:
    """The proxy that the Hub's client goes through; empty for none.

    The client takes it from ``http_proxy``, ``https_proxy``, ``all_proxy`` and ``no_proxy``, in
    lower or upper case, or from the system's settings.

    Raises:
        ConfigError: one that is no address, or one that needs a package that is not installed.
    """
    hub = urlsplit(endpoint())
    known = getproxies()
    name = next((each for each in (hub.scheme, "all") if known.get(each)), "")
    if not name or proxy_bypass(hub.hostname or ""):
        return ""
    address = known[name] if "://" in known[name] else f"http://{known[name]}"
    where = _address(address, tuple(PORTS), f"{name}_proxy")
    if where.scheme.startswith("socks") and importlib.util.find_spec("socksio") is None:
        raise ConfigError(f"{name}_proxy={_shown(address)} is a SOCKS proxy: pip install socksio")
    return address


def is_offline() -> bool:
    """True if the user says so, or if neither the Hub nor its proxy accepts a connection.

    The answer comes within about `REACH_SECONDS`; the client itself would wait for 23 seconds.
    """
    if is_set_offline():
        return True
    where = urlsplit(proxy() or endpoint())
    return not _accepts(where.hostname or "", where.port or PORTS[where.scheme])


def unreachable() -> str:
    """The reason why the Hub is offline, for a message."""
    if is_set_offline():
        return "HF_HUB_OFFLINE is set"
    through = f" through the proxy {_shown(proxy())}" if proxy() else ""
    return f"{endpoint()} cannot be reached{through}"


def network_errors() -> tuple[type[Exception], ...]:
    """Errors of a request: the client passes on those of its HTTP library and its Rust part."""
    from huggingface_hub.errors import HfHubHTTPError

    library = HfHubHTTPError.__mro__[1]
    ours: tuple[type[Exception], ...] = (OSError, RuntimeError)
    return (*ours, library) if issubclass(library, Exception) else ours


def can_reach(url: str) -> bool:
    """True if the server of an address, or the proxy before it, accepts a connection."""
    where = urlsplit(url)
    known = getproxies()
    through = known.get(where.scheme) or known.get("all")
    if through and not proxy_bypass(where.hostname or ""):
        where = urlsplit(through if "://" in through else f"http://{through}")
    return _accepts(where.hostname or "", where.port or PORTS.get(where.scheme, 443))


def is_set_offline() -> bool:
    """True if the user says so, ``HF_HUB_OFFLINE=1``."""
    from huggingface_hub import constants

    stated = os.environ.get("HF_HUB_OFFLINE", "").upper()
    return bool(constants.HF_HUB_OFFLINE) or stated in ("1", "ON", "YES", "TRUE")


def _accepts(host: str, port: int) -> bool:
    """True if a connection is accepted in time, the look-up of the name included."""
    accepted = threading.Event()

    def connect() -> None:
        try:
            socket.create_connection((host, port), REACH_SECONDS).close()
            accepted.set()
        except (OSError, UnicodeError):
            pass
        finally:
            done.set()

    done = threading.Event()
    threading.Thread(target=connect, daemon=True).start()  # a look-up cannot be given a timeout
    done.wait(2 * REACH_SECONDS)
    return accepted.is_set()


def _address(text: str, schemes: tuple[str, ...], setting: str) -> SplitResult:
    """The parts of an address in a setting.

    Raises:
        ConfigError: it is no address.
    """
    found = urlsplit(text)
    try:
        known = found.scheme in schemes and bool(found.hostname) and (found.port or 1) > 0
    except ValueError:
        known = False
    if not known:
        right = "http://HOST:PORT" if "://" in text else f"http://{_shown(text)} or https://..."
        raise ConfigError(f"{setting}={_shown(text)} is no address: write {right}")
    return found


def _shown(address: str) -> str:
    """An address without the password in it."""
    scheme, colon, rest = address.rpartition("://")
    return f"{scheme}{colon}{rest.rpartition('@')[2]}"
