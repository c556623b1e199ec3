#!/usr/bin/python3
"""Whether evenkeel does harm where neighbours come and go; prints a markdown table.

Four "hosts" are cgroups with a quota of 0.36 CPU, each pinned to one core, so that its members
compete for it as on a machine of that size. In each are a server, and a neighbour in a cgroup of its
own that takes 0.216 CPU for half of every period, one host after the other. HAProxy and evenkeel are
real; the cAdvisors are stand-ins that read the real counters and show each host as one whole core.
Requests come at the times of a Poisson process, and cost 6 ms in the mean. Needs root, and a machine
with two cores that has nothing else to do. The program is $EVENKEEL, which should be a release build;
`packaging/compare --neighbours` sees to that.

Each run begins with new servers, a new HAProxy, equal weights and a daemon that has learned nothing.
A repetition is one run of every strategy at every period in an order of its own; its runs meet the
same requests.

With --inside the neighbour is in the server's own cgroup, as in the testbed of Prequal (Wydrowski and
others, NSDI 2024): four containers of 0.30 CPU, each with a neighbour that takes 0.18 of it. The load
is then a part of what these leave on average.

P99 is the client's; `spread` is the fullest host over their mean, neighbours included,
and `harm` a strategy's p99 over that of its algorithm alone in the same repetition (medians).
"""

import argparse
import json
import os
import random
import signal
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

sys.dont_write_bytecode = True
# The neighbour's own process is an isolated one, which does not look here by itself.
for folder in ("Benchmarks", "Acceptance"):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / folder))

import haproxy
import neighbours
import sandbox
from bed import Bed as DockerBed
from bed import weigh
from compare_table import milliseconds, percent
from containers import SERVER, Container
from evenkeel import Evenkeel, binary
from fake_fleet import FakeContainer, FakeFleet, Host
from haproxy import HAProxy
from load import Load
from meter import Meter, cpu_seconds
from processes import Child
from runner import Failure, say, wait_until

HOSTS = 4
COST_MS = 6.0
BETWEEN = 8

STRATEGIES = {
    # HAProxy's algorithm, and whether evenkeel sets the weights.
    "roundrobin": ("roundrobin", False), "evenkeel": ("roundrobin", True),
    "leastconn": ("leastconn", False), "evenkeel+leastconn": ("leastconn", True),
    "random4": ("random(4)", False), "evenkeel+random4": ("random(4)", True),
}


@dataclass(frozen=True)
class Shape:
    """What a host has, what its neighbour takes of it while it is on, and where that is."""
    cores: float
    neighbour: float
    inside: bool

    @property
    def capacity(self) -> float:
        """Cores that a load of 1 takes of all hosts together."""
        return HOSTS * (self.cores - (self.neighbour / 2 if self.inside else 0))

    @property
    def member(self) -> str:
        """The cgroup of the neighbour."""
        return "server" if self.inside else "neighbour"


BESIDE = Shape(0.36, 0.216, inside=False)
INSIDE = Shape(0.30, 0.18, inside=True)


@dataclass
class Part:
    """A run, or its second half."""
    spread: float
    p50_ms: float
    p99_ms: float
    sent: int
    failed: int


@dataclass
class Run:
    period: float
    strategy: str
    repetition: int
    whole: Part
    later: Part
    others_cores: float


