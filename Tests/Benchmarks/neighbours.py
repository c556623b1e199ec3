#!/usr/bin/python3
"""What a container gets beside neighbours: a markdown table, measured with real cgroups.

A "host" is a cgroup with a quota whose processes are pinned to one core (so that they compete
for it, as they would for all cores of a busy host), and that outweighs everything else on the
machine. In it a server's cgroup and its neighbours' run loops that want all they can get, or a part
of the time in bursts. Beside each figure stands the law that the simulator goes by: fair shares in
proportion to `cpu.shares` among those who want more, what is left over to whoever wants it, and
never more than a quota.

The second table is of a server that is mostly idle: how fast it works while it has something to do,
by how long its requests are. Needs root, and no other work on the core.
"""

import argparse
import mmap
import os
import signal
import struct
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Acceptance"))

import sandbox
from meter import cpu_seconds
from runner import say

BURST = 0.008
PACE = struct.Struct("dd")


@dataclass
class Group:
    """A cgroup in the host: Docker's `--cpu-shares`, `--cpus` as a part of the host, and what each of
    its processes wants of the host, 0…1."""
    shares: int = 1024
    quota: float | None = None
    wants: tuple[float, ...] = (1.0,)
    burst: float = BURST

    def __str__(self) -> str:
        wants = sum(self.wants)
        words = "all" if wants >= 1 else f"{wants:.0%}"
        if len(self.wants) > 1:
            words += f" ({len(self.wants)} processes)"
        if self.shares != 1024:
            words += f", {self.shares} shares"
        return words + (f", quota {self.quota:.0%}" if self.quota else "")

    @property
    def claim(self) -> float:
        return min(sum(self.wants), self.quota or 1)


@dataclass
class Case:
    server: Group
    neighbours: list[Group] = field(default_factory=list)

    def others(self) -> str:
        return "; ".join(map(str, self.neighbours)) or "nothing"

    def law(self) -> float:
        """Weighted max-min fairness: what the server gets, as a part of the host."""
        groups, left = [self.server, *self.neighbours], 1.0
        given = dict.fromkeys(map(id, groups), 0.0)
        for each in sorted(groups, key=lambda group: group.claim / group.shares):
            open_shares = sum(group.shares for group in groups if not given[id(group)])
            given[id(each)] = min(each.claim, left * each.shares / open_shares)
            left -= given[id(each)]
        return given[id(self.server)]


CASES = [
    Case(Group()),
    Case(Group(), [Group()]),
    Case(Group(), [Group(wants=(1, 1, 1, 1))]),
    Case(Group(), [Group(), Group()]),
    Case(Group(), [Group(wants=(0.3,))]),
    Case(Group(), [Group(wants=(0.6,))]),
    Case(Group(), [Group(wants=(0.9,))]),
    Case(Group(wants=(0.3,)), [Group()]),
    Case(Group(shares=2048), [Group()]),
    Case(Group(shares=512), [Group()]),
    Case(Group(shares=256), [Group(wants=(0.9,))]),
    Case(Group(shares=2048), [Group(), Group(wants=(0.2,))]),
    Case(Group(quota=0.3), [Group()]),
    Case(Group(quota=0.6), [Group()]),
    Case(Group(), [Group(quota=0.3)]),
    Case(Group(shares=3072), [Group(quota=0.4), Group()]),
]


SPORADIC = [
    Case(Group(shares=shares, wants=(0.2,), burst=burst), neighbours)
    for burst in (0.001, 0.005, 0.02, 0.1)
    for shares, neighbours in ((1024, [Group(wants=(0.3,))]), (1024, [Group(wants=(0.6,))]),
                               (1024, [Group()]), (1024, [Group(), Group()]), (2048, [Group()]))
]


def write(group: Path, file: str, value: object) -> bool:
    if not (group / file).exists():
        return False
    (group / file).write_text(str(value))
    return True


