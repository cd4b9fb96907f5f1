"""Whether the Hub can be reached, as its client would reach it."""

import socket
import sys
import threading
import time
from socketserver import BaseRequestHandler, ThreadingTCPServer

import pytest
from huggingface_hub import constants

from ganzoo.errors import ConfigError
from ganzoo.runtime import network

PROXIES = [f"{scheme}_proxy" for scheme in ("http", "https", "all", "no")]


@pytest.fixture(autouse=True)
def online(monkeypatch):
    """No setting of this machine counts."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    for name in [*PROXIES, *map(str.upper, PROXIES), "HF_HUB_OFFLINE", "HF_ENDPOINT"]:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def listener():
    """Address of a port that answers whatever it is sent."""

    class Answer(BaseRequestHandler):
        def handle(self):
            self.request.recv(1)
            self.request.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")

    with ThreadingTCPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def silent():
    """Address of a port that accepts connections and answers nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def nobody():
    """Address of a port that refuses connections."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{unused.getsockname()[1]}"


def test_the_hub_itself_is_tried(listener, nobody, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", f"http://{listener}/")
    assert not network.is_offline()
    assert network.endpoint() == f"http://{listener}"
    monkeypatch.setenv("HF_ENDPOINT", f"http://{nobody}")
    assert network.is_offline()
    assert network.unreachable() == f"http://{nobody} cannot be reached"


@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize(
    ("scheme", "name"),
    [("http", "http_proxy"), ("https", "https_proxy"), ("http", "all_proxy")],
)
def test_a_proxy_is_tried_in_its_place(scheme, name, upper, listener, nobody, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", f"{scheme}://hub.example")
    name = name.upper() if upper else name
    monkeypatch.setenv(name, f"http://user:secret@{listener}")
    assert not network.is_offline()
    monkeypatch.setenv(name, listener)
    assert not network.is_offline()
    monkeypatch.setenv(name, f"http://user:secret@{nobody}")
    begun = time.monotonic()
    assert network.is_offline()
    assert time.monotonic() - begun < 2 * network.REACH_SECONDS + 1
    assert f"through the proxy http://{nobody}" in network.unreachable()
    assert "secret" not in network.unreachable()


@pytest.mark.parametrize(
    "settings",
    [
        {"https_proxy": "http://{}"},
        {"http_proxy": "http://{}", "HF_ENDPOINT": "http://hub.example"},
        {"HF_ENDPOINT": "https://{}"},
        {"HF_ENDPOINT": "http://{}/mirror"},
    ],
    ids=["https", "http", "no proxy", "no proxy, no TLS"],
)
def test_who_accepts_and_never_answers_is_offline_in_time(settings, silent, monkeypatch):
    for name, value in settings.items():
        monkeypatch.setenv(name, value.format(silent))
    begun = time.monotonic()
    assert network.is_offline(answer=0.3)
    assert (
        not network.can_reach("https://hub.example/file", answer=0.3) or "HF_ENDPOINT" in settings
    )
    assert time.monotonic() - begun < 5
    assert "cannot be reached" in network.unreachable()


def test_a_proxy_that_accepts_a_tunnel_and_is_silent_in_it(monkeypatch):
    class Tunnel(BaseRequestHandler):
        def handle(self):
            self.request.recv(4096)
            self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self.request.recv(4096)
            over.wait(5)

    over = threading.Event()
    with ThreadingTCPServer(("127.0.0.1", 0), Tunnel) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{server.server_address[1]}")
        assert network.is_offline(answer=0.3)
        over.set()
        server.shutdown()


def test_a_server_with_tls_answers_whatever_its_certificate(listener, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", f"https://{listener}")
    assert not network.is_offline()


def test_a_proxy_of_another_scheme_is_none(listener, nobody, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", f"http://{listener}")
    monkeypatch.setenv("https_proxy", f"http://{nobody}")
    assert network.proxy() == ""
    assert not network.is_offline()


@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
@pytest.mark.parametrize("hosts", ["127.0.0.1", "example.com,127.0.0.1", "*"])
def test_no_proxy_is_heard(name, hosts, listener, nobody, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", f"http://{listener}")
    monkeypatch.setenv("http_proxy", f"http://{nobody}")
    monkeypatch.setenv(name, hosts)
    assert not network.is_offline()


@pytest.mark.parametrize("value", ["1", "on", "YES", "true", "TRUE"])
def test_the_user_says_so(value, listener, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", f"http://{listener}")
    monkeypatch.setenv("HF_HUB_OFFLINE", value)
    assert network.is_offline()
    assert network.unreachable() == "HF_HUB_OFFLINE is set"


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("HF_ENDPOINT", "hf-mirror.com", "write http://hf-mirror.com or https"),
        ("HF_ENDPOINT", "127.0.0.1:80", "write http://127.0.0.1:80"),
        ("HF_ENDPOINT", "ftp://hub.example", "write http://HOST:PORT"),
        ("HF_ENDPOINT", "https://hub.example:port", "write http://HOST:PORT"),
        ("HF_ENDPOINT", "https://", "write http://HOST:PORT"),
        ("https_proxy", "htps://proxy:80", "write http://HOST:PORT"),
        ("all_proxy", "http://proxy:port", "write http://HOST:PORT"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named(name, value, right, monkeypatch):
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=f"{name}=.*is no address") as caught:
        network.is_offline()
    assert right in str(caught.value)


def test_a_socks_proxy_names_its_package(monkeypatch):
    monkeypatch.setenv("all_proxy", "socks5://127.0.0.1")
    monkeypatch.setitem(sys.modules, "socksio", None)
    with pytest.raises(ConfigError, match="pip install socksio"):
        network.is_offline()


def test_a_name_that_nobody_looks_up_in_time_is_offline(monkeypatch):
    def slow(*arguments, **options):
        time.sleep(6)
        raise OSError("too late")

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.example")
    begun = time.monotonic()
    assert network.is_offline(reach=0.05)
    assert time.monotonic() - begun < 5