class ContainerHost:
    """A cgroup that plays a host, with the cgroups of a server and a neighbour in it."""

    def __init__(self, group: str, number: int, shape: Shape) -> None:
        self.number = number
        self.shape = shape
        self.path = f"{group}/host-{number}"
        self.core = sorted(os.sched_getaffinity(0))[number % os.cpu_count()]
        self.tops = [top for top in sandbox.cgroup_tops() if neighbours.rules_cpu(top)]
        for top in self.tops:
            for path in (self.path, f"{self.path}/server", f"{self.path}/neighbour"):
                neighbours.write((top / path).parent, "cgroup.subtree_control", "+cpu")
                (top / path).mkdir()
            quota = int(shape.cores * 100_000)
            neighbours.write(top / self.path, "cpu.cfs_quota_us", quota) or neighbours.write(
                top / self.path, "cpu.max", f"{quota} 100000")
        self.server = Container(f"api-{number + 1}", shape.cores, 9001 + number,
                                counter=self.counter("server"))
        self.whole = Container(f"host-{number + 1}", shape.cores, 0, counter=self.counter(""))

    def counter(self, member: str) -> Path:
        files = [top / self.path / member / file for top in self.tops
                 for file in ("cpuacct.usage", "cpu.stat")]
        return min((file for file in files if file.exists()),
                   key=lambda file: file.name != "cpuacct.usage")

    def used_ns(self, member: str, of: float = 1) -> int:
        """CPU time, or that on a host of so many cores as if it were one."""
        return int((cpu_seconds(self.counter(member)) or 0) / of * 1e9)

    def start(self, member: str, command: list[str], folder: Path,
              within: str | None = None) -> Child:
        groups = [str(top / self.path / (within or member) / "cgroup.procs") for top in self.tops]
        enter = "".join(f"echo 0 > {group}; " for group in groups)
        return Child(f"{member} {self.number}",
                     ["taskset", "-c", str(self.core), "sh", "-c", f'{enter}exec "$@"', "sh",
                      sys.executable, "-I", "-S", "-B", *command], folder / f"{member}.log")

    def cadvisor(self) -> Host:
        """A stand-in, on an address of its own."""
        cores = self.shape.cores
        containers = [FakeContainer(self.server.name, cores, lambda: self.used_ns("server"))]
        if not self.shape.inside:
            containers = [
                FakeContainer(self.server.name, None, lambda: self.used_ns("server", cores)),
                FakeContainer(f"job-{self.number + 1}", None,
                              lambda: self.used_ns("neighbour", cores))]
        return Host(f"127.2.0.{self.number + 1}", containers, cores=1)


class Bed:
    """All that evenkeel meets, but for Docker and cAdvisor."""

    def __init__(self, cv: float, shape: Shape) -> None:
        self.folder, self.group = sandbox.enter()
        self.cv = cv
        self.shape = shape
        busy = DockerBed.others_cpu()
        if busy > 0.3:
            say(f"bed: other work uses {busy:.1f} cores of this machine: figures will be noisy")
        for top in sandbox.cgroup_tops():
            neighbours.rules_cpu(top) and neighbours.write(
                top / self.group, "cgroup.subtree_control", "+cpu")
        self.hosts = [ContainerHost(self.group, number, shape) for number in range(HOSTS)]
        weigh(self.group, 2 * HOSTS)
        self.fleet = FakeFleet([host.cadvisor() for host in self.hosts])
        self.meter = Meter([host.whole for host in self.hosts])
        self.servers: list[Child] = []
        self.haproxy: HAProxy | None = None
        self.renew("roundrobin")
        self.cost = self._measure_cost()
        say(f"bed: a request costs {self.cost * 1000:.2f} ms")

    def renew(self, balance: str) -> None:
        if self.haproxy is not None:
            self.haproxy.close()
        for each in self.servers:
            each.stop(within=1)
        self.servers = [host.start("server", [
            str(SERVER), "--name", host.server.name, "--port", str(host.server.port),
            "--cost-ms", f"{COST_MS:g}", "--cv", f"{self.cv:g}", "--seed", str(host.server.port)],
            self.folder) for host in self.hosts]
        self.haproxy = HAProxy(self.folder, [host.server for host in self.hosts], balance)
        wait_until(lambda: all(self.haproxy.up(host.server.name) for host in self.hosts), 20,
                   "not all servers came up")

    def _measure_cost(self) -> float:
        """CPU seconds a request, all overhead included, at a load that queues nowhere."""
        load = Load(haproxy.PORT, rate=0.3 * HOSTS * self.shape.cores / (COST_MS / 1000), seed=7)
        time.sleep(2)
        counted, start = self._cpu_of_servers(), time.monotonic()
        time.sleep(10)
        used, end = self._cpu_of_servers() - counted, time.monotonic()
        load.stop()
        answered = len(load.since(start, end).latencies_ms)
        if answered < 100:
            raise Failure(f"only {answered} answers while measuring the cost of a request")
        return used / answered

    def _cpu_of_servers(self) -> float:
        return sum(cpu_seconds(host.server.counter) or 0 for host in self.hosts)

    @contextmanager
    def neighbours(self, period: float) -> Iterator[None]:
        children = [host.start("neighbour", [
            __file__, "--neighbour", f"{period:g}", "--first", f"{period * host.number / HOSTS:g}",
            "--takes", f"{self.shape.neighbour:g}"], self.folder, self.shape.member)
            for host in self.hosts]
        try:
            yield
            for child in children:
                child.require_running()
        finally:
            for child in children:
                child.stop(within=1)

    @contextmanager
    def steered(self, wanted: bool, name: str) -> Iterator[None]:
        if not wanted:
            yield
            return
        daemon = Evenkeel(binary(), self.folder, name, {
            "cadvisors": self.fleet.urls,
            "balancers": [{"name": "lb1", "address": f"unix:{self.haproxy.socket}"}],
            "backends": [{"name": haproxy.BACKEND, "pattern": "api-.*"}],
        }).run()
        try:
            yield
            daemon.require_running()
        finally:
            daemon.stop()

    def part(self, requests: Load, start: float, end: float) -> Part:
        served = requests.since(start, end)
        return Part(round(self.meter.levels(start, end).spread, 3),
                    round(served.percentile(0.5), 1), round(served.percentile(0.99), 1),
                    served.sent, served.failed)


