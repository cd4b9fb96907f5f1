"""A web server on 127.0.0.1 that answers as badly as real ones do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FileServer:
    """Serves ``files`` by path; ``behavior`` says how.

    ``ok``, a status as text, ``cut`` (the connection ends midway), ``cut once``, ``loop`` (endless
    redirects), ``other`` (other bytes of the same length).
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.files: dict[str, bytes] = {}
        self.behavior = "ok"
        self.requests: list[str] = []


@contextmanager
def serving() -> Iterator[FileServer]:
    """A running server."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            server.requests.append(self.path)
            data = server.files.get(self.path)
            if server.behavior.isdigit() or data is None:
                self.send_error(int(server.behavior) if server.behavior.isdigit() else 404)
                return
            if server.behavior == "loop":
                self.send_response(302)
                self.send_header("Location", self.path)
                self.end_headers()
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if server.behavior.startswith("cut"):
                if server.behavior == "cut once":
                    server.behavior = "ok"
                self.wfile.write(data[: len(data) // 2])
                self.close_connection = True
                return
            self.wfile.write(bytes(len(data)) if server.behavior == "other" else data)

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = FileServer(f"http://127.0.0.1:{http.server_address[1]}")
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
