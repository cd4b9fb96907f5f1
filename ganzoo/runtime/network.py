"""Reachability of the Hugging Face Hub, found out before its client waits for it."""

from __future__ import annotations

import importlib.util
import os
import socket
import ssl
import threading
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from ganzoo.errors import ConfigError

REACH_SECONDS = 1.5
"""Longest time for a connection to the Hub, or to the proxy before it."""
ANSWER_SECONDS = 4.0
"""Longest time for the first byte of an answer over the connection."""
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


def is_offline(*, reach: float = REACH_SECONDS, answer: float = ANSWER_SECONDS) -> bool:
    """True if the user says so, or if the Hub, or the proxy before it, does not answer.

    The client itself would wait for minutes.

    Args:
        reach: longest time for a connection, in seconds.
        answer: longest time for the first byte over it, in seconds.
    """
    return is_set_offline() or not _answers(endpoint(), proxy(), reach, answer)


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


def can_reach(url: str, *, reach: float = REACH_SECONDS, answer: float = ANSWER_SECONDS) -> bool:
    """True if the server of an address, or the proxy before it, answers.

    Args:
        url: the address.
        reach, answer: as for `is_offline`.
    """
    where = urlsplit(url)
    known = getproxies()
    through = known.get(where.scheme) or known.get("all")
    if not through or proxy_bypass(where.hostname or ""):
        through = ""
    elif "://" not in through:
        through = f"http://{through}"
    return _answers(url, through, reach, answer)


def is_set_offline() -> bool:
    """True if the user says so, ``HF_HUB_OFFLINE=1``."""
    from huggingface_hub import constants

    stated = os.environ.get("HF_HUB_OFFLINE", "").upper()
    return bool(constants.HF_HUB_OFFLINE) or stated in ("1", "ON", "YES", "TRUE")


def _answers(url: str, proxy: str, reach: float, answer: float) -> bool:
    """True if a connection is accepted and answered in time, the look-up of the name included."""
    where = urlsplit(proxy or url)
    port = where.port or PORTS.get(where.scheme, 443)
    connected, done = threading.Event(), threading.Event()
    answered = threading.Event()

    def connect() -> None:
        try:
            with socket.create_connection((where.hostname or "", port), reach) as link:
                connected.set()
                link.settimeout(answer)
                if _responds(link, url, proxy):
                    answered.set()
        except (OSError, UnicodeError):
            pass
        finally:
            done.set()
            connected.set()

    threading.Thread(target=connect, daemon=True).start()  # a look-up cannot be given a timeout
    if connected.wait(2 * reach):
        done.wait(answer)
    return answered.is_set()


def _responds(link: socket.socket, url: str, proxy: str) -> bool:
    """True if the other side answers: the proxy, and through it the server.

    Raises:
        OSError: it does not answer in time.
    """
    server, scheme = urlsplit(url), urlsplit(proxy).scheme
    if scheme.startswith("socks"):
        link.sendall(b"\x05\x01\x00")
    elif scheme == "http":
        place = f"{server.hostname}:{server.port or PORTS.get(server.scheme, 443)}"
        if server.scheme == "https":
            answer = _ask(link, f"CONNECT {place}", place)
            return _shakes_hands(link, server.hostname or "") if b" 200" in answer else bool(answer)
        return bool(_ask(link, f"HEAD {url}", place))
    elif scheme or server.scheme == "https":
        return _shakes_hands(link, urlsplit(proxy or url).hostname or "")
    else:
        return bool(_ask(link, f"HEAD {server.path or '/'}", server.netloc.rpartition("@")[2]))
    return bool(link.recv(1))


def _ask(link: socket.socket, request: str, host: str) -> bytes:
    """The beginning of the answer to a request."""
    head = f"{request} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    link.sendall(head.encode())
    return link.recv(4096)


def _shakes_hands(link: socket.socket, host: str) -> bool:
    """True if a server answers the beginning of TLS; its certificate is the client's business."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        context.wrap_socket(link, server_hostname=host).close()
    except ssl.SSLError:  # an answer too
        return True
    return True


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
