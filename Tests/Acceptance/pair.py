#!/usr/bin/python3
"""Two machines with keepalived, HAProxy and evenkeel, just as packaging/doc/operation.md has them.

The machines are network namespaces on a bridge; keepalived, HAProxys, load and daemons are real, and the
configurations are the document's own lines. The servers and their cAdvisors are scripts.
"""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import haproxy
import sandbox
from evenkeel import REPOSITORY, binary
from fake_cadvisor import FakeCAdvisor, FakeServer
from load import Load
from processes import Child
from runner import Report, Suite, require, say, wait_until

REPLIES = REPOSITORY / "Tests/CAdvisorTests/Replies/0.38.7"
DOCUMENT = REPOSITORY / "packaging/doc/operation.md"
ADDRESS = "192.168.1.100"
MACHINES = {"lb1": "192.168.1.11", "lb2": "192.168.1.12"}
HOSTS = {"web1": "192.168.1.31", "web2": "192.168.1.32"}
COSTS = (0.004, 0.006, 0.003, 0.004)
QUOTAS = (0.1, 0.2, 0.4, 0.3)
DEMAND = 80
INTERVAL = 10
BALANCER = """\
global
  stats socket /run/haproxy/admin.sock mode 600 level admin
defaults
  mode http
  timeout connect 1s
  timeout client 30s
  timeout server 30s
frontend front
  bind :80
  default_backend shop
backend shop
{servers}
"""


def run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def told() -> tuple[str, str]:
    """keepalived's configuration and evenkeel's, from the document."""
    section = DOCUMENT.read_text().partition("### A pair with keepalived")[2]
    blocks = re.findall(r"```\w*\n(.*?)```", section, re.DOTALL)
    require(len(blocks) >= 2, "the document has lost its configurations")
    return blocks[0], blocks[1]


class Machine:
    """A network namespace, with files of its own in /run/haproxy, /etc/evenkeel and the like."""

    def __init__(self, name: str, folder: Path, program: str, servers: str) -> None:
        self.name, self.program = name, program
        self.root = folder / name
        self.private = {"/run/haproxy": self.root / "haproxy", "/etc/evenkeel": self.root / "evenkeel",
                        "/etc/keepalived": self.root / "keepalived", "/run/state": self.root / "state"}
        for each in self.private.values():
            each.mkdir(parents=True, exist_ok=True)
        keepalived, evenkeel = told()
        (self.root / "keepalived/keepalived.conf").write_text(keepalived)
        (self.root / "evenkeel/config.json").write_text(evenkeel)
        (self.root / "evenkeel/token").write_text("4f1c2a9e0b7d4c6f8e5a3b2d")
        (self.root / "haproxy.cfg").write_text(BALANCER.format(servers=servers))
        run("ip", "netns", "add", name)
        run("ip", "link", "add", f"to-{name}", "type", "veth", "peer", "name", "eth0", "netns", name)
        run("ip", "link", "set", f"to-{name}", "master", "bridge", "up")
        for command in (["addr", "add", f"{MACHINES[name]}/24", "dev", "eth0"],
                        ["link", "set", "eth0", "up"], ["link", "set", "lo", "up"]):
            run("ip", "-n", name, *command)
        self.children: dict[str, Child] = {}

    def start(self, kind: str) -> Child:
        command = {
            "haproxy": f"haproxy -db -f {self.root}/haproxy.cfg",
            "evenkeel": f"{self.program} run",
            "keepalived": "keepalived --dont-fork --log-console --vrrp "
                          f"--pid={self.root}/k.pid --vrrp_pid={self.root}/v.pid",
        }[kind]
        mounts = " && ".join(f"mkdir -p {at} && mount --bind {folder} {at}"
                             for at, folder in self.private.items())
        child = Child(
            kind, ["ip", "netns", "exec", self.name, "sh", "-c",
                   f"{mounts} && STATE_DIRECTORY=/run/state RUNTIME_DIRECTORY=/run/state "
                   f"exec {command}"], self.root / f"{kind}.log")
        self.children[kind] = child
        return child

    def begin(self, kinds: tuple[str, ...] = ("haproxy", "evenkeel", "keepalived")) -> None:
        for kind in kinds:
            self.start(kind)
            if kind == "haproxy":
                wait_until((self.root / "haproxy/admin.sock").exists, 10,
                           self.children[kind].tail)

    def lose_power(self) -> None:
        """All at once, and nobody says good-bye."""
        run("ip", "link", "set", f"to-{self.name}", "down")
        for child in self.children.values():
            child.signal(signal.SIGKILL)

    def has_address(self) -> bool:
        shown = subprocess.run(["ip", "-n", self.name, "-br", "addr"], text=True,
                               capture_output=True)
        return f"{ADDRESS}/" in shown.stdout

    def weights(self) -> dict[str, int]:
        return haproxy.weights(self.root / "haproxy/admin.sock", "shop")

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        mounts = " && ".join(f"mount --bind {folder} {at}" for at, folder in self.private.items())
        return subprocess.run(
            ["ip", "netns", "exec", self.name, "sh", "-c",
             f"{mounts} && exec {self.program} {' '.join(arguments)}"], text=True,
            capture_output=True, timeout=60)

    def end(self) -> None:
        for child in self.children.values():
            child.stop(within=5)


