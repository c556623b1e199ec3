#!/usr/bin/python3
"""Open-loop load: requests leave at the times of a Poisson process, whatever the answers do.

Prints one JSON line a second: `to` (CLOCK_MONOTONIC), `sent`, `in_flight`, `latencies_ms` and
`failures` of the requests that ended in it. A latency counts from the time at which the request
was due, so a late generator cannot flatter the servers.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread


class Stale(Exception):
    """A kept-alive connection that the other side had closed before it could be used."""


class Client(asyncio.Protocol):
    """One kept-alive connection with at most one request under way."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.received = b""
        self.waiter: asyncio.Future[int] | None = None
        self.reusable = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, separator, body = self.received.partition(b"\r\n\r\n")
        if not separator or self.waiter is None:
            return
        fields = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in fields if line.startswith(b"content-length:")), 0)
        if len(body) < length:
            return
        self.received = b""
        self.reusable = b"connection: close" not in fields
        self._finish(int(fields[0].split()[1]))

    def connection_lost(self, error: Exception | None) -> None:
        self.reusable = False
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_exception(Stale() if not self.received else ConnectionError())

    def _finish(self, status: int) -> None:
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(status)

    async def ask(self, request: bytes) -> int:
        self.waiter = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        try:
            return await self.waiter
        finally:
            self.waiter = None


class Generator:
    """Sends the requests and gathers what became of them."""

    def __init__(self, host: str, port: int, rate: float, seed: int, timeout: float,
                 connections: int) -> None:
        self.host = host
        self.port = port
        self.rate = rate
        self.connections = connections
        self.random = random.Random(seed)
        self.timeout = timeout
        self.idle: list[Client] = []
        self.sent = 0
        self.in_flight = 0
        self.latencies: list[float] = []
        self.failures: Counter[str] = Counter()
        self.tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        self.idle = [await self.connect() for _ in range(self.connections)]
        reporter = asyncio.create_task(self.report())
        due = time.monotonic()
        try:
            while True:
                due += self.random.expovariate(self.rate)
                wait = due - time.monotonic()
                if wait > 0:
                    await asyncio.sleep(wait)
                draw = self.random.getrandbits(48)
                task = asyncio.create_task(self.send(due, draw))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
        finally:
            reporter.cancel()

    async def send(self, due: float, draw: int) -> None:
        self.sent += 1
        self.in_flight += 1
        try:
            async with asyncio.timeout(self.timeout):
                status = await self.exchange(
                    f"GET /work HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n"
                    f"X-Draw: {draw}\r\n\r\n".encode())
            if status == 200:
                self.latencies.append((time.monotonic() - due) * 1000)
            else:
                self.failures[str(status)] += 1
        except TimeoutError:
            self.failures["timeout"] += 1
        except (OSError, Stale) as error:
            self.failures[type(error).__name__] += 1
        finally:
            self.in_flight -= 1

    async def exchange(self, request: bytes) -> int:
        """Asks once; a stale kept-alive connection is replaced, as every HTTP client does."""
        while self.idle:
            client = self.idle.pop()
            if not client.reusable or client.transport.is_closing():
                continue
            try:
                return await self.ask(client, request)
            except Stale:
                continue
        return await self.ask(await self.connect(), request)

    async def connect(self) -> Client:
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(Client, self.host, self.port)
        return client

    async def ask(self, client: Client, request: bytes) -> int:
        try:
            status = await client.ask(request)
        except BaseException:
            client.transport.abort()
            raise
        if client.reusable:
            self.idle.append(client)
        else:
            client.transport.close()
        return status

    async def report(self) -> None:
        while True:
            await asyncio.sleep(1)
            line = {
                "to": time.monotonic(), "sent": self.sent, "in_flight": self.in_flight,
                "latencies_ms": [round(value, 1) for value in self.latencies],
                "failures": dict(self.failures),
            }
            self.sent, self.latencies, self.failures = 0, [], Counter()
            print(json.dumps(line), flush=True)


@dataclass
class Served:
    """What the clients saw over a time."""
    sent: int = 0
    latencies_ms: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)

    @property
    def failed(self) -> int:
        return sum(self.failures.values())

    def percentile(self, share: float) -> float:
        ranked = sorted(self.latencies_ms)
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else float("nan")

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.failures.items())
        return (f"{len(self.latencies_ms)} answered, {self.failed} failed"
                f"{f' ({kinds})' if kinds else ''}, p50 {self.percentile(0.5):.0f} ms, "
                f"p99 {self.percentile(0.99):.0f} ms")


class Load:
    """The generator as a process of its own, and the record of what it reports."""

    def __init__(self, port: int, rate: float, seed: int = 1, timeout: float = 30,
                 host: str = "127.0.0.1", connections: int = 0) -> None:
        self._lines: list[dict] = []
        self._lock = Lock()
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve()), "--host", host, "--port", str(port), "--rate",
             str(rate), "--seed", str(seed), "--timeout", str(timeout),
             "--connections", str(connections)],
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            with self._lock:
                self._lines.append(json.loads(line))

    def since(self, start: float, end: float | None = None) -> Served:
        """What ended between two readings of the monotonic clock, to the second."""
        served = Served()
        with self._lock:
            for line in self._lines:
                if start < line["to"] <= (end or time.monotonic()):
                    served.sent += line["sent"]
                    served.latencies_ms += line["latencies_ms"]
                    served.failures.update(line["failures"])
        return served

    def in_flight(self) -> int:
        with self._lock:
            return self._lines[-1]["in_flight"] if self._lines else 0

    def cpu_seconds(self) -> float:
        """CPU time that the generator itself has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self._reader.join()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--host", default="127.0.0.1")
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--rate", type=float, required=True, help="requests per second")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--timeout", type=float, default=30, help="seconds")
    arguments.add_argument("--connections", type=int, default=0, help="opened before the first")
    chosen = arguments.parse_args()
    generator = Generator(chosen.host, chosen.port, chosen.rate, chosen.seed, chosen.timeout,
                          chosen.connections)
    try:
        asyncio.run(generator.run())
    except (KeyboardInterrupt, BrokenPipeError):
        pass


if __name__ == "__main__":
    main()
