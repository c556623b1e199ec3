#!/usr/bin/python3
"""What a poll costs as the fleet grows, beside Debian's Prometheus; prints a markdown table.

cAdvisors that are faked (one process, each with an address of the loopback, replies rendered once),
a real HAProxy before two hundred of their containers, some requests. Then, if it is installed,
Prometheus scrapes the same fakes' lean /metrics at the same interval, keeping the CPU series alone.
Everything runs in namespaces of its own, which end with it: needs root. The program is $EVENKEEL,
which should be a release build; `packaging/measure --scale` sees to that.

Every figure is the median of several intervals, with the least and the most. CPU time is the
scheduler's count for the process.
"""

import argparse
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Acceptance"))

import haproxy
import sandbox
from daemon import Daemon, cpu_seconds, memory_of
from evenkeel import Evenkeel, binary
from fake_fleet import FakeContainer, FakeFleet, Host
from figures import Figure, Machine, table
from processes import Child
from runner import require, say, wait_until
from scene import Scene

SERVERS = 200
RATE = 600

BACKENDS = 10
LARGE = 1000
MANY_SERVERS = """\
global
  stats socket {socket} mode 600 level admin
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 30s
frontend front
  bind 127.0.0.1:8001
  default_backend large-0
"""

PROMETHEUS = """\
global: {{scrape_interval: {interval:g}s, scrape_timeout: {interval:g}s}}
scrape_configs:
- job_name: cadvisor
  static_configs: [{{targets: [{targets}]}}]
  metric_relabel_configs:
  - {{source_labels: [__name__], regex: container_cpu_.*, action: keep}}
"""


