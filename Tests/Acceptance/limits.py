#!/usr/bin/python3
"""Limits that no container's spec tells, on real cgroups. Started by `run.py --limits`.

Two servers share a limit that Docker was not told, a third has a quota of its own. The same load,
request for request, meets them several times, each time from equal weights and empty queues: bare, and
with evenkeel at its default interval, by turns. Whatever it makes of them, clients must not be worse off.
"""

import os
import statistics
import sys
import time
from dataclasses import dataclass, field

sys.dont_write_bytecode = True

import haproxy
import sandbox
from bed import Bed, weigh
from cadvisor import CAdvisor
from containers import Container, Docker
from evenkeel import Evenkeel, binary
from haproxy import HAProxy
from load import Load, Served
from meter import Meter, cpu_seconds
from processes import Child
from runner import Suite, require, say, wait_until

COST_MS = 8.0
LOAD = 0.7
# Cores that the two have together, and that the third has; by quota, all equal weights are level.
SHARED = 0.4
OWN = 0.2
SECONDS = 60.0
# One run's p99 rests on some thirty answers; who comes first changes from round to round.
ROUNDS = 3
AT_MOST = 1.05
NEIGHBOUR = "neighbour"
# What a measured utilisation may be off.
NOISE = 0.02


@dataclass
class Run:
    """What clients and cgroups saw of one run."""
    served: Served
    # Of what the two share, and of the third's own, in the last 20 s; 0…1.
    shared: float
    own: float
    weights: list[tuple[float, dict[str, int]]] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.served}, {self.shared:.2f} of the shared limit and {self.own:.2f} of its own"


