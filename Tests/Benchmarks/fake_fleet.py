"""Many cAdvisors in one process, cheap enough not to be what is measured.

Every host has an address of its own in 127.0.0.0/8. The bodies are the acceptance tests' (shapes
captured from a real cAdvisor), rendered once; in a reply only time and counters are written over.
"""

import asyncio
import email.utils
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Thread

from fake_cadvisor import CORES, FakeCAdvisor, Fault, timestamp

PORT = 8080
REPLIES = Path(__file__).resolve().parents[1] / "CAdvisorTests/Replies/0.38.7"
NAME, TIME, COUNTER = "@name@", "@time@", "@counter@"
# Where every counter begins, so that it has the same number of digits for as long as a run lasts.
BEGINNING_NS = 1_000_000_000_000
DIGITS = len(str(BEGINNING_NS))
METRICS = "/metrics"
CONTAINER = "/api/v2.1/stats/docker/"


@dataclass
class FakeContainer:
    """A container and the counter of its CPU time, in nanoseconds, from where it begins."""
    name: str
    quota: float | None
    cpu_ns: Callable[[], int]
    fault: Fault | None = None

    def shown_ns(self) -> int:
        return BEGINNING_NS + self.cpu_ns()

    @property
    def id(self) -> str:
        return hashlib.sha256(self.name.encode()).hexdigest()


class Page:
    """A whole reply, in which time and counters are written over where they stand."""

    def __init__(self, kind: str, text: str) -> None:
        body, self.times, self.counters = bytearray(), [], []
        holes = text.replace(TIME, "\0t").replace(COUNTER, "\0c").split("\0")
        body += holes[0].encode()
        for hole in holes[1:]:
            places, width = ((self.times, len(timestamp())) if hole[0] == "t"
                             else (self.counters, DIGITS))
            places.append(len(body))
            body += b"0" * width + hole[1:].encode()
        head = (f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
                f"Date: {email.utils.formatdate(usegmt=True)}\r\n\r\n").encode()
        self.date = head.index(b"Date: ") + 6
        self.times = [len(head) + at for at in self.times]
        self.counters = [len(head) + at for at in self.counters]
        self.size = len(body)
        self.bytes = bytearray(head + body)

    def filled(self, now: str, counters: list[int]) -> bytearray:
        """The reply with this time in all its places, and these counters in theirs."""
        reply, moment = self.bytes, now.encode()
        date = email.utils.formatdate(usegmt=True).encode()
        reply[self.date:self.date + len(date)] = date
        for at in self.times:
            reply[at:at + len(moment)] = moment
        for at, counter in zip(self.counters, counters, strict=True):
            reply[at:at + DIGITS] = str(counter).encode()
        return reply


