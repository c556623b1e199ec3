"""A real HAProxy with many servers, requests through it, and the CPU time that they cost.

The servers are one more HAProxy that answers by itself: what is measured is the daemon, and the
rest should take as little of the machine as it can.
"""

import os
import signal
import socket
import time
from pathlib import Path
from threading import Thread

import haproxy
from containers import Container
from fake_cadvisor import timestamp
from haproxy import HAProxy
from processes import Child
from runner import say

ANSWERING_PORT = 9000
COST_NS = 4_000_000
QUOTAS = (0.1, 0.2, 0.3, 0.4)
BURSTS_PER_SECOND = 10
# Beyond the five seconds that a frozen HAProxy may take.
STANDSTILL = 6

ANSWERING = f"""\
defaults
  mode http
  timeout client 60s
frontend servers
  bind 127.0.0.1:{ANSWERING_PORT}
  http-request return status 200 content-type text/plain string served
"""


class Balancer(HAProxy):
    """HAProxy before servers of unequal quota named api-1, api-2 and so on."""

    def __init__(self, folder: Path, servers: int) -> None:
        configuration = folder / "answering.cfg"
        configuration.write_text(ANSWERING)
        self.answering = Child("haproxy", ["haproxy", "-db", "-f", str(configuration)],
                               folder / "answering.log")
        self.servers = [Container(f"api-{number}", QUOTAS[number % len(QUOTAS)], ANSWERING_PORT)
                        for number in range(1, servers + 1)]
        super().__init__(folder, self.servers)

    def follows_quotas(self) -> bool:
        """Whether the weights are about in proportion to the servers' quotas."""
        weights = self.weights()
        ratios = [weights[each.name] / each.quota for each in self.servers]
        return max(ratios) < 1.5 * min(ratios)

    def freeze(self) -> None:
        """Its socket goes on taking connections, and nobody answers."""
        self.frozen = haproxy.process_id(self.socket)
        os.kill(self.frozen, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.frozen, signal.SIGCONT)

    def close(self) -> None:
        for child in (self.master, self.answering):
            child.stop()


class Traffic:
    """Pipelined requests in small bursts, on one connection."""

    def __init__(self, rate: float) -> None:
        self.burst = max(1, round(rate / BURSTS_PER_SECOND))
        self.running = True
        self.thread = Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while self.running:
            try:
                with socket.create_connection(("127.0.0.1", haproxy.PORT), 5) as stream:
                    while self.running:
                        self._send(stream)
                        time.sleep(1 / BURSTS_PER_SECOND)
            except OSError:
                time.sleep(0.2)

    def _send(self, stream: socket.socket) -> None:
        stream.sendall(b"GET /work HTTP/1.1\r\nHost: bench\r\n\r\n" * self.burst)
        received = b""
        while received.count(b"\r\n\r\nserved") < self.burst:
            data = stream.recv(65_536)
            if not data:
                raise ConnectionError
            received += data

    def stop(self) -> None:
        self.running = False
        self.thread.join()


class Meter:
    """Turns HAProxy's counts of requests into CPU time of the servers' containers."""

    def __init__(self, balancer: Balancer) -> None:
        self.socket = balancer.socket
        self.served = dict.fromkeys((each.name for each in balancer.servers), 0)
        self.last = dict(self.served)
        self.sampled_at = timestamp()
        self.running = True
        self._read()
        self.thread = Thread(target=self._run, daemon=True)
        self.thread.start()

    def cpu_ns(self, server: str) -> int:
        """A second's start-up, and the same cost for each request."""
        return 1_000_000_000 + self.served[server] * COST_NS

    def _run(self) -> None:
        last = time.monotonic()
        while self.running:
            time.sleep(0.5)
            gap, last = time.monotonic() - last, time.monotonic()
            if gap > STANDSTILL:
                say(f"  for {gap:.1f} s the measuring itself did not get on")
            try:
                self._read()
            except OSError:
                continue

    def _read(self) -> None:
        lines = haproxy.ask(self.socket, "show stat").splitlines()
        if not lines:
            raise ConnectionError("HAProxy hung up")
        column = lines[0].removeprefix("# ").split(",").index("stot")
        served = dict(self.served)
        for backend, server, *fields in (line.split(",") for line in lines[1:] if line):
            if backend != haproxy.BACKEND or server not in served:
                continue
            count, before = int(fields[column - 2]), self.last[server]
            # A new worker counts from nothing.
            served[server] += count - before if count >= before else count
            self.last[server] = count
        self.sampled_at, self.served = timestamp(), served

    def stop(self) -> None:
        self.running = False
        self.thread.join()
