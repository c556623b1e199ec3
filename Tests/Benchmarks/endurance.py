#!/usr/bin/python3
"""Reloads evenkeel a thousand times while its peers flap; its memory and descriptors must stay flat.

A real HAProxy, which is reloaded and stopped in its tracks meanwhile; cAdvisors that hang, answer
late, or hang up; ticks at the shortest interval. Everything runs in namespaces of its own, which end
with it: needs root. The program is $EVENKEEL; `packaging/endurance` sees to that. Prints a markdown
table; the exit status is 1 when something grew.
"""

import argparse
import random
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Acceptance"))

import sandbox
from daemon import TICK, Daemon
from evenkeel import binary
from figures import Machine
from measure import relay
from runner import require, say
from scene import Scene

INTERVAL = 1.0
# Reloads until every part of the program has run, and the allocator has what it wants.
WARM_UP = 100
# What half of the reloads may add: less than a hundredth of what a leaked configuration, a
# connection pool or a buffer for each would.
MOST_MB = 4.0
MOST_DESCRIPTORS = 4


@dataclass
class Look:
    """The daemon in a quiet moment."""
    reloads: int
    ticks: int
    resident: float
    anonymous: float
    descriptors: int

    def __str__(self) -> str:
        return (f"| {self.reloads} | {self.ticks} | {self.resident:.1f} MB "
                f"| {self.anonymous:.1f} MB | {self.descriptors} |")


class Endurance:
    """The daemon and its flapping peers."""

    def __init__(self, scene: Scene, daemon: Daemon, seed: int) -> None:
        self.scene = scene
        self.daemon = daemon
        self.random = random.Random(seed)
        self.reloads = self.ticks = 0

    def wait(self, text: str) -> None:
        for line in self.daemon.wait_line(text, 30, every=0.005):
            if tick := TICK.search(line):
                self.ticks = int(tick[1])

    def look(self) -> Look:
        """Once all peers have been well for some ticks."""
        for host in self.scene.fleet.hosts:
            host.hangs, host.drops, host.delay = False, False, 0.0
        for _ in range(4):
            self.wait(" took ")
        memory = self.daemon.memory()
        descriptors = len(list(Path(f"/proc/{self.daemon.child.pid}/fd").iterdir()))
        look = Look(self.reloads, self.ticks, memory.resident, memory.anonymous, descriptors)
        say(f"  {look}")
        return look

    def flap(self) -> None:
        """Another mood for one cAdvisor, or for HAProxy."""
        host = self.random.choice(self.scene.fleet.hosts)
        host.hangs, host.drops = self.random.choice(
            [(False, False), (False, False), (True, False), (False, True)])
        host.delay = self.random.choice([0.0, 0.0, 0.2])
        if self.reloads % 50 == 0:
            self.scene.balancer.reload()
        elif self.reloads % 20 == 0:
            self.scene.balancer.freeze()
            time.sleep(0.5)
            self.scene.balancer.thaw()

    def reload(self, times: int) -> Look:
        for _ in range(times):
            self.reloads += 1
            if self.reloads % 5 == 0:
                self.flap()
            self.daemon.hang_up()
            self.wait("configuration reloaded")
            time.sleep(0.05)
        return self.look()


def endure(reloads: int, seed: int) -> int:
    """The sealed side."""
    folder, _ = sandbox.enter()
    program = binary()
    machine = Machine(program)
    half = (reloads - WARM_UP) // 2
    with ExitStack() as stack:
        scene = Scene(folder / "endurance", program, 3, 8, 12, 60, stack)
        with scene.daemon(INTERVAL) as daemon:
            endurance = Endurance(scene, daemon, seed)
            endurance.wait("ready")
            looks = [endurance.reload(times) for times in (WARM_UP, half, reloads - WARM_UP - half)]
            daemon.end()
    print(machine.description(), f"Seed {seed}, interval {INTERVAL:g} s.", "",
          "| reloads | ticks | resident | anonymous | descriptors |", "|---|---|---|---|---|",
          *looks, sep="\n", flush=True)
    _, middle, end = looks
    require(end.resident - middle.resident <= MOST_MB,
            f"memory grew from {middle.resident:.1f} to {end.resident:.1f} MB")
    require(all(abs(look.descriptors - end.descriptors) <= MOST_DESCRIPTORS for look in looks),
            f"descriptors: {[look.descriptors for look in looks]}")
    return 0


def main() -> int:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--reloads", type=int, default=1000, help="how many, at least 200")
    arguments.add_argument("--seed", type=int, default=1, help="chooses who flaps, and how")
    arguments.add_argument("--sealed", action="store_true", help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.reloads < 2 * WARM_UP:
        arguments.error(f"--reloads must be at least {2 * WARM_UP}")
    if chosen.sealed:
        return endure(chosen.reloads, chosen.seed)
    binary()
    return sandbox.Sandbox().run(
        [sys.executable, "-B", "-u", __file__, "--sealed", "--reloads", str(chosen.reloads),
         "--seed", str(chosen.seed)], relay)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        say("interrupted")
        sys.exit(130)