class World:
    def __init__(self, folder: Path, program: str) -> None:
        self.folder, self.program = folder, program
        # Names of namespaces are files, and none is to be left behind.
        Path("/run/netns").mkdir(exist_ok=True)
        run("mount", "-t", "tmpfs", "netns", "/run/netns")
        names = folder / "hosts"
        names.write_text("127.0.0.1 localhost\n" + "".join(
            f"{address} {name}\n" for name, address in (MACHINES | HOSTS).items()))
        run("mount", "--bind", str(names), "/etc/hosts")
        run("ip", "link", "add", "bridge", "type", "bridge")
        run("ip", "link", "set", "bridge", "up")
        for address in ("192.168.1.1", *HOSTS.values()):
            run("ip", "addr", "add", f"{address}/24", "dev", "bridge")
        web = list(HOSTS.values())
        self.servers = [FakeServer(f"shop-{number}", 9000 + number, quota, cost, web[number % 2])
                        for number, (quota, cost) in enumerate(zip(QUOTAS, COSTS))]
        self.hosts = [FakeCAdvisor(8080, self.servers[place::2], REPLIES, cores=8, host=address)
                      for place, address in enumerate(web)]
        lines = "\n".join(f"  server {each.name} {web[place % 2]}:{each.port} weight 100"
                          for place, each in enumerate(self.servers))
        self.machines = [Machine(name, folder, program, lines) for name in MACHINES]
        self.load: Load | None = None

    def spread(self, machine: Machine) -> float:
        weights = machine.weights()
        loads = [weights[each.name] * each.cost / each.quota for each in self.servers]
        return max(loads) * len(loads) / sum(loads)

    def used_spread(self, seconds: float) -> float:
        before, began = [each.cpu_ns() for each in self.servers], time.monotonic()
        time.sleep(seconds)
        loads = [(each.cpu_ns() - count) / (time.monotonic() - began) / each.quota
                 for each, count in zip(self.servers, before)]
        return max(loads) * len(loads) / sum(loads)

    def tails(self) -> str:
        return "\n".join(f"{machine.name}: {child.tail(8)}" for machine in self.machines
                         for child in machine.children.values())

    def report_failure(self) -> None:
        say(f"--- {self.tails()}\n---")

    def end(self) -> None:
        if self.load is not None:
            self.load.stop()
        for machine in self.machines:
            machine.end()


suite = Suite()


@suite.test
def the_documents_pair_is_level_at_once_when_the_master_loses_its_power(world: World) -> str:
    first, second = world.machines
    first.begin()
    wait_until(first.has_address, 20, world.tails)
    second.begin()
    world.load = Load(80, DEMAND, timeout=10, host=ADDRESS)
    wait_until(lambda: world.spread(first) <= 1.1 and world.spread(second) <= 1.1, 12 * INTERVAL,
               lambda: f"{[each.weights() for each in world.machines]}; {world.tails()}")
    checked = second.command("check")
    require(checked.returncode == 0, checked.stdout + checked.stderr)
    require(not second.has_address(), "both have the address")
    time.sleep(2 * INTERVAL)
    steady, before = world.load.since(time.monotonic() - 2 * INTERVAL), second.weights()
    first.lose_power()
    lost = time.monotonic()
    took = wait_until(second.has_address, 15, world.tails, every=0.1)
    # Clients that had connections to the dead machine are not evenkeel's to save.
    time.sleep(2)
    spread = world.used_spread(INTERVAL)
    time.sleep(2 * INTERVAL)
    later = world.used_spread(INTERVAL)
    minute = world.load.since(lost + took + 2)
    after = second.weights()
    world.end()
    require(spread <= 1.2, f"spread {spread:.2f} in the first interval with {before}, then {after}")
    require(later <= 1.2, f"spread {later:.2f} later with {after}")
    slow = max(1.2 * steady.percentile(0.99), steady.percentile(0.99) + 20)
    require(minute.percentile(0.99) <= slow, f"before: {steady}; after: {minute}")
    return (f"address over after {took:.1f} s, spread {spread:.2f} in the first interval, {later:.2f} "
            f"later; before: {steady}; after: {minute}")


def run_pair(report: Report, only: str | None) -> None:
    """Runs the tests whose name contains `only`, sealed off."""
    if not suite.chosen(only):
        return
    if shutil.which("keepalived") is None:
        sys.exit("the pair needs keepalived: packaging/install-packages keepalived iproute2")
    sandbox.Sandbox().run(
        [sys.executable, "-B", "-u", __file__, *([only] if only else [])],
        lambda lines, status: report.follow("the pair", lines, status))


def main() -> int:
    only = sys.argv[1] if len(sys.argv) > 1 else None
    folder, _ = sandbox.enter()
    world = World(folder, binary())
    return 0 if suite.run(suite.chosen(only), world, on_failure=world.report_failure) else 1


if __name__ == "__main__":
    sys.exit(main())
