"""A Hugging Face Hub on the loopback, so that tests run the real client and no network.

It answers what `huggingface_hub` asks for to create, fill, tag and read model repositories, and
fails as told. It knows no Xet, and a client that does uploads in no other way: tests set
`huggingface_hub.constants.HF_HUB_DISABLE_XET = True`.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import re
import socket
import struct
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import inf
from urllib.parse import unquote

LFS = ".safetensors"
"""How the names of files end that are sent apart from the commits."""


class HubError(Exception):
    """A refusal; the client chooses its exception by the code before the status."""

    def __init__(self, status, code="", message="", headers=None):
        super().__init__(message)
        self.status = status
        self.headers = {"X-Error-Code": code, "X-Error-Message": message, **(headers or {})}


@dataclass
class Repo:
    """A repository; each commit has all of its files, by the sha256 of their bytes."""

    id: str
    private: bool
    gated: bool
    commits: dict[str, dict[str, str]] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)  # branches and tags

    def commit(self, files: dict[str, str], branch: str = "main") -> str:
        content = repr((self.id, len(self.commits), sorted(files.items())))
        self.refs[branch] = sha = hashlib.sha1(content.encode()).hexdigest()
        self.commits[sha] = files
        return sha

    def resolve(self, revision: str) -> str:
        """The commit that a branch, a tag or a sha means."""
        sha = self.refs.get(revision, revision)
        if sha not in self.commits:
            raise HubError(404, "RevisionNotFound", f"no revision {revision}")
        return sha


class Hub:
    """What the Hub stores, what it was asked, and how it is to fail."""

    def __init__(self) -> None:
        self.tokens = {"hf_test": "tester"}  # token: user, who may write everywhere
        self.repos: dict[str, Repo] = {}
        self.objects: dict[str, bytes] = {}  # the files of all repositories, by sha256
        self.requests: list[tuple[str, str]] = []  # (method, path with query)

        self.fail: list[tuple[str, str, int, float]] = []  # (method, part of path, status, times)
        self.die_after = inf  # requests that are answered before it stops
        self.corrupt: set[str] = set()  # files, by sha256, whose last byte is sent wrong
        self.truncate: dict[str, int] = {}  # sha256: bytes that are sent before a quiet close
        self.reset_after = inf  # bytes that are sent before a TCP reset, if the file has more
        self.times = {"corrupt": inf, "truncate": inf, "reset": inf}  # how often these strike

        self.url, self.cdn, self.port = "", "", 0
        self.lock = threading.RLock()
        self.connections: set[socket.socket] = set()
        self.server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Listen; after a stop, at the same address."""
        self.die_after = inf
        handler = type("Handler", (Handler,), {"hub": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self.server.socket.listen(64)  # the client's threads come all at once
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        # As another origin, where the client must not take its token.
        self.cdn = f"http://localhost:{self.port}/cdn"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Close the listener and hang up, as kept-alive connections would be served on."""
        with self.lock:
            server, self.server = self.server, None
        if server is None:
            return
        server.shutdown()
        server.server_close()
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Hub:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def add(self, repo_id: str, files: dict[str, bytes], private=False, gated=False) -> str:
        """Commit files on top of main, in a new repository if there is none, and return the sha."""
        with self.lock:
            repo = self.repos.setdefault(repo_id, Repo(repo_id, private, gated))
            before = repo.commits.get(repo.refs.get("main", ""), {})
            return repo.commit(before | {path: self.store(data) for path, data in files.items()})

    def read(self, repo_id: str, path: str, revision: str = "main") -> bytes:
        """A file, as it was added or uploaded."""
        repo = self.repos[repo_id]
        return self.objects[repo.commits[repo.resolve(revision)][path]]

    def store(self, data: bytes) -> str:
        """Keep bytes, and return their sha256."""
        sha256 = hashlib.sha256(data).hexdigest()
        self.objects[sha256] = data
        return sha256

    def describe(self, path: str, sha256: str) -> dict:
        """A file in the words of the tree (path, oid) and of the model info (rfilename, blobId)."""
        data = self.objects[sha256]
        oid = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
        row = {"type": "file", "path": path, "rfilename": path, "oid": oid, "blobId": oid}
        if path.endswith(LFS):
            row["lfs"] = {"oid": sha256, "sha256": sha256, "size": len(data), "pointerSize": 134}
        return {**row, "size": len(data)}

    def admit(self, method: str, path: str) -> None:
        """Note a request, and refuse it if told to."""
        with self.lock:
            self.die_after -= 1
            if self.die_after < 0:
                self.stop()
            if self.server is None:
                raise ConnectionAbortedError
            self.requests.append((method, path))
            for index, (verb, part, status, times) in enumerate(self.fail):
                if verb == method and part in path and times > 0:
                    self.fail[index] = (verb, part, status, times - 1)
                    raise HubError(status, message="as told", headers={"Retry-After": 0})

    def strikes(self, fault: str, applies: bool) -> bool:
        """Whether a file being sent gets this fault, which is then counted."""
        with self.lock:
            happens = applies and self.times[fault] > 0
            self.times[fault] -= happens
            return happens


class Handler(BaseHTTPRequestHandler):
    """A connection. Endpoints take what ROUTES found; what they return is sent as JSON."""

    hub: Hub
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle(self):
        self.hub.connections.add(self.connection)
        with contextlib.suppress(OSError):  # the client has left, or the Hub has hung up
            super().handle()
        self.hub.connections.discard(self.connection)
        # The server would shut it down before it closes it, and no reset comes after that.
        self.rfile.close()
        self.connection.close()

    def log_message(self, *args):
        """Nothing, as `Hub.requests` has it."""

    def dispatch(self):
        self.body = self.read_body()
        request = f"{self.command} {self.path.partition('?')[0]}"
        try:
            self.hub.admit(self.command, self.path)
            self.user = self.authenticate()
            for pattern, endpoint in ROUTES.items():
                if match := re.fullmatch(pattern, request):
                    content = endpoint(self, *map(unquote, match.groups("main")))
                    return content is None or self.send(content)
            raise HubError(404, message="no such endpoint")
        except HubError as error:
            self.send({"error": str(error)}, error.status, error.headers)

    do_GET = do_HEAD = do_POST = do_PUT = dispatch  # noqa: N815, http.server's names

    def read_body(self):
        """All of it, lest the next request begin with its rest; large files come in chunks."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size + 2)[:-2])
        self.rfile.readline()
        return b"".join(chunks)

    def authenticate(self):
        """The user, or None without a token, which is enough to read what is public."""
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token and token not in self.hub.tokens:
            raise HubError(401, message="Invalid credentials in Authorization header")
        if not token and (self.command == "POST" or "whoami" in self.path):
            raise HubError(401, message="Invalid username or password.")
        return self.hub.tokens.get(token)

    def send(self, content, status=200, headers=None, sha256=None):
        """Answer with JSON, or with bytes; if they are of a file, they may be spoilt."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Length": len(body), **(headers or {})}.items():
            self.send_header(name, str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body if sha256 is None else self.spoil(body, sha256))

    def spoil(self, body, sha256):
        """What is sent of a file; less than was announced if the connection is to end early."""
        hub = self.hub
        if hub.strikes("corrupt", sha256 in hub.corrupt):
            body = body[:-1] + bytes([body[-1] ^ 255])
        if hub.strikes("truncate", sha256 in hub.truncate):
            self.close_connection = True
            return body[: hub.truncate[sha256]]
        if hub.strikes("reset", len(body) > hub.reset_after):
            linger = struct.pack("ii", 1, 0)  # so that closing is a reset
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
            return body[: hub.reset_after]
        return body

    def send_file(self, sha256, headers):
        """Answer with a file, or with what a resumed download lacks of it."""
        data = self.hub.objects[sha256]
        start = int(self.headers.get("Range", "bytes=0-")[len("bytes=") : -1])
        headers["Accept-Ranges"] = "bytes"
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        self.send(data[start:], 206 if start else 200, headers, sha256)

    def repo(self, repo_id):
        """A repository; a private one is as good as missing to those who may not see it."""
        repo = self.hub.repos.get(repo_id)
        if repo is None or (repo.private and not self.user):
            # Over http, the client takes a 401 for a missing repository only by its code.
            raise HubError(404 if self.user else 401, "RepoNotFound", "Repository not found")
        return repo

    def resolve(self, repo_id, revision, path):
        """A small file, or the place of a large one."""
        repo = self.repo(repo_id)
        if repo.gated:
            raise HubError(403 if self.user else 401, "GatedRepo", "Access is restricted")
        sha = repo.resolve(revision)
        headers = {"X-Repo-Commit": sha}
        if path not in repo.commits[sha]:
            raise HubError(404, "EntryNotFound", f"no file {path}", headers)
        sha256 = repo.commits[sha][path]
        row = self.hub.describe(path, sha256)
        if not path.endswith(LFS):
            return self.send_file(sha256, {**headers, "ETag": f'"{row["oid"]}"'})
        headers |= {"X-Linked-ETag": f'"{sha256}"', "X-Linked-Size": row["size"]}
        return self.send(b"", 302, {**headers, "Location": f"{self.hub.cdn}/{sha256}"})

    def download(self, sha256):
        if sha256 not in self.hub.objects:
            raise HubError(404, message="no such object")
        self.send_file(sha256, {"ETag": f'"{sha256}"'})

    def upload(self, sha256):
        if hashlib.sha256(self.body).hexdigest() != sha256:
            raise HubError(400, message="not the bytes that were announced")
        self.hub.store(self.body)
        return {}

    def tree(self, repo_id, revision):
        repo = self.repo(repo_id)
        files = repo.commits[repo.resolve(revision)]
        return [self.hub.describe(*item) for item in sorted(files.items())]

    def info(self, repo_id, revision):
        """A model; it has the sizes of files only for those who ask."""
        repo = self.repo(repo_id)
        rows = self.tree(repo_id, revision)
        if "blobs=true" not in self.path.lower():
            rows = [{"rfilename": row["path"]} for row in rows]
        state = {"private": repo.private, "gated": "manual" if repo.gated else False}
        return {"id": repo_id, "sha": repo.resolve(revision), "siblings": rows, **state}

    def whoami(self):
        return {"type": "user", "name": self.user, "orgs": []}

    def create(self):
        """A repository with an empty first commit."""
        asked = json.loads(self.body)
        repo_id = f"{asked.get('organization') or self.user}/{asked['name']}"
        with self.hub.lock:
            exists = repo_id in self.hub.repos
            if not exists:
                self.hub.add(repo_id, {}, private=asked.get("visibility") == "private")
        self.send({"url": f"{self.hub.url}/{repo_id}"}, 409 if exists else 200)

    def approve(self):
        """A model card is not checked here, and an upload has been when it came."""
        return {"errors": [], "warnings": []}

    def preupload(self, repo_id, revision):
        """How to send each file, and what it is now: the client leaves out what is the same."""
        now = {row["path"]: row.get("lfs", row)["oid"] for row in self.tree(repo_id, revision)}
        rows = [{"path": row["path"]} for row in json.loads(self.body)["files"]]
        for row in rows:
            mode = "lfs" if row["path"].endswith(LFS) else "regular"
            row |= {"uploadMode": mode, "shouldIgnore": False, "oid": now.get(row["path"])}
        return {"files": rows}

    def batch(self, repo_id):
        """Where to put each large file: nowhere if it is here already."""
        self.repo(repo_id)
        rows = json.loads(self.body)["objects"]
        for row in rows:
            if row["oid"] not in self.hub.objects:
                upload = {"href": f"{self.hub.cdn}/{row['oid']}"}
                row["actions"] = {"upload": upload, "verify": {"href": f"{self.hub.url}/verify"}}
        return {"transfer": "basic", "objects": rows}

    def commit(self, repo_id, branch):
        """Apply changes, one JSON a line: all of them or none."""
        repo = self.repo(repo_id)
        header, *changes = [json.loads(line) for line in self.body.splitlines()]
        with self.hub.lock:
            head = repo.resolve(branch)
            if header["value"].get("parentCommit", head) != head:
                raise HubError(412, message="A commit has happened since.")
            files = dict(repo.commits[head])
            for change in changes:
                self.apply(files, change["key"], **change["value"])
            sha = repo.commit(files, branch)
        url = f"{self.hub.url}/{repo_id}/commit/{sha}"
        return {"success": True, "commitOid": sha, "commitUrl": url}

    def apply(self, files, key, path, content="", oid="", **more):
        """One change of a commit."""
        if key == "file":
            files[path] = self.hub.store(base64.b64decode(content))
        elif key == "lfsFile" and oid in self.hub.objects:
            files[path] = oid
        elif key == "deletedFile" and path in files:
            del files[path]
        elif key == "deletedFolder":
            for name in [name for name in files if name.startswith(path.rstrip("/") + "/")]:
                del files[name]
        else:
            raise HubError(404, "EntryNotFound", f"{key} {path}: no such file")

    def tag(self, repo_id, revision):
        repo = self.repo(repo_id)
        name = json.loads(self.body)["tag"]
        if name in repo.refs:
            raise HubError(409, message=f"{name} exists already")
        repo.refs[name] = repo.resolve(revision)
        return {}


MODEL = "/api/models/([^/]+/[^/]+)"
ROUTES = {
    "(?:GET|HEAD) /([^/]+/[^/]+)/resolve/([^/]+)/(.+)": Handler.resolve,
    "GET /cdn/([0-9a-f]{64})": Handler.download,
    "PUT /cdn/([0-9a-f]{64})": Handler.upload,
    "POST /verify": Handler.approve,
    f"(?:GET|HEAD) {MODEL}(?:/revision/([^/]+))?": Handler.info,
    f"GET {MODEL}/tree/([^/]+)": Handler.tree,
    "GET /api/whoami-v2": Handler.whoami,
    "POST /api/repos/create": Handler.create,
    "POST /api/validate-yaml": Handler.approve,
    f"POST {MODEL}/preupload/([^/]+)": Handler.preupload,
    "POST /([^/]+/[^/]+)[.]git/info/lfs/objects/batch": Handler.batch,
    f"POST {MODEL}/commit/([^/]+)": Handler.commit,
    f"POST {MODEL}/tag/([^/]+)": Handler.tag,
}
