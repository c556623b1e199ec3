"""A cAdvisor on a script, for where Docker cannot run: real shapes, invented figures.

The shapes are the replies captured from cAdvisor 0.38.7. A container's CPU time is what its server
has answered, times a cost, so weights move it as they would in earnest.
"""

import base64
import copy
import hashlib
import json
import socket
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread

CORES = 2


class Answering(ThreadingHTTPServer):
    """A threaded server that neither waits for its threads nor reports clients that went away."""
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        pass


class Handler(BaseHTTPRequestHandler):
    """HTTP/1.1, kept alive, silent."""
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:
        pass

    def reply(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


# What a broken counter shows instead of its true reading in nanoseconds; none: nothing at all.
Fault = Callable[[int], int | None]


class Still:
    """It stands where it was when it broke."""

    def __init__(self) -> None:
        self.at: int | None = None

    def __call__(self, true: int) -> int:
        self.at = true if self.at is None else self.at
        return self.at


class Slow:
    """It goes on at a part of its pace."""

    def __init__(self, part: float) -> None:
        self.part = part
        self.since: int | None = None

    def __call__(self, true: int) -> int:
        self.since = true if self.since is None else self.since
        return self.since + int((true - self.since) * self.part)


class Blip:
    """Every so many readings it is off by so much, or 0, and the next time right again."""

    def __init__(self, every: int, seconds: float | None) -> None:
        self.every = every
        self.seconds = seconds
        self.readings = 0

    def __call__(self, true: int) -> int:
        self.readings += 1
        if self.readings % self.every:
            return true
        return 0 if self.seconds is None else true + int(self.seconds * 1e9)


def missing(_: int) -> None:
    """No `cpu` in its samples, and a spec that says so."""


class FakeServer:
    """A server of the backend: answers at once and counts.

    With `failure` it fails instead: "503" answers so, "close" breaks the connection off. With
    `fault` its counter is broken, while the server works. A web socket is given its tunnel, and what
    comes through it at once costs as much as a request.
    """

    def __init__(self, name: str, port: int, quota: float, cost: float,
                 host: str = "127.0.0.1") -> None:
        self.name = name
        self.port = port
        self.quota = quota
        self.cost = cost
        self.failure: str | None = None
        self.fault: Fault | None = None
        self.tunnels: set[socket.socket] = set()
        self._served = 0
        self._lock = Lock()
        server = self

        class Serving(Handler):
            def do_GET(self) -> None:
                if server.failure == "close":
                    self.close_connection = True
                    return
                if server.failure == "503":
                    self.reply(503, "text/plain", b"busy")
                    return
                if self.path != "/health":
                    server._count()
                if "Upgrade" in self.headers:
                    self.close_connection = True
                    server._tunnel(self)
                    return
                self.reply(200, "text/plain", server.name.encode())

        Thread(target=Answering((host, port), Serving).serve_forever, daemon=True).start()

    def _count(self) -> None:
        with self._lock:
            self._served += 1

    def _tunnel(self, request: Handler) -> None:
        """Switches protocols as RFC 6455 has it, and serves until either side ends it."""
        key = request.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        stream = request.connection
        stream.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                        f"Connection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n").encode())
        self.tunnels.add(stream)
        try:
            while stream.recv(4096):
                self._count()
        except OSError:
            pass
        finally:
            self.tunnels.discard(stream)

    def break_tunnels(self) -> None:
        """As a restart would, while its counter goes on."""
        for stream in list(self.tunnels):
            try:
                stream.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def cpu_ns(self) -> int:
        """CPU time that the answers so far would have cost, over a second's start-up."""
        with self._lock:
            return int(1e9 + self._served * self.cost * 1e9)

    def shown_ns(self) -> int | None:
        """What its counter says of it."""
        true = self.cpu_ns()
        return self.fault(true) if self.fault is not None else true


def timestamp() -> str:
    """Now, as Go writes it: RFC 3339 in UTC with nanoseconds."""
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{nanoseconds:09d}Z"