def weight_of(shares: int) -> int:
    """cgroup v2's, as runc converts it."""
    return max(1, 1 + (shares - 2) * 9999 // 262142)


def rules_cpu(top: Path) -> bool:
    """Whether a hierarchy shares out CPU time, or counts it."""
    controllers = top / "cgroup.controllers"
    return ((top / "cpu.shares").exists() or (top / "cpuacct.usage").exists()
            or controllers.exists() and "cpu" in controllers.read_text().split())


class Host:
    """The cgroup with all others in it, on every hierarchy that counts or limits CPU time."""

    def __init__(self, name: str, cores: float, core: int) -> None:
        self.tops = [top for top in sandbox.cgroup_tops() if rules_cpu(top)]
        self.name, self.cores, self.core = name, cores, core
        self.paces: dict[str, mmap.mmap] = {}
        self._make(name, Group(shares=262_144), cores)

    def _make(self, path: str, group: Group, cores: float | None) -> None:
        for top in self.tops:
            folder = top / path
            folder.mkdir()
            write(folder.parent, "cgroup.subtree_control", "+cpu")
            write(folder, "cpu.shares", group.shares) or write(
                folder, "cpu.weight", weight_of(group.shares))
            if cores:
                write(folder, "cpu.cfs_quota_us", int(cores * 100_000)) or write(
                    folder, "cpu.max", f"{int(cores * 100_000)} 100000")

    def used(self, path: str) -> float:
        counters = [counter for top in self.tops for file in ("cpuacct.usage", "cpu.stat")
                    if (counter := top / path / file).exists()]
        # On v1 a cpu.stat has no times.
        return cpu_seconds(min(counters, key=lambda each: each.name != "cpuacct.usage"))

    def run(self, case: Case, seconds: float) -> tuple[float, float]:
        """What the server got of the host, 0…1, and how fast it was while it had work, 0…1."""
        groups = {f"{self.name}/server": case.server}
        groups |= {f"{self.name}/neighbour-{number}": each
                   for number, each in enumerate(case.neighbours)}
        children: list[int] = []
        try:
            for path, group in groups.items():
                self._make(path, group, group.quota and group.quota * self.cores)
                pace = mmap.mmap(-1, PACE.size)
                self.paces.setdefault(path, pace)
                children += [self._start(path, wanted * self.cores, group.burst, pace)
                             for wanted in group.wants]
            time.sleep(1)
            before, start = self.used(f"{self.name}/server"), time.monotonic()
            time.sleep(seconds)
            used = self.used(f"{self.name}/server") - before
            worked, took = PACE.unpack(self.paces.pop(f"{self.name}/server"))
            return used / (time.monotonic() - start) / self.cores, worked / took if took else 0
        finally:
            for child in children:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
            for path in groups:
                sandbox.remove_cgroups(path)

    def _start(self, path: str, cores: float, burst: float, pace: mmap.mmap) -> int:
        child = os.fork()
        if child:
            return child
        try:
            sandbox.die_with_parent()
            os.sched_setaffinity(0, {self.core})
            for top in self.tops:
                (top / path / "cgroup.procs").write_text("0")
            burn(cores if cores < self.cores else 1, burst, pace)
        finally:
            os._exit(1)

    def close(self) -> None:
        sandbox.remove_cgroups(self.name)


def burn(cores: float, burst: float, pace: mmap.mmap) -> None:
    """Uses so many cores in bursts, or all that there are. What was not to be had is caught up with,
    as by a job that has its work to do, but for what is older than a second."""
    while cores >= 1:
        pass
    period, due, worked, took = burst / cores, time.monotonic(), 0.0, 0.0
    while True:
        start, before = time.monotonic(), time.thread_time()
        while time.thread_time() < before + burst:
            pass
        worked, took = worked + time.thread_time() - before, took + time.monotonic() - start
        pace[:] = PACE.pack(worked, took)
        due = max(due + period, time.monotonic() - 1)
        time.sleep(max(0, due - time.monotonic()))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10, help="of each case (10)")
    parser.add_argument("--host", type=float, default=1, metavar="CORES",
                        help="quota of the host, at most 1 core (1: none)")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)),
                        help="the core to use (the last one)")
    chosen = parser.parse_args()
    if os.geteuid() != 0:
        parser.error("needs root, for the cgroups")
    if not 0.05 <= chosen.host <= 1 or chosen.seconds < 1:
        parser.error("a host of 0.05 to 1 core, for a second and more")
    sandbox.end_on_sigterm()
    sandbox.remove_remains()
    host = Host(f"{sandbox.PREFIX}{os.getpid()}", chosen.host, chosen.core)
    try:
        print(f"Linux {os.uname().release}, a host of {chosen.host:g} cores, {chosen.seconds:g} s "
              "each\n\n| server wants | neighbours want | server gets | the law says |\n|---|---|--"
              "-|---|", flush=True)
        for case in CASES:
            got, _ = host.run(case, chosen.seconds)
            print(f"| {case.server} | {case.others()} | {got:.2f} | {case.law():.2f} |", flush=True)
        print("\n| server works for | neighbours want | its speed meanwhile | the law says |\n"
              "|---|---|---|---|", flush=True)
        for case in SPORADIC:
            _, speed = host.run(case, chosen.seconds)
            law = replace(case, server=replace(case.server, wants=(1.0,))).law()
            shares = "" if case.server.shares == 1024 else f", {case.server.shares} shares"
            print(f"| {case.server.burst * 1000:.0f} ms, {sum(case.server.wants):.0%} of the time"
                  f"{shares} | {case.others()} | {speed:.2f} | {law:.2f} |", flush=True)
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    finally:
        host.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
