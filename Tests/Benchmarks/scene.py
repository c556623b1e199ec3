"""What the daemon under measurement stands in: HAProxy, cAdvisors, requests."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import haproxy
from daemon import Daemon
from evenkeel import Evenkeel
from fake_fleet import FakeContainer, FakeFleet, Host
from runner import wait_until
from traffic import Balancer, Meter, Traffic


class Scene:
    """A fleet with its HAProxy, and configurations of evenkeel for it."""

    def __init__(self, folder: Path, program: str, hosts: int, containers: int, servers: int,
                 rate: float, stack: ExitStack, lean: bool = False) -> None:
        self.folder = folder
        self.program = program
        self.folder.mkdir()
        self.lean = lean
        self.balancer = Balancer(folder, servers)
        stack.callback(self.balancer.close)
        self.meter = Meter(self.balancer)
        stack.callback(self.meter.stop)
        self.fleet = FakeFleet([self._host(number, hosts, containers) for number in range(hosts)])
        stack.callback(self.fleet.close)
        traffic = Traffic(rate)
        stack.callback(traffic.stop)
        wait_until(lambda: all(
            row["srv_op_state"] == "2" for row in haproxy.server_states(
                self.balancer.socket, haproxy.BACKEND).values()), 30, "not all servers came up")

    def _host(self, number: int, hosts: int, containers: int) -> Host:
        """Its part of the servers, and neighbours that have nothing to do with HAProxy."""
        servers = [FakeContainer(each.name, each.quota,
                                 lambda name=each.name: self.meter.cpu_ns(name))
                   for each in self.balancer.servers[number::hosts]]
        neighbours = [FakeContainer(f"job-{number}-{index}", 0.1, lambda: 1_000_000_000)
                      for index in range(containers - len(servers))]
        return Host(f"127.1.{number // 250}.{number % 250 + 1}", servers + neighbours,
                    lambda: self.meter.sampled_at, lean=self.lean)

    def evenkeel(self, interval: float, **more: object) -> Evenkeel:
        return Evenkeel(self.program, self.folder, "measured", {
            "interval": f"{interval:g}s",
            "cadvisors": self.fleet.urls,
            "balancers": [{"name": "lb1", "address": f"unix:{self.balancer.socket}"}],
            "backends": [{"name": haproxy.BACKEND, "pattern": "api-.*"}],
            **more,
        })

    @contextmanager
    def daemon(self, interval: float, level: str = "debug", **more: object) -> Iterator[Daemon]:
        daemon = Daemon(self.evenkeel(interval, **more), level)
        try:
            yield daemon
        finally:
            daemon.close()

    def settle(self, interval: float, within: float = 240) -> None:
        """Waits until ticks come at the interval, the first ones come quicker, and the weights
        follow the quotas."""
        seen, last, regular, host = 0, time.monotonic(), 0, self.fleet.hosts[0]
        self.fleet.forget()

        def is_settled() -> bool:
            nonlocal seen, last, regular
            if host.polls > seen:
                gap, last, seen = time.monotonic() - last, time.monotonic(), host.polls
                regular = regular + 1 if 0.8 * interval < gap < 1.2 * interval else 0
            return regular >= 3 and self.balancer.follows_quotas()
        wait_until(is_settled, within, lambda: (
            f"{regular} ticks at {interval:g} s, weights {self.balancer.weights()}"))