@dataclass
class Plan:
    """What is to be run."""
    periods: list[float]
    strategies: list[str]
    repetitions: int
    seconds: float | None
    load: float
    cv: float
    seed: int
    shape: Shape

    def length(self, period: float) -> float:
        """Two periods at least, so that the second half has a whole one."""
        return self.seconds or max(120.0, 2 * period)

    def order(self) -> list[tuple[int, float, str]]:
        chance, runs = random.Random(self.seed), []
        for repetition in range(self.repetitions):
            block = [(repetition, period, name)
                     for period in self.periods for name in self.strategies]
            chance.shuffle(block)
            runs += block
        return runs

    def expected(self) -> float:
        return 20 + sum(self.length(period) + BETWEEN for _, period, _ in self.order())


def run_all(plan: Plan) -> int:
    """The sealed side: a JSON line a run."""
    bed, order = Bed(plan.cv, plan.shape), plan.order()
    rate = plan.load * plan.shape.capacity / bed.cost
    for number, (repetition, period, name) in enumerate(order, 1):
        balance, is_steered = STRATEGIES[name]
        bed.renew(balance)
        others = DockerBed.others_cpu()
        with bed.neighbours(period), bed.steered(is_steered, f"{name}-{period:g}-{repetition}"):
            start = time.monotonic()
            requests = Load(haproxy.PORT, rate, plan.seed + repetition)
            time.sleep(plan.length(period))
            end = time.monotonic()
        requests.stop()
        run = Run(period, name, repetition, bed.part(requests, start, end),
                  bed.part(requests, (start + end) / 2, end), round(others, 2))
        say(f"  {number} of {len(order)}: {name}, period {period:g} s: second half p99 "
            f"{milliseconds(run.later.p99_ms)}, {run.later.failed} of {run.later.sent} failed")
        print(json.dumps(asdict(run)), flush=True)
    return 0


def neighbour(period: float, first: float, takes: float) -> None:
    """Takes so many cores for half of every period, from `first` on."""
    begin = time.monotonic() + first
    burst, gap = neighbours.BURST, neighbours.BURST / takes
    due = begin
    while True:
        now = time.monotonic()
        into = (now - begin) % period if now >= begin else now - begin
        if into < 0 or into >= period / 2:
            time.sleep(-into if into < 0 else period - into)
            due = time.monotonic()
            continue
        end = time.thread_time() + burst
        while time.thread_time() < end:
            pass
        due = max(due + gap, time.monotonic() - 1)
        time.sleep(max(0, due - time.monotonic()))


def table(runs: list[Run]) -> str:
    lines = ["| period | strategy | runs | p50 | p99 | p99, whole run | harm | failed | spread |",
             "|---|---|---|---|---|---|---|---|---|"]
    for period in sorted({run.period for run in runs}):
        for name, (balance, _) in STRATEGIES.items():
            some = [run for run in runs if (run.period, run.strategy) == (period, name)]
            if not some:
                continue
            bare = {run.repetition: run.later.p99_ms for run in runs
                    if run.period == period and STRATEGIES[run.strategy] == (balance, False)}
            harm = [run.later.p99_ms / bare[run.repetition] for run in some
                    if bare.get(run.repetition)]
            middle = statistics.median
            lines.append(
                f"| {period:g} s | {name} | {len(some)} "
                f"| {milliseconds(middle(run.later.p50_ms for run in some))} "
                f"| {milliseconds(middle(run.later.p99_ms for run in some))} "
                f"| {milliseconds(middle(run.whole.p99_ms for run in some))} "
                f"| {f'{middle(harm):.2f}' if harm else '–'} "
                f"| {percent(middle(run.whole.failed / max(1, run.whole.sent) for run in some))} "
                f"| {middle(run.later.spread for run in some):.2f} |")
    return "\n".join(lines)