class Shapes(FakeCAdvisor):
    """The acceptance tests' replies with one container, as texts with holes; it listens nowhere."""

    def __init__(self, cores: int) -> None:
        self.one = FakeContainer(NAME, None, lambda: 0)
        super().__init__(PORT, [self.one], REPLIES, cores)
        self.machine = json.dumps(self._machine_info())
        self.versions = self._versions
        host = self._machinestats()
        self._dig(host[0])
        self.host = self._text(host)

    def listen(self) -> None:
        pass

    @staticmethod
    def _dig(sample: dict) -> None:
        sample["timestamp"] = TIME
        sample["cpu"]["usage"]["total"] = COUNTER

    @staticmethod
    def _text(value: object) -> str:
        # As Go writes it: without a space.
        text = json.dumps(value, separators=(",", ":"))
        return text.replace(f'"{COUNTER}"', COUNTER)

    def _entries(self, text: str, containers: list[FakeContainer]) -> str:
        inside, marker = text[1:-1], self.one.id
        return "{" + ",".join(inside.replace(marker, each.id).replace(NAME, each.name)
                              for each in containers) + "}"

    def stats(self, containers: list[FakeContainer], lean: bool) -> str:
        """With `lean` as a cAdvisor tells it that was told to leave out what it can."""
        if lean:
            entries = json.loads((REPLIES / "v2.1-stats-docker-lean-count2.json").read_text())
            entry = next(iter(entries.values()))
            entry["stats"] = entry["stats"][-1:]
            entry["spec"]["aliases"] = [NAME, self.one.id]
            stats = {f"/docker/{self.one.id}": entry}
        else:
            stats = self._stats()
        for entry in stats.values():
            self._dig(entry["stats"][0])
        return self._entries(self._text(stats), containers)

    def specs(self, containers: list[FakeContainer]) -> str:
        text = ""
        for quota in {each.quota for each in containers}:
            self.one.quota = quota
            alike = [each for each in containers if each.quota == quota]
            text += ("," if text else "") + self._entries(self._text(self._specs()), alike)[1:-1]
        return "{" + text + "}"

    @staticmethod
    @cache
    def metrics() -> tuple[list[str], list[str]]:
        """What Prometheus is told of a container, and of the machine, line by line."""
        lines = (REPLIES / "metrics-docker-only-lean.txt").read_text().splitlines()
        ours = [line for line in lines if 'name="api-1"' in line]
        rest = [line for line in lines if 'name="' not in line]
        return ours, rest

    def page_of_metrics(self, containers: list[FakeContainer]) -> str:
        ours, rest = self.metrics()
        lines = list(rest)
        for each in containers:
            lines += [line.replace('name="api-1"', f'name="{each.name}"').replace(
                'id="/docker/', f'id="/docker/{each.id[:8]}') for line in ours]
        return "\n".join(lines) + "\n"


@cache
def shapes(cores: int) -> Shapes:
    return Shapes(cores)


class Host:
    """One cAdvisor. May hang, answer each request late, or hang up on it."""

    def __init__(self, address: str, containers: list[FakeContainer],
                 sampled_at: Callable[[], str] = timestamp, cores: int = CORES,
                 lean: bool = False) -> None:
        self.address = address
        self.sampled_at = sampled_at
        self.url = f"http://{address}:{PORT}"
        self.containers = containers
        self.cores = cores
        self.lean = lean
        form = shapes(cores)
        json_type = "application/json"
        self.pages = {
            "/api/v2.1/stats": Page(json_type, form.stats(containers, lean)),
            "/api/v2.1/machinestats": Page(json_type, form.host),
            "/api/v1.3/docker": Page(json_type, form.specs(containers)),
            "/api/v1.3/machine": Page(json_type, form.machine),
        }
        self.versions = form.versions
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
        # In every reading, whatever else is asked.
        self.polls += path == "/api/v2.1/machinestats"
        self.spec_polls += path == "/api/v1.3/docker"
        self.first_asked = self.first_asked or time.monotonic()

    def answer(self, path: str) -> bytes | bytearray:
        """The whole reply, head and body."""
        if path == METRICS and METRICS not in self.pages:
            self.pages[METRICS] = Page(
                "text/plain; version=0.0.4",
                shapes(self.cores).page_of_metrics(self.containers))
        if path.startswith(CONTAINER) and path not in self.pages:
            self.pages.update(
                (path, Page("application/json", shapes(self.cores).stats([each], self.lean)))
                for each in self.containers if path == f"{CONTAINER}{each.id}")
        page = self.pages.get(path)
        if page is None:
            return (f"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n"
                    f"Content-Length: {len(self.versions)}\r\n\r\n").encode() + self.versions
        counters: list[int] = []
        if path == "/api/v2.1/stats":
            counters = [each.shown_ns() for each in self.containers]
        elif path.startswith(CONTAINER):
            counters = [each.shown_ns() for each in self.containers
                        if path == f"{CONTAINER}{each.id}"]
        elif path == "/api/v2.1/machinestats":
            counters = [BEGINNING_NS + sum(each.cpu_ns() for each in self.containers)]
        self.sent += page.size
        return page.filled(self.sampled_at(), counters)


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