class World:
    """Docker, cAdvisor and three servers, limited in a way that a test chooses."""

    def __init__(self, program: str) -> None:
        self.folder, self.group = sandbox.enter()
        self.program = program
        busy = Bed.others_cpu()
        if busy > 0.3:
            say(f"limits: other work uses {busy:.1f} cores of this machine: figures will be noisy")
        self.docker = Docker(self.folder, self.group)
        # With six parts of the machine, so that the rest of the machine takes little from them.
        weigh(self.group, 6)
        self.containers = [Container(f"api-{number}", quota, 9000 + number)
                           for number, quota in enumerate((SHARED / 2, SHARED / 2, OWN), 1)]
        self.cadvisor: CAdvisor | None = None
        self.haproxy: HAProxy | None = None
        self.daemon: Child | None = None
        self.evenkeel: Evenkeel | None = None
        self.slices = 0

    def limited_by_parent(self, cores: float) -> tuple[str, ...]:
        """Options that put a container below a cgroup with this quota."""
        self.slices += 1
        return ("--cgroup-parent", self.docker.slice(f"slice-{self.slices}", cores))

    def serve(self, shared: tuple[str, ...], own: tuple[str, ...]) -> None:
        """All three anew, the first two under the limit that they share."""
        for each in self.containers:
            if each.counter is not None:
                self.docker.remove(each)
        for each, limits in zip(self.containers, (shared, shared, own)):
            self.docker.run(each, COST_MS, limits=limits)
        if self.cadvisor is None:
            self.cadvisor = CAdvisor(self.folder, self.docker.socket)
        self.meter = Meter(self.containers)

    def begin(self) -> None:
        """Empty queues, nothing counted, equal weights."""
        if self.haproxy is not None:
            self.haproxy.close()
        self.docker.restart(*self.containers, within=1)
        self.haproxy = HAProxy(self.folder, self.containers)
        wait_until(lambda: all(self.haproxy.up(each.name) for each in self.containers), 20,
                   "not all servers came up")

    def cost(self) -> float:
        """CPU seconds a request, all overhead included, at a load that queues nowhere."""
        self.begin()
        load = Load(haproxy.PORT, 0.3 * (SHARED + OWN) * 1000 / COST_MS, seed=7)
        time.sleep(2)
        counted, start = self._cpu_of_all(), time.monotonic()
        time.sleep(6)
        used, end = self._cpu_of_all() - counted, time.monotonic()
        load.stop()
        answered = len(load.since(start, end).latencies_ms)
        require(answered > 60, f"only {answered} answers while measuring the cost of a request")
        return used / answered

    def _cpu_of_all(self) -> float:
        return sum(cpu_seconds(each.counter) or 0 for each in self.containers)

    def run(self, rate: float, name: str | None) -> Run:
        """The load for a while on empty servers; with a name evenkeel steers, started with it."""
        self.begin()
        if name is not None:
            self.evenkeel = Evenkeel(self.program, self.folder, name, {
                "cadvisors": [CAdvisor.url],
                "balancers": [{"name": "lb1", "address": f"unix:{self.haproxy.socket}"}],
                "backends": [{"name": haproxy.BACKEND, "pattern": "api-.*"}]})
            self.daemon = self.evenkeel.run()
        load, start, weights = Load(haproxy.PORT, rate, seed=11), time.monotonic(), []
        while (elapsed := time.monotonic() - start) < SECONDS:
            weights.append((elapsed, self.haproxy.weights()))
            time.sleep(1)
        end = time.monotonic()
        levels = self.meter.levels(end - 20, end).utilisation
        served = load.since(start, end)
        if self.daemon is not None:
            self.daemon.require_running()
            self.daemon.stop()
            self.daemon = None
        load.stop()
        return Run(served, (levels["api-1"] + levels["api-2"]) / 2, levels["api-3"], weights)

    def require_no_worse(self, name: str) -> str:
        cost = self.cost()
        rate = LOAD * (SHARED + OWN) / cost
        say(f"limits: {cost * 1000:.2f} ms a request, {rate:.0f} requests/s")
        bare, steered = [], []
        for number in range(ROUNDS):
            for way in ("bare", "steered") if number % 2 == 0 else ("steered", "bare"):
                run = self.run(rate, f"{name}-{number}" if way == "steered" else None)
                (steered if way == "steered" else bare).append(run)
                say(f"limits: {way} {run}; {self.changes(run)}")
        before, after = (statistics.median(each.served.percentile(0.99) for each in runs)
                         for runs in (bare, steered))
        shared = [statistics.median(each.shared for each in runs) for runs in (bare, steered)]
        seen = (f"middle p99 bare {before:.0f} ms, steered {after:.0f} ms; of the shared limit "
                f"{shared[0]:.2f} and {shared[1]:.2f}")
        require(all(each.served.failed == 0 for each in bare + steered), f"failures; {seen}")
        require(after <= AT_MOST * before, seen)
        require(shared[1] <= shared[0] + NOISE, seen)
        return seen

    @staticmethod
    def changes(run: Run) -> str:
        """The weights as they changed."""
        told, last = [], None
        for at, weights in run.weights:
            if weights != last:
                told.append(f"{at:.0f} s {'/'.join(str(each) for each in weights.values())}")
                last = weights
        return "weights " + ", ".join(told)

    def report_failure(self) -> None:
        say(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        if self.evenkeel is not None:
            say(f"--- evenkeel's log:\n{self.evenkeel.log.read_text()}\n---")


suite = Suite()


@suite.test
def two_servers_below_one_parents_quota_are_no_worse_off(world: World) -> str:
    world.serve(world.limited_by_parent(SHARED), ("--cpus", f"{OWN:g}"))
    return world.require_no_worse("parent")


@suite.test
def two_servers_on_a_cpu_that_a_neighbour_keeps_busy_are_no_worse_off(world: World) -> str:
    # Of one CPU the neighbour takes 6 parts of 10.
    cpu = str(max(os.sched_getaffinity(0)))
    world.docker.run_neighbour(NEIGHBOUR, ("--cpuset-cpus", cpu, "--cpu-shares", "3072"))
    try:
        world.serve(("--cpuset-cpus", cpu, "--cpu-shares", "1024"), ("--cpus", f"{OWN:g}"))
        return world.require_no_worse("cpuset")
    finally:
        world.docker.remove_neighbours(NEIGHBOUR)


def main() -> int:
    only = sys.argv[1] if len(sys.argv) > 1 else None
    names = suite.chosen(only)
    if not names:
        return 0 if suite.run(names) else 1
    world = World(binary())
    return 0 if suite.run(names, world, on_failure=world.report_failure) else 1


if __name__ == "__main__":
    sys.exit(main())