class Scale:
    """Fleets of several sizes, each of them measured over some intervals."""

    def __init__(self, folder: Path, program: str, options: argparse.Namespace) -> None:
        self.folder = folder
        self.program = program
        self.intervals: int = options.intervals
        self.interval: float = options.interval
        self.containers: int = options.containers
        self.figures: list[Figure] = []

    def add(self, what: str, unit: str, values: list[float], digits: int = 0,
            aim: str = "") -> None:
        figure = Figure(what, unit, values, digits, aim)
        say(f"  {figure}")
        self.figures.append(figure)

    def run(self, sizes: list[int], forms: list[bool], beside: bool) -> None:
        for size in sizes:
            for lean in forms:
                with ExitStack() as stack:
                    name = f"{size} cAdvisors of {self.containers} containers, " + (
                        "lean" if lean else "default flags")
                    say(name)
                    scene = Scene(self.folder / f"{size}-{lean}", self.program, size,
                                  self.containers, min(SERVERS, size * self.containers // 2), RATE,
                                  stack, lean)
                    self.evenkeel(name, scene)
                    if beside and lean == forms[0]:
                        self.prometheus(name, scene)

    def evenkeel(self, name: str, scene: Scene) -> None:
        hosts = len(scene.fleet.hosts)
        with scene.daemon(self.interval, level="debug") as daemon:
            learning = self._quick_minute(scene, daemon)
            scene.settle(self.interval)
            daemon.new_lines()
            ticks = daemon.ticks((self.intervals + 4) * self.interval)
            next(ticks)
            walls: list[float] = []
            size = scene.fleet.hosts[0].pages["/api/v2.1/stats"].size / 1e3

            def one() -> None:
                walls.append(1000 * next(ticks).seconds)
            cpu, memory = self._intervals(daemon.child.pid, one)
        self.add(f"{name} ({size:.0f} kB): CPU of a poll", "ms",
                 [1000 * each / hosts for each in cpu], 3, "0.25 ms" if scene.lean else "0.5 ms")
        self.add("… of a core", "%", [100 * each / self.interval for each in cpu], 1)
        self.add("… resident memory", "MB", memory, 0, "140 MB" if hosts == 1000 else "")
        self.add("… wall time of a tick", "ms", walls, 0, "600 ms" if hosts == 1000 else "")
        self.add("… CPU of its first minute, while it learns, over a usual one", "",
                 [learning / (sum(cpu) / len(cpu) * 60 / self.interval)], 1, "2")

    def _quick_minute(self, scene: Scene, daemon: Daemon) -> float:
        daemon.wait_line("ready", 60)
        used = daemon.cpu()
        time.sleep(60)
        return daemon.cpu() - used

    def _intervals(self, pid: int, wait: Callable[[], None]) -> tuple[list[float], list[float]]:
        cpu, memory, used = [], [], cpu_seconds(pid)
        for _ in range(self.intervals):
            wait()
            now = cpu_seconds(pid)
            cpu.append(now - used)
            used = now
            memory.append(memory_of(pid).resident)
        return cpu, memory

    def prometheus(self, name: str, scene: Scene) -> None:
        program = shutil.which("prometheus")
        if program is None:
            say("  no prometheus is installed: nothing to set beside it")
            return
        hosts = len(scene.fleet.hosts)
        folder = scene.folder / "prometheus"
        folder.mkdir()
        file = folder / "prometheus.yml"
        file.write_text(PROMETHEUS.format(
            interval=self.interval,
            targets=", ".join(f"'{each.address}:8080'" for each in scene.fleet.hosts)))
        child = Child("prometheus", [
            program, f"--config.file={file}", f"--storage.tsdb.path={folder}/data",
            "--web.listen-address=127.0.0.1:9099"], folder / "log")
        try:
            wait_until(lambda: all("/metrics" in each.pages for each in scene.fleet.hosts),
                       10 * self.interval, "Prometheus does not scrape")
            time.sleep(2 * self.interval)
            cpu, memory = self._intervals(child.pid, lambda: time.sleep(self.interval))
        finally:
            child.stop()
        size = scene.fleet.hosts[0].pages["/metrics"].size / 1e3
        self.add(f"… Prometheus beside it ({size:.0f} kB): CPU of a scrape", "ms",
                 [1000 * each / hosts for each in cpu], 3)
        self.add("… its resident memory", "MB", memory)


def many_servers(scale: Scale) -> None:
    """Ten backends of a thousand servers behind one HAProxy: a tick, and all weights written."""
    say(f"{BACKENDS} backends of {LARGE} servers")
    folder = scale.folder / "servers"
    folder.mkdir()
    socket, file = folder / "haproxy.sock", folder / "haproxy.cfg"
    names = [f"large-{number}" for number in range(BACKENDS)]
    file.write_text(MANY_SERVERS.format(socket=socket) + "".join(
        f"backend {name}\n  balance roundrobin\n" + "".join(
            f"  server {name}-{server} 127.0.0.1:9 weight 100\n" for server in range(LARGE))
        for name in names))
    balancer = Child("haproxy", ["haproxy", "-db", "-f", str(file)], folder / "haproxy.log")
    fleet = FakeFleet([Host("127.3.0.1", [
        FakeContainer(f"large-0-{number}", None, lambda: 0) for number in range(50)])])
    evenkeel = Evenkeel(scale.program, folder, "servers", {
        "interval": f"{scale.interval / 2:g}s", "cadvisors": fleet.urls,
        "balancers": [{"name": "lb1", "address": f"unix:{socket}"}],
        "backends": [{"name": name, "pattern": f"{name}-.*"} for name in names]})
    wait_until(socket.exists, 180, lambda: f"HAProxy did not start: {balancer.tail()}")
    daemon = Daemon(evenkeel)
    try:
        daemon.wait_line("ready", 60)
        ticks = daemon.ticks((scale.intervals + 4) * scale.interval)
        next(ticks)
        found = [next(ticks) for _ in range(scale.intervals)]
        large = f"{BACKENDS} backends of {LARGE} servers behind one HAProxy"
        scale.add(f"{large}: wall time of a tick", "ms", [1000 * each.seconds for each in found])
        scale.add("… its CPU time", "ms", [1000 * each.cpu_seconds for each in found])
        walls, used = [], []
        for round_ in range(scale.intervals):
            for name in names:
                for first in range(0, LARGE, 100):  # as much as a buffer of HAProxy's takes
                    haproxy.ask(socket, ";".join(
                        f"set server {name}/{name}-{server} weight {50 + round_}"
                        for server in range(first, first + 100)), 30)
            before, start = daemon.cpu(), time.monotonic()
            done = subprocess.run(
                [scale.program, "restore", "--runtime-dir", str(evenkeel.state), "--for", "1m"],
                text=True, capture_output=True, timeout=30)
            walls.append(1000 * (time.monotonic() - start))
            used.append(1000 * (daemon.cpu() - before))
            if done.returncode != 0:
                say(f"  `evenkeel restore` failed and is left out: {done.stdout}{done.stderr}")
                walls.pop(), used.pop()
                continue
            left = [row["srv_uweight"] for name in names
                    for row in haproxy.server_states(socket, name).values()]
            require(left.count("100") == BACKENDS * LARGE, f"{done.stdout}: {left[:10]}")
    finally:
        daemon.close()
        fleet.close()
        balancer.stop()
    scale.add("… `evenkeel restore`, a look and all weights written: wall time", "ms", walls,
              aim="150 ms")
    scale.add("… CPU time of the daemon for it", "ms", used)


def measure(arguments: argparse.Namespace) -> int:
    """The sealed side."""
    folder, _ = sandbox.enter()
    # The fakes' own sockets: each is listened at, and connected to by two.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    program = binary()
    machine = Machine(program)
    scale = Scale(folder, program, arguments)
    forms = {"default": [False], "lean": [True], "both": [False, True]}[arguments.flags]
    if arguments.servers:
        many_servers(scale)
    else:
        scale.run(arguments.sizes, forms, not arguments.alone)
    print(machine.description(), "", table(scale.figures), sep="\n", flush=True)
    return 0


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=[100, 400, 1000],
                        help="how many cAdvisors; 100, 400 and 1000 where none is named")
    parser.add_argument("--containers", type=int, default=50, help="on each of them")
    parser.add_argument("--flags", choices=["default", "lean", "both"], default="both",
                        help="of cAdvisor: what it tells")
    parser.add_argument("--intervals", type=int, default=6, help="that are measured of each")
    parser.add_argument("--interval", type=float, default=10, help="seconds from tick to tick (10)")
    parser.add_argument("--alone", action="store_true", help="without Prometheus beside it")
    parser.add_argument("--servers", action="store_true",
                        help="instead: ten backends of a thousand servers")
    parser.add_argument("--sealed", action="store_true", help=argparse.SUPPRESS)
    return parser


def main() -> int:
    arguments = options().parse_args()
    if arguments.sealed:
        return measure(arguments)
    binary()
    command = [sys.executable, "-B", "-u", __file__, "--sealed", *sys.argv[1:]]

    def relay(lines, status) -> None:
        for line in lines:
            print(line, end="", flush=True)
        status()
    return sandbox.Sandbox().run(command, relay)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        say("interrupted")
        sys.exit(130)