class FakeCAdvisor:
    """The four requests that a poller needs; may hang, fail or refuse.

    With `fault` the machine's own counter is broken; `others` are cores that the rest of it uses.
    """

    def __init__(self, port: int, servers: list[FakeServer], replies: Path,
                 cores: int = CORES, host: str = "127.0.0.1") -> None:
        self.host = host
        self.servers = servers
        self.cores = cores
        self.port = port
        self.failing = False
        self.fault: Fault | None = None
        self.others = 0.0
        self._started = time.monotonic()
        self.waiting = 0
        self._gate = Event()
        self._gate.set()
        self._http: Answering | None = None
        self._connections: set[socket.socket] = set()
        self._sample = self._captured(replies / "v2.1-stats-docker-count1.json")
        self._spec = self._captured(replies / "v1.3-docker-num0.json")
        self._machine = json.loads((replies / "v1.3-machine.json").read_text())
        self._host = json.loads((replies / "v2.1-machinestats-count2.json").read_text())[0]
        self._versions = (replies / "api-versions.txt").read_bytes()
        self.listen()

    @staticmethod
    def _captured(file: Path) -> dict:
        """One container's entry, the template of all."""
        entries = json.loads(file.read_text()).values()
        return next(each for each in entries if "api-1" in
                    (each.get("aliases") or each["spec"]["aliases"]))

    def hang(self) -> None:
        """Requests are taken and not answered, until `resume`."""
        self._gate.clear()

    def resume(self) -> None:
        self.failing = False
        self._gate.set()
        self.listen()

    def refuse(self) -> None:
        """Nobody listens and every connection is closed, until `resume`."""
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
            self._http = None
        for connection in list(self._connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def listen(self) -> None:
        if self._http is not None:
            return
        fake = self

        class Polled(Handler):
            def setup(self) -> None:
                super().setup()
                fake._connections.add(self.connection)

            def finish(self) -> None:
                fake._connections.discard(self.connection)
                super().finish()

            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                fake._answer(self)

            do_POST = do_GET

        self._http = Answering((self.host, self.port), Polled)
        Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05},
               daemon=True).start()

    def _answer(self, request: Handler) -> None:
        self.waiting += 1
        self._gate.wait()
        self.waiting -= 1
        if self.failing:
            request.reply(500, "text/plain; charset=utf-8", b"failed to get container info\n")
            return
        path = request.path.partition("?")[0].rstrip("/")
        if path == "/api":
            request.reply(400, "text/plain; charset=utf-8", self._versions)
            return
        answers: dict[str, Callable[[], object]] = {
            "/api/v2.1/stats": self._stats, "/api/v2.1/machinestats": self._machinestats,
            "/api/v1.3/docker": self._specs, "/api/v1.3/machine": self._machine_info,
        }
        stats, container = "/api/v2.1/stats", path.removeprefix("/api/v2.1/stats")
        if path.startswith(f"{stats}/docker/") and container in (entries := self._stats()):
            answers[path] = lambda: {container: entries[container]}
        if path not in answers:
            request.reply(500, "text/plain; charset=utf-8", b"unknown request\n")
            return
        request.reply(200, "application/json", json.dumps(answers[path]()).encode())

    def _stats(self) -> dict:
        entries = {}
        for server in self.servers:
            entry = copy.deepcopy(self._sample)
            entry["spec"]["aliases"] = [server.name, self._id(server)]
            entry["spec"].pop("labels", None)
            entry["stats"][0]["timestamp"] = timestamp()
            shown = server.shown_ns()
            if shown is None:
                entry["spec"]["has_cpu"] = False
                del entry["stats"][0]["cpu"]
            else:
                entry["stats"][0]["cpu"]["usage"]["total"] = shown
            entries[f"/docker/{self._id(server)}"] = entry
        return entries

    def _specs(self) -> dict:
        entries = {}
        for server in self.servers:
            entry = copy.deepcopy(self._spec)
            entry["id"], entry["name"] = self._id(server), f"/docker/{self._id(server)}"
            entry["aliases"] = [server.name, self._id(server)]
            entry["spec"].pop("labels", None)
            if server.quota is None:
                entry["spec"]["cpu"].pop("quota", None)
            else:
                entry["spec"]["cpu"]["quota"] = int(server.quota * 100_000)
            entry["spec"]["has_cpu"] = server.fault is not missing
            entries[entry["name"]] = entry
        return entries

    def _machinestats(self) -> list:
        self._host["timestamp"] = timestamp()
        true = sum(server.cpu_ns() for server in self.servers)
        true += int(self.others * (time.monotonic() - self._started) * 1e9)
        shown = true if self.fault is None else self.fault(true)
        self._host["cpu"]["usage"]["total"] = true if shown is None else shown
        return [self._host]

    def _machine_info(self) -> dict:
        return {**self._machine, "num_cores": self.cores, "timestamp": timestamp()}

    @staticmethod
    def _id(server: FakeServer) -> str:
        return hashlib.sha256(server.name.encode()).hexdigest()