def compare(plan: Plan, arguments: list[str], file: Path | None) -> int:
    """Starts the sealed side and tells what it saw, also when it was cut short."""
    runs: list[Run] = []
    bound = 1.3 * plan.expected() + 60
    say(f"{len(plan.order())} runs, seed {plan.seed}: about {plan.expected() / 60:.0f} minutes")

    def follow(lines: Iterator[str], status: object) -> None:
        for line in lines:
            found = json.loads(line)
            runs.append(Run(**{**found, "whole": Part(**found["whole"]),
                               "later": Part(**found["later"])}))
        status()

    def give_up(*_: object) -> None:
        say(f"given up after {bound / 60:.0f} minutes")
        raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(int(bound))
    try:
        return sandbox.Sandbox().run(
            [sys.executable, "-B", "-u", __file__, "--sealed", *arguments], follow)
    finally:
        signal.alarm(0)
        if runs:
            busiest = max(run.others_cores for run in runs)
            left = "what neighbours leave of " if plan.shape.inside else ""
            print(f"Load {plan.load:g} of {left}{HOSTS} hosts of {plan.shape.cores:g} CPU, cost of "
                  f"cv {plan.cv:g}, "
                  f"seed {plan.seed}; medians, of the second half where not said otherwise. Before "
                  f"a run at most {busiest:.2f} cores were busy.\n\n{table(runs)}", flush=True)
            if file is not None:
                file.write_text(json.dumps([asdict(run) for run in runs], indent=1) + "\n")


def numbers(text: str) -> list[float]:
    found = [float(word) for word in text.split(",")]
    if not all(2 <= value <= 600 for value in found):
        raise argparse.ArgumentTypeError("periods are of 2 to 600 s, such as 20,60,300")
    return found


def names(text: str) -> list[str]:
    found = text.split(",")
    if not set(found) <= set(STRATEGIES):
        raise argparse.ArgumentTypeError(f"strategies are {', '.join(STRATEGIES)}")
    return found


def parser() -> argparse.ArgumentParser:
    wanted = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--neighbours", action="store_true", help=argparse.SUPPRESS)
    wanted.add_argument("--periods", type=numbers, default=[20.0, 60.0, 300.0], metavar="S,…",
                        help="of the neighbours' coming and going (20,60,300)")
    wanted.add_argument("--strategies", type=names, default=list(STRATEGIES), metavar="NAME,…",
                        help=f"some of {', '.join(STRATEGIES)} (all)")
    wanted.add_argument("--repetitions", type=int, default=1, metavar="N", help="of all (1)")
    wanted.add_argument("--seconds", type=float, metavar="S",
                        help="of each run (120, and two periods at least)")
    wanted.add_argument("--load", type=float, default=0.36, help="part of all hosts (0.36)")
    wanted.add_argument("--inside", action="store_true",
                        help="neighbours in the servers' own cgroups")
    wanted.add_argument("--cv", type=float, default=1, help="of the requests' cost (1)")
    wanted.add_argument("--seed", type=int, help="of order and requests (any, printed)")
    wanted.add_argument("--json", type=Path, metavar="FILE", help="writes all runs there as well")
    wanted.add_argument("--sealed", action="store_true", help=argparse.SUPPRESS)
    return wanted


def main() -> int:
    if sys.argv[1:2] == ["--neighbour"]:
        neighbour(float(sys.argv[2]), float(sys.argv[4]), float(sys.argv[6]))
    wanted = parser()
    chosen = wanted.parse_args()
    if chosen.repetitions < 1 or not 0.05 <= chosen.load <= 1.2 or not 0 <= chosen.cv <= 5:
        wanted.error("at least one repetition, a load of 0.05 to 1.2, and a cv of 0 to 5")
    seed = chosen.seed if chosen.seed is not None else random.randrange(10_000)
    plan = Plan(chosen.periods, chosen.strategies, chosen.repetitions, chosen.seconds, chosen.load,
                chosen.cv, seed, INSIDE if chosen.inside else BESIDE)
    if chosen.sealed:
        return run_all(plan)
    return compare(plan, [*sys.argv[1:], "--seed", str(seed)], chosen.json)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        say("interrupted")
        sys.exit(130)
