"""Many cAdvisors in one process, cheap enough not to be what is measured.

Every host has an address of its own in 127.0.0.0/8. The bodies are the acceptance tests' (shapes
captured from a real cAdvisor), rendered once; a reply fills in time and counters only.
"""

import asyncio
import email.utils
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from fake_cadvisor import CORES, FakeCAdvisor, Fault, timestamp

PORT = 8080
REPLIES = Path(__file__).resolve().parents[1] / "CAdvisorTests/Replies/0.38.7"
HOLE = "@hole@"


@dataclass
class FakeContainer:
    """A container and the counter of its CPU time, in nanoseconds."""
    name: str
    quota: float | None
    cpu_ns: Callable[[], int]
    fault: Fault | None = None

    def shown_ns(self) -> int:
        return self.cpu_ns()


class Template:
    """A JSON body with holes, to be filled in their order."""

    def __init__(self, body: object) -> None:
        self.pieces = json.dumps(body).split(f'"{HOLE}"')

    def filled(self, values: list[str]) -> bytes:
        parts = [self.pieces[0]]
        for value, piece in zip(values, self.pieces[1:], strict=True):
            parts += (value, piece)
        return "".join(parts).encode()


class Shapes(FakeCAdvisor):
    """The replies of the acceptance tests' cAdvisor as templates; it listens nowhere."""

    def __init__(self, containers: list[FakeContainer], cores: int) -> None:
        super().__init__(PORT, containers, REPLIES, cores)
        stats = self._stats()
        for entry in stats.values():
            self._dig(entry["stats"][0])
        host = self._machinestats()
        self._dig(host[0])
        self.stats, self.host = Template(stats), Template(host)
        self.specs = json.dumps(self._specs()).encode()
        self.machine = json.dumps(self._machine_info()).encode()
        self.versions = self._versions

    def listen(self) -> None:
        pass

    @staticmethod
    def _dig(sample: dict) -> None:
        sample["timestamp"] = HOLE
        sample["cpu"]["usage"]["total"] = HOLE


class Host:
    """One cAdvisor. May hang, answer each request late, or hang up on it."""

    def __init__(self, address: str, containers: list[FakeContainer],
                 sampled_at: Callable[[], str] = timestamp, cores: int = CORES) -> None:
        self.address = address
        self.sampled_at = sampled_at
        self.url = f"http://{address}:{PORT}"
        self.containers = containers
        self.shapes = Shapes(containers, cores)
        self.hangs = False
        self.drops = False
        self.delay = 0.0
        self.waiting = 0
        self.forget()

    def forget(self) -> None:
        """Begins to count anew."""
        self.polls = 0
        self.spec_polls = 0
        self.sent = 0
        self.first_asked: float | None = None
        self.last_answered: float | None = None

    @property
    def span(self) -> float:
        """Seconds from the first request since `forget` to the last answer to one."""
        if self.first_asked is None or self.last_answered is None:
            return float("nan")
        return self.last_answered - self.first_asked

    def asked(self, path: str) -> None:
        self.polls += path == "/api/v2.1/stats"
        self.spec_polls += path == "/api/v1.3/docker"
        self.first_asked = self.first_asked or time.monotonic()

    def answer(self, path: str) -> bytes:
        """The whole reply, head and body."""
        status, kind, body = "200 OK", "application/json", b""
        now = f'"{self.sampled_at()}"'
        match path:
            case "/api/v2.1/stats":
                counters = [str(each.cpu_ns()) for each in self.containers]
                body = self.shapes.stats.filled(
                    [value for counter in counters for value in (now, counter)])
            case "/api/v2.1/machinestats":
                total = sum(each.cpu_ns() for each in self.containers)
                body = self.shapes.host.filled([now, str(total)])
            case "/api/v1.3/docker":
                body = self.shapes.specs
            case "/api/v1.3/machine":
                body = self.shapes.machine
            case _:
                status, kind, body = "400 Bad Request", "text/plain", self.shapes.versions
        self.sent += len(body)
        return (f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
                f"Date: {email.utils.formatdate(usegmt=True)}\r\n\r\n").encode() + body


class Connection(asyncio.Protocol):
    """One kept-alive connection to a host."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.received = b""
        self.transport: asyncio.Transport | None = None
        self.waiting = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self.host.waiting -= self.waiting
        self.waiting = 0

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, separator, body = self.received.partition(b"\r\n\r\n")
        if not separator:
            return
        first, *fields = head.split(b"\r\n")
        length = next((int(field[15:]) for field in fields
                       if field.lower().startswith(b"content-length:")), 0)
        if len(body) < length:
            return
        self.received = body[length:]
        path = first.split()[1].decode().partition("?")[0].rstrip("/")
        self.host.asked(path)
        self.waiting += 1
        self.host.waiting += 1
        if self.host.drops:
            self.transport.abort()
        elif self.host.delay > 0:
            asyncio.get_running_loop().call_later(self.host.delay, self._answer, path)
        elif not self.host.hangs:
            self._answer(path)

    def _answer(self, path: str) -> None:
        if self.transport.is_closing():
            return
        self.waiting -= 1
        self.host.waiting -= 1
        self.transport.write(self.host.answer(path))
        self.host.last_answered = time.monotonic()


class FakeFleet:
    """All hosts, served by one thread."""

    def __init__(self, hosts: list[Host]) -> None:
        self.hosts = hosts
        self.loop = asyncio.new_event_loop()
        Thread(target=self.loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(self._listen(), self.loop).result(30)

    async def _listen(self) -> None:
        self.servers = [
            await self.loop.create_server(lambda host=host: Connection(host), host.address, PORT)
            for host in self.hosts]

    async def _close(self) -> None:
        for server in self.servers:
            server.close()

    def close(self) -> None:
        """Listens no more, and ends the thread."""
        asyncio.run_coroutine_threadsafe(self._close(), self.loop).result(30)
        self.loop.call_soon_threadsafe(self.loop.stop)

    @property
    def urls(self) -> list[str]:
        return [host.url for host in self.hosts]

    def forget(self) -> None:
        for host in self.hosts:
            host.forget()

    def hang(self, hangs: bool) -> None:
        """All hosts take requests and answer none, or answer again."""
        for host in self.hosts:
            host.hangs = hangs

    def waiting(self) -> int:
        """How many hosts have a request that they have not answered."""
        return sum(host.waiting > 0 for host in self.hosts)

    def sent(self) -> int:
        """Bytes of all bodies since `forget`."""
        return sum(host.sent for host in self.hosts)

    def span(self) -> float:
        """Seconds from the first request of any host to the last answer."""
        return (max(host.last_answered or 0 for host in self.hosts)
                - min(host.first_asked or float("inf") for host in self.hosts))
