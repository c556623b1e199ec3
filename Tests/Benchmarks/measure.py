#!/usr/bin/python3
"""Measures what evenkeel costs and how quickly it reacts; prints a markdown table.

A real HAProxy, cAdvisors that are faked (one process, up to a hundred addresses of the loopback),
some requests. Everything runs in namespaces of its own, which end with it: needs root. The program
is $EVENKEEL, which should be a release build; `packaging/measure` sees to that.

Every figure is the median of several repetitions, with the least and the most. CPU time is the
scheduler's count for the process; the wall time of a tick is what the daemon logs at debug level.
About fifteen minutes; on a machine that is busy otherwise the figures are too high.
"""

import argparse
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Acceptance"))

import sandbox
from daemon import Daemon
from evenkeel import binary
from figures import Figure, Machine, table
from runner import require, say, wait_until
from scene import Scene

INTERVAL = 10.0
BUSY_INTERVAL = 5.0
LATE = 0.5
PARTS = ["idle", "ticks", "reload", "stop"]
TICKED = " took "


class Measuring:
    """All measurements; `quick` takes few repetitions."""

    def __init__(self, folder: Path, program: str, quick: bool) -> None:
        self.folder = folder
        self.program = program
        self.quick = quick
        self.figures: list[Figure] = []
        self.reloads = 0

    def some(self, many: int) -> int:
        return max(2, many // 5) if self.quick else many

    def add(self, what: str, unit: str, values: list[float], digits: int = 0,
            aim: str = "") -> None:
        figure = Figure(what, unit, values, digits, aim)
        say(f"  {figure}")
        self.figures.append(figure)

    def run(self, parts: list[str]) -> bool:
        """Measures these parts; one that fails is told on standard error, and the others go on."""
        good = True
        if "idle" in parts:
            with ExitStack() as stack:
                small = Scene(self.folder / "small", self.program, 1, 6, 6, 60, stack)
                good = self._part("idle", self.idle, small)
        measurements = {"ticks": self.large_fleet, "reload": self.hangup, "stop": self.termination}
        if any(part in parts for part in measurements):
            with ExitStack() as stack:
                large = Scene(self.folder / "large", self.program, 100, 50, 200, 600, stack)
                for part in measurements:
                    if part in parts:
                        good = self._part(part, measurements[part], large) and good
        return good

    @staticmethod
    def _part(name: str, measure: Callable[[Scene], None], scene: Scene) -> bool:
        say(name)
        try:
            measure(scene)
        except Exception:
            say(f"{name} was not measured to its end:\n{traceback.format_exc()}")
            return False
        return True

    def idle(self, scene: Scene) -> None:
        """A small installation at its default settings, weights settled."""
        seconds, memory, cpu = 20.0 if self.quick else 60.0, [], []
        with scene.daemon(INTERVAL, level="info") as daemon:
            scene.settle(INTERVAL)
            for _ in range(self.some(3)):
                used, start = daemon.cpu(), time.monotonic()
                time.sleep(seconds)
                cpu.append(100 * (daemon.cpu() - used) / (time.monotonic() - start))
                memory.append(daemon.memory())
        small = "1 cAdvisor with 6 containers, 6 servers, every 10 s"
        self.add(f"{small}: CPU, over {seconds:g} s", "% of a core", cpu, 3)
        self.add(f"{small}: resident memory", "MB", [each.resident for each in memory], 1)
        self.add("… of it its own (anonymous)", "MB", [each.anonymous for each in memory], 1)
        self.add("… of it the program's file, shared", "MB", [each.file for each in memory], 1)

    def large_fleet(self, scene: Scene) -> None:
        """Ticks over a hundred cAdvisors: as usual, after a reload, one that hangs, a late one."""
        with scene.daemon(BUSY_INTERVAL) as daemon:
            scene.settle(BUSY_INTERVAL)
            daemon.new_lines()
            self._usual_ticks(scene, daemon)
            self._ticks_after_reloads(scene, daemon)
            memory = daemon.memory()
            self._ticks_with_a_hung_host(scene, daemon)
            self._ticks_with_a_late_host(scene, daemon)
        self.add("… resident memory there", "MB", [memory.resident], 1)
        self.add("… at its highest", "MB", [memory.peak], 1)

    def _usual_ticks(self, scene: Scene, daemon: Daemon) -> None:
        usual, fakes, answered, size = [], [], [], []
        ticks = daemon.ticks(4 * BUSY_INTERVAL)
        next(ticks)
        scene.fleet.forget()
        own = time.process_time()
        for tick in islice(ticks, self.some(20)):
            used = time.process_time() - own
            if any(host.polls != 1 for host in scene.fleet.hosts):
                say(f"  tick {tick.number} overlaps another and is left out")
            else:
                usual.append(tick)
                answered.append(1000 * scene.fleet.span())
                size.append(scene.fleet.sent() / 1e6)
                fakes.append(1000 * used)
            scene.fleet.forget()
            own = time.process_time()
        large = "A tick over 100 cAdvisors of 50 containers, 200 servers"
        self.add(f"{large}: wall time", "ms", [1000 * each.seconds for each in usual])
        self.add("… until the last cAdvisor had answered, as the fakes saw it", "ms", answered)
        self.add("… CPU time", "ms", [1000 * each.cpu_seconds for each in usual])
        self.add("… weights written", "", [each.weights_written for each in usual])
        self.add("… JSON read", "MB", size, 1)
        self.add("… CPU time of the fakes and the requests, beside it", "ms", fakes)

    def _ticks_after_reloads(self, scene: Scene, daemon: Daemon) -> None:
        found = []
        ticks = daemon.ticks(4 * BUSY_INTERVAL)
        for _ in range(self.some(5)):
            next(ticks)
            scene.balancer.reload()
            found.append(max(islice(ticks, 3), key=lambda each: each.weights_written))
        self.add("The same when HAProxy has been reloaded: weights written", "",
                 [each.weights_written for each in found])
        self.add("… wall time", "ms", [1000 * each.seconds for each in found])
        self.add("… CPU time", "ms", [1000 * each.cpu_seconds for each in found])

    def _ticks_with_a_hung_host(self, scene: Scene, daemon: Daemon) -> None:
        deadline = min(BUSY_INTERVAL / 2, 5)
        ticks = daemon.ticks(4 * BUSY_INTERVAL)
        next(ticks)
        scene.fleet.hosts[50].hangs = True
        walls = [1000 * (each.seconds - deadline) for each in islice(ticks, self.some(10))]
        scene.fleet.hosts[50].hangs = False
        next(ticks)
        self.add(f"The same with one cAdvisor that hangs: wall time beyond its deadline of "
                 f"{deadline:g} s", "ms", walls, aim="100 ms")

    def _ticks_with_a_late_host(self, scene: Scene, daemon: Daemon) -> None:
        host, beyond, walls = scene.fleet.hosts[50], [], []
        ticks = daemon.ticks(4 * BUSY_INTERVAL)
        next(ticks)
        host.delay = LATE
        scene.fleet.forget()
        for tick in islice(ticks, self.some(12)):
            if host.spec_polls == 0:
                walls.append(1000 * tick.seconds)
            beyond.append(1000 * (tick.seconds - host.span))
            scene.fleet.forget()
        host.delay = 0
        self.add("The same with one cAdvisor that takes 500 ms for an answer: wall time", "ms",
                 walls)
        self.add("… beyond that cAdvisor's own time, first request to last answer", "ms", beyond,
                 aim="100 ms")

    def hangup(self, scene: Scene) -> None:
        """SIGHUP between ticks, and in one that a cAdvisor holds up."""
        between, held_up = [], []
        with scene.daemon(INTERVAL) as daemon:
            scene.settle(INTERVAL)
            while len(between) < self.some(20):
                daemon.wait_line(TICKED, 3 * INTERVAL)
                for _ in range(3):
                    time.sleep(1)
                    took, in_tick = self._reload(scene, daemon)
                    if not in_tick:
                        between.append(1000 * took)
            for _ in range(self.some(5)):
                daemon.wait_line(TICKED, 3 * INTERVAL)
                scene.fleet.hosts[50].hangs = True
                wait_until(lambda: scene.fleet.hosts[50].waiting > 0, 3 * INTERVAL,
                           "no tick came", every=0.005)
                held_up.append(1000 * self._reload(scene, daemon)[0])
                scene.fleet.hosts[50].hangs = False
        self.add("SIGHUP between two ticks to the new configuration in force (100 cAdvisors, "
                 "every 10 s)", "ms", between)
        self.add("… sent as a tick begins that a hung cAdvisor holds up for 5 s", "ms", held_up)

    def _reload(self, scene: Scene, daemon: Daemon) -> tuple[float, bool]:
        """Seconds from the signal to the line that tells the new interval; whether in a tick."""
        self.reloads += 1
        interval = INTERVAL - self.reloads % 2
        scene.evenkeel(interval)
        daemon.new_lines()
        start = time.monotonic()
        daemon.hang_up()
        lines = daemon.wait_line("configuration reloaded", 2 * INTERVAL)
        took = time.monotonic() - start
        require(f"every {interval:g}s" in lines[-1], f"not the new configuration: {lines[-1]}")
        return took, any(TICKED in line for line in lines)

    def termination(self, scene: Scene) -> None:
        """SIGTERM in the middle of a tick in which nobody answers."""
        for choice, told in (("keep", "weights kept"), ("restore", "weights to be put back")):
            took = []
            for _ in range(self.some(15)):
                with scene.daemon(INTERVAL, on_stop=choice) as daemon:
                    daemon.wait_line("ready", 30, every=0.01)
                    scene.fleet.hang(True)
                    scene.balancer.freeze()
                    try:
                        wait_until(lambda: scene.fleet.waiting() == len(scene.fleet.hosts), 30,
                                   "no tick came", every=0.01)
                        time.sleep(0.3)
                        took.append(1000 * daemon.end())
                    finally:
                        scene.balancer.thaw()
                        scene.fleet.hang(False)
            self.add(f"SIGTERM to exit, all 100 cAdvisors and HAProxy hanging, {told}", "ms", took,
                     aim="1 s")


def measure(quick: bool, only: str | None) -> int:
    """The sealed side."""
    folder, _ = sandbox.enter()
    program = binary()
    machine = Machine(program)
    measuring = Measuring(folder, program, quick)
    good = measuring.run(PARTS if only is None else [only])
    print(machine.description(), "", table(measuring.figures), sep="\n", flush=True)
    return 0 if good else 1


def main() -> int:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true",
                           help="a fifth of the repetitions, in about five minutes: does it work?")
    arguments.add_argument("--only", choices=PARTS, help="one part only")
    arguments.add_argument("--sealed", action="store_true", help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.sealed:
        return measure(chosen.quick, chosen.only)
    binary()
    command = [sys.executable, "-B", "-u", __file__, "--sealed"]
    command += ["--quick"] * chosen.quick + (["--only", chosen.only] if chosen.only else [])
    return sandbox.Sandbox().run(command, relay)


def relay(lines: Iterator[str], status: Callable[[], int]) -> None:
    """What the sealed side prints is the result."""
    for line in lines:
        print(line, end="", flush=True)
    status()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        say("interrupted")
        sys.exit(130)
