#!/usr/bin/python3
"""The bed: containers of unequal CPU quota behind a real HAProxy, watched by a real cAdvisor.

    bed.py --self-test      shows, without evenkeel, that the bed tells level from unlevel

To be used inside the sandbox only.
"""

import argparse
import shutil
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True

import cadvisor
import haproxy
import sandbox
from cadvisor import CAdvisor
from containers import Container, Docker
from haproxy import HAProxy
from load import Load
from meter import Levels, Meter, cpu_seconds
from runner import Failure, Report, Suite, require, say, wait_until

QUOTAS = (0.08, 0.12, 0.16, 0.24, 0.32, 0.48)
COST_MS = 6.0
LOAD = 0.7
LEVEL = 1.25


TOOLS = {
    "dockerd": "the package docker.io", "docker": "the package docker.io",
    "haproxy": "the package haproxy", "unshare": "the package util-linux",
    cadvisor.BINARY: "packaging/get-cadvisor, or $CADVISOR",
}


def require_tools() -> None:
    """Ends with what is missing and where it comes from."""
    absent = [f"{tool} ({source})" for tool, source in TOOLS.items() if not shutil.which(tool)]
    if absent:
        sys.exit("the bed needs " + ", ".join(absent))


def machine_cpu() -> float:
    """CPU seconds that the whole machine has used since it booted."""
    user, nice, system, _, _, irq, softirq, *_ = (
        int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:])
    return (user + nice + system + irq + softirq) / 100


def weigh(group: str, containers: int) -> None:
    """So many containers compete for the cores like as many processes, not like one."""
    for top in sandbox.cgroup_tops():
        for file, value in (("cpu.shares", 1024 * containers), ("cpu.weight", 100 * containers)):
            if (path := top / group / file).exists():
                path.write_text(str(value))


class Bed:
    """Everything that evenkeel meets in production, on one machine.

    `model` is how the servers work, one of server.py's, and `cv` the variation of requests' cost.
    `slices` are cgroups to put containers in later, by their cores: cAdvisor sees at its start what is
    none of Docker's, and later only once a minute.
    """

    def __init__(self, model: str = "fcfs", cv: float = 0.17,
                 slices: dict[str, float] | None = None) -> None:
        self.folder, self.group = sandbox.enter()
        busy = self.others_cpu()
        if busy > 0.3:
            say(f"bed: other work uses {busy:.1f} cores of this machine: figures will be noisy")
        self.containers = [Container(f"api-{number}", quota, 9000 + number)
                           for number, quota in enumerate(QUOTAS, 1)]
        self.names = [each.name for each in self.containers]
        say("bed: dockerd")
        self.docker = Docker(self.folder, self.group)
        weigh(self.group, len(self.containers))
        say(f"bed: {len(self.containers)} containers, quotas {QUOTAS}")
        for each in self.containers:
            self.docker.run(each, COST_MS, model, cv=cv)
        for name, cores in (slices or {}).items():
            self.docker.slice(name, cores)
        say("bed: cAdvisor and HAProxy")
        self.cadvisor = CAdvisor(self.folder, self.docker.socket)
        self.haproxy = HAProxy(self.folder, self.containers)
        self.meter = Meter(self.containers)
        self.load: Load | None = None
        self._wait_up()
        self.cost = self._measure_cost()
        self.rate = self.rate_at(LOAD)
        say(f"bed: a request costs {self.cost * 1000:.2f} ms, so {LOAD:.0%} of "
            f"{sum(QUOTAS):.2f} cores is {self.rate:.0f} requests/s")

    def _wait_up(self) -> None:
        wait_until(lambda: all(self.haproxy.up(name) for name in self.names), 20,
                   "not all servers came up")

    @staticmethod
    def others_cpu() -> float:
        """The cores that are in use now, over a second; without load the bed takes next to none."""
        before = machine_cpu()
        time.sleep(1)
        return machine_cpu() - before

    def _measure_cost(self) -> float:
        """CPU seconds a request, all overhead included, at a load that queues nowhere."""
        self.haproxy.set_weights(self.ideal_weights())
        load = Load(haproxy.PORT, rate=0.3 * sum(QUOTAS) / (COST_MS / 1000), seed=7)
        time.sleep(2)
        counted, start = self._cpu_of_all(), time.monotonic()
        time.sleep(5)
        used, end = self._cpu_of_all() - counted, time.monotonic()
        load.stop()
        answered = len(load.since(start, end).latencies_ms)
        self.haproxy.set_weights(dict.fromkeys(self.names, 100))
        if answered < 100:
            raise Failure(f"only {answered} answers while measuring the cost of a request")
        return used / answered

    def _cpu_of_all(self) -> float:
        return sum(cpu_seconds(each.counter) or 0 for each in self.containers)

    def container(self, name: str) -> Container:
        return next(each for each in self.containers if each.name == name)

    def ideal_weights(self) -> dict[str, int]:
        """Every request costs the same, so the ideal is in proportion to the quotas."""
        return {each.name: round(each.quota / max(QUOTAS) * 240) for each in self.containers}

    def rate_at(self, load: float) -> float:
        """Requests per second that take this part, 0…1, of all quotas."""
        return load * sum(QUOTAS) / self.cost

    def start_load(self, rate: float | None = None, seed: int = 1) -> Load:
        if self.load is None:
            self.load = Load(haproxy.PORT, self.rate if rate is None else rate, seed)
        return self.load

    def stop_load(self) -> None:
        if self.load is not None:
            self.load.stop()
        self.load = None

    def wait_idle(self) -> None:
        """No load, and no queue from before: what an unlevel start leaves is that start's alone."""
        self.stop_load()
        time.sleep(2)
        wait_until(lambda: self.meter.last(2).fullest < 0.1, 60, lambda: str(self.meter.last(2)))

    def renew(self, balance: str, most: dict[str, int] | None = None) -> None:
        """No load, no queue, nothing counted: every container and HAProxy anew, equal weights."""
        self.stop_load()
        self.haproxy.close()
        self.docker.restart(*self.containers, within=1)
        self.haproxy = HAProxy(self.folder, self.containers, balance, most)
        self._wait_up()

    def wait_level(self, within: float, window: float = 20,
                   names: list[str] | None = None) -> tuple[float, Levels]:
        """Waits for a whole window from now on that is level; says when it ended."""
        since = time.monotonic()
        time.sleep(window)
        wait_until(lambda: self.meter.last(window, names).spread <= LEVEL,
                   max(0.0, since + within - time.monotonic()),
                   lambda: f"{self.meter.last(window, names)}, weights {self.haproxy.weights()}",
                   every=0.5)
        return time.monotonic() - since, self.meter.last(window, names)

    def wait_settled(self, within: float, stays: float, window: float = 20) -> str:
        """Waits until every window is level for `stays` seconds on end, the first of them ended by
        `within`; tells when that was and the worst window since.

        A queue that drains may pass through a level moment on its way, hence the wait for good.
        """
        start = time.monotonic()
        time.sleep(window)
        settled, since = time.monotonic(), [self.meter.last(window)]
        while time.monotonic() < settled + stays:
            time.sleep(0.5)
            levels = self.meter.last(window)
            since.append(levels)
            if levels.spread > LEVEL:
                settled, since = time.monotonic(), []
                require(settled < start + within,
                        f"not level for good within {within:g} s: {levels}, "
                        f"weights {self.haproxy.weights()}")
        worst = max(since, key=lambda each: each.spread)
        return (f"level for good after {settled - start:.0f} s, worst window since: {worst}, "
                f"last 10 s: {self.meter.last(10)}")


self_test = Suite()


@self_test.test
def the_load_generator_is_cheap_and_true_to_its_rate(bed: Bed) -> str:
    bed.haproxy.set_weights(bed.ideal_weights())
    load = Load(haproxy.PORT, 200, seed=3)
    time.sleep(2)
    start, used = time.monotonic(), load.cpu_seconds()
    time.sleep(6)
    end, used = time.monotonic(), load.cpu_seconds() - used
    load.stop()
    cores, rate = used / (end - start), load.since(start, end).sent / (end - start)
    seen = f"{cores:.2f} cores for {rate:.0f} requests/s"
    require(cores < 0.25 and 160 < rate < 240, seen)
    return seen


@self_test.test
def ideal_weights_set_by_hand_are_level(bed: Bed) -> str:
    bed.haproxy.set_weights(bed.ideal_weights())
    load = bed.start_load()
    time.sleep(3)
    start = time.monotonic()
    time.sleep(12)
    levels, served = bed.meter.levels(start), load.since(start)
    require(levels.spread <= 1.15, f"{levels}; {served}")
    require(served.failed == 0, f"{levels}; {served}")
    return f"{levels}; {served}"


@self_test.test
def equal_weights_are_not_level(bed: Bed) -> str:
    bed.start_load()
    bed.haproxy.set_weights(dict.fromkeys(bed.names, 100))
    time.sleep(3)
    start = time.monotonic()
    time.sleep(12)
    levels = bed.meter.levels(start)
    require(levels.spread > LEVEL, str(levels))
    return str(levels)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--self-test", action="store_true", required=True)
    arguments.add_argument("--sealed", action="store_true", help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.sealed:
        return 0 if self_test.run(self_test.chosen(None), Bed()) else 1
    require_tools()
    report = Report()
    sandbox.Sandbox().run(
        [sys.executable, "-B", "-u", __file__, "--self-test", "--sealed"],
        lambda lines, status: report.follow("the bed", lines, status))
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
