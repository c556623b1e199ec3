#!/usr/bin/python3
"""One suite for the Runtime API against every HAProxy that Debian's archive has.

Started by `run.py --versions`, in namespaces of its own. Each HAProxy runs in the folder that
`packaging/get-haproxy` has unpacked it to, as its users have it; evenkeel, a small load and a fake
cAdvisor are around it.
"""

import functools
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True

import haproxy
import sandbox
from evenkeel import REPOSITORY, Evenkeel, binary
from fake_cadvisor import FakeCAdvisor, FakeServer
from fake_dns import FakeDNS
from load import Load
from processes import Child
from runner import Report, Suite, require, say, wait_until

HAPROXYS = Path(os.environ.get("HAPROXYS", "/var/cache/evenkeel/haproxy"))
GET = REPOSITORY / "packaging/get-haproxy"
REPLIES = REPOSITORY / "Tests/CAdvisorTests/Replies/0.38.7"
SUITES = ("bullseye", "bookworm", "trixie", "sid")
PORT = 8000
# Cores, and CPU seconds a request, by server, the same in every backend: neither equal weights are
# level nor those that the quotas alone say.
QUOTAS = (0.05, 0.1, 0.2)
COSTS = (0.008, 0.004, 0.008)
RATE = 160
LEVEL = 1.15
# Backends by how they choose: what weights level, and what takes none.
LEVELLED = {"shop": "roundrobin", "dice": "random", "ring": "hdr(x-key)\n  hash-type consistent"}
RETRIES = "roundrobin\n  retries 3\n  option redispatch 1\n  retry-on conn-failure empty-response 503"
OTHERS = {"again": RETRIES, "few": "leastconn", "mapped": "hdr(x-key)", "fixed": "static-rr",
          "named": "roundrobin"}
SERVICE = "_http._tcp.shop.test"
BACKENDS = {**LEVELLED, **OTHERS}
STATUS = "127.0.0.1:9797"

CONFIGURATION = """\
global
{settings}
  stats socket /run/admin.sock mode 600 level admin
  stats socket /run/number.sock mode 600 level admin severity-output number
  stats socket /run/string.sock mode 600 level operator severity-output string
resolvers dns
  nameserver registry 127.0.0.1:8053
  timeout resolve 500ms
  hold valid 500ms
defaults
  mode http
  timeout connect 1s
  timeout client 30s
  timeout server 30s
frontend front
  bind 127.0.0.1:{port}
  http-request set-header x-key %[rand(100000)]
  http-request set-var(txn.turn) rand({count})
{rules}
{backends}
backend off
  disabled
  server off-1 127.0.0.1:1
"""


class Version:
    """One HAProxy with its libraries, and a folder that both sides of its root see."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.root = HAPROXYS / name
        said = (self.root / "haproxy-version").read_text().splitlines()[0]
        self.number = re.search(r"version (\d+\.\d+\.\d+)", said)[1]
        self.folder = folder / name
        self.folder.mkdir()
        subprocess.run(["mount", "--bind", str(self.folder), str(self.root / "run")], check=True)

    def __str__(self) -> str:
        return f"HAProxy {self.number} ({self.name})"

    def has(self, *least: int) -> bool:
        return tuple(int(part) for part in self.number.split(".")) >= least


def present() -> list[str]:
    """The releases whose HAProxy is there."""
    return [name for name in SUITES if (HAPROXYS / name / "haproxy-version").exists()]


class World:
    """A version with all that is around it; the next version's takes its place."""

    def __init__(self, folder: Path, program: str) -> None:
        self.folder = folder
        self.program = program
        ports = itertools.count(9001)
        self.servers = [FakeServer(f"{backend}-{number}", next(ports), quota, cost)
                        for backend in BACKENDS
                        for number, (quota, cost) in enumerate(zip(QUOTAS, COSTS), 1)]
        # Comes when it is added at run time.
        self.late = FakeServer("shop-4", next(ports), 0.1, 0.008)
        self.cadvisor = FakeCAdvisor(8080, [*self.servers, self.late], REPLIES, cores=64)
        self.registry = FakeDNS(
            8053, SERVICE, [each.port for each in self.servers if each.name.startswith("named-")],
            weight=200)
        self.load = Load(PORT, RATE)
        self.version: Version | None = None
        self.process: Child | None = None
        self.daemon: Child | None = None
        self.evenkeel: Evenkeel | None = None

    @property
    def socket(self) -> Path:
        return self.version.folder / "admin.sock"

    def enter(self, version: Version) -> None:
        """This version alone, running with equal weights, and no daemon."""
        if self.version is version:
            return
        self.leave()
        self.version = version
        self.start()

    def leave(self) -> None:
        for child in (self.daemon, self.process):
            if child is not None:
                child.stop(within=2)
        self.daemon = self.process = self.version = None

    def configure(self) -> None:
        names = list(BACKENDS)
        rules = "\n".join(f"  use_backend {name} if {{ var(txn.turn) -m int {turn} }}"
                          for turn, name in enumerate(names))
        backends = "\n".join(f"backend {name}\n  balance {BACKENDS[name]}\n{self.section(name)}"
                             for name in names)
        (self.version.folder / "haproxy.cfg").write_text(CONFIGURATION.format(
            settings="  stats-file /run/statistics" if self.keeps_statistics() else "",
            port=PORT, count=len(names), rules=rules, backends=backends))

    def section(self, backend: str) -> str:
        """A backend's servers; those that a name server fills are slots."""
        if backend == "named":
            return (f"  server-template named- {len(QUOTAS)} {SERVICE} resolvers dns "
                    "init-addr none weight 100")
        guid = self.keeps_statistics()
        return "\n".join(
            f"  server {each.name} 127.0.0.1:{each.port} weight 100"
            + (f" guid {each.name}" if guid else "")
            for each in self.servers if each.name.startswith(f"{backend}-"))

    def keeps_statistics(self) -> bool:
        """A new process of this version may go on with the counters of the old one."""
        return self.version.has(3, 0)

    def start(self, *options: str) -> None:
        """Another HAProxy process; returns when it answers on the socket."""
        self.configure()
        before = self.process_id()
        self.process = Child(
            "haproxy", ["chroot", str(self.version.root), "/usr/sbin/haproxy", "-db", "-f",
                        "/run/haproxy.cfg", *options], self.version.folder / "haproxy.log")
        wait_until(lambda: self.process_id() not in (None, before), 10,
                   lambda: f"no HAProxy: {self.process.tail()}", every=0.05)

    def process_id(self) -> int | None:
        try:
            return haproxy.process_id(self.socket)
        except (OSError, StopIteration):
            return None

    def configured(self, name: str, socket: str = "admin.sock", backends: list[str] | None = None,
                   ) -> Evenkeel:
        return Evenkeel(self.program, self.version.folder, name, {
            "interval": "1s", "cadvisors": ["http://127.0.0.1:8080"], "status": {"listen": STATUS},
            "balancers": [{"name": "lb1", "address": f"unix:{self.version.folder / socket}"}],
            "backends": [{"name": each} for each in backends or BACKENDS]})

    def run_daemon(self) -> None:
        """The daemon over all backends, unless it runs already."""
        if self.daemon is None or not self.daemon.running():
            self.evenkeel = self.configured("daemon")
            self.daemon = self.evenkeel.run()

    def log(self) -> str:
        return self.evenkeel.log.read_text()

    def spread(self, backend: str) -> float:
        """Worst over mean utilisation that the weights make: 1.00 is level."""
        weights = haproxy.weights(self.socket, backend)
        loads = [weights[each.name] * each.cost / each.quota
                 for each in self.servers if each.name in weights]
        return max(loads) * len(loads) / sum(loads)

    def spreads(self) -> dict[str, float]:
        return {backend: round(self.spread(backend), 2) for backend in LEVELLED}

    def wait_level(self, within: float) -> float:
        return wait_until(lambda: max(self.spreads().values()) <= LEVEL, within,
                          lambda: f"{self.spreads()}; {self.daemon.tail()}", every=0.25)

    def settled(self) -> dict[str, int]:
        """The daemon at work and all that can be level level; the weights of `shop`."""
        self.run_daemon()
        self.wait_level(60)
        return haproxy.weights(self.socket, "shop")

    def demand(self, backend: str) -> float:
        """Requests a second, as the daemon counts them."""
        shown = json.loads(self.evenkeel.command("status", "--json").stdout)
        return next(each["demand_per_second"] or 0.0 for each in shown["backends"]
                    if each["name"] == backend)

    def require_kept(self, learned: dict[str, int], what: str) -> str:
        """After `what` the new process has the learned weights within seconds."""
        def near() -> bool:
            now = haproxy.weights(self.socket, "shop")
            return all(abs(now[name] - weight) <= 0.2 * weight + 2
                       for name, weight in learned.items())
        took = wait_until(near, 5, lambda: f"{what}: {haproxy.weights(self.socket, 'shop')}, "
                                           f"learned {learned}; {self.daemon.tail()}", every=0.05)
        self.daemon.require_running()
        # Said once all is written.
        wait_until(lambda: "put back" in self.log(), 5,
                   lambda: f"{what}: no word of it: {self.daemon.tail()}", every=0.05)
        return f"weights {learned} are back {took:.1f} s after {what}"


suite = Suite()


@suite.test
def it_is_read_whatever_stands_before_its_replies(world: World) -> str:
    plain = world.configured("plain", backends=["shop", "gone"]).command("check")
    for socket, level in (("number.sock", "admin"), ("string.sock", "operator")):
        checked = world.configured("severity", socket, ["shop", "gone"]).command("check")
        require(checked.returncode == plain.returncode == 1, checked.stdout + checked.stderr)
        require(re.search(rf"{socket}\s+{level}\s+ok", checked.stdout), checked.stdout)
        require("gone: lb1 has no backend of this name" in checked.stdout, checked.stdout)
        require(len(re.findall(r"^shop-\d +up +\d+ +shop-\d", checked.stdout, re.M)) == 3,
                checked.stdout)
    return "admin and operator, a missing backend and three servers, with severities and without"


@suite.test
def every_refusal_is_told_with_its_cure(world: World) -> str:
    told = {
        "string.sock": (1, "weights need `level admin`"),
        "none.sock": (69, "there is no such socket"),
    }
    for socket, (status, text) in told.items():
        checked = world.configured("refused", socket, ["shop"]).command("check")
        shown = checked.stdout + checked.stderr
        require(checked.returncode == status and text in shown, f"{checked.returncode}: {shown}")
    for backend, text in (("fixed", "use roundrobin"), ("mapped", "hash-type consistent")):
        checked = world.configured("refused", backends=[backend]).command("check")
        require(text in checked.stdout, checked.stdout)
    off = world.configured("refused", backends=["off"]).command("check")
    require(off.returncode != 0 and "off" in off.stdout, off.stdout)
    replies = {
        "set weight shop/shop-1 257": "Absolute weight can only be between 0 and 256 inclusive.",
        "set weight shop/none 1": "No such server.", "set weight none/none 1": "No such backend.",
        "set weight fixed/fixed-1 50": "Backend is using a static LB algorithm",
        "set weight off/off-1 1": "Proxy is disabled.",
    }
    for command, reply in replies.items():
        said = haproxy.ask(world.socket, command)
        require(said.startswith(reply), f"{command}: {said!r}")
    lowered = haproxy.ask(world.socket, "operator;set weight shop/shop-1 5")
    require("Permission denied" in lowered, lowered)
    return f"{len(told) + 3} by check, and {len(replies) + 1} replies as they are known"


@suite.test
def a_backend_is_level_within_a_minute(world: World) -> str:
    require(max(world.spreads().values()) > 1.5, f"level from the start: {world.spreads()}")
    world.run_daemon()
    took = world.wait_level(60)
    log = world.log()
    for backend in ("mapped", "fixed"):
        wait_until(lambda: f"{backend} on lb1: `balance" in world.log(), 20,
                   lambda: world.daemon.tail())
        require(world.log().count(f"{backend} on lb1: `balance") == 1, world.log())
        weights = set(haproxy.weights(world.socket, backend).values())
        require(weights == {100}, f"{backend}: {weights}")
    require("few" in log and "refused" not in log, log)
    served = [each.cpu_ns() for each in world.servers]
    time.sleep(5)
    used = {each.name: (each.cpu_ns() - before) / each.quota
            for each, before in zip(world.servers, served) if each.name.startswith("shop-")}
    spread = max(used.values()) * len(used) / sum(used.values())
    require(spread <= 1.35, f"weights are level, CPU use is not: {used}")
    return f"after {took:.0f} s, spreads {world.spreads()}; shop by CPU use {spread:.2f}"


@suite.test
def a_reload_by_sf_is_followed(world: World) -> str:
    learned, old = world.settled(), world.process
    world.start("-sf", str(world.process_id()))
    seen = world.require_kept(learned, "-sf")
    old.stop(within=1)
    return seen


@suite.test
def a_reload_of_a_master_and_its_worker_is_followed(world: World) -> str:
    learned = world.settled()
    world.process.stop(within=1)
    world.start("-W", "-S", "/run/master.sock")
    seen = world.require_kept(learned, "a restart")
    master = world.configured("master", "master.sock", ["shop"]).command("check")
    require(master.returncode == 69 and "HAProxy's master process" in master.stdout,
            master.stdout)
    before = world.process_id()
    world.process.signal(signal.SIGUSR2)
    wait_until(lambda: world.process_id() not in (None, before), 10, "no new worker", every=0.05)
    return f"{seen}; {world.require_kept(learned, 'SIGUSR2')}"


@suite.test
def counters_that_a_new_process_restores_are_no_demand(world: World) -> str:
    if not world.keeps_statistics():
        return "this version cannot"
    learned, usual = world.settled(), RATE / len(BACKENDS)
    dumped = haproxy.ask(world.socket, "dump stats-file")
    # As if they had served far more: only a sum over the gap could see it.
    raised, count = re.subn(r"^(shop-\d+),\d+,", r"\1,5000000,", dumped, flags=re.M)
    require(count == len(QUOTAS), dumped)
    (world.version.folder / "statistics").write_text(raised)
    before = world.process_id()
    world.process.signal(signal.SIGUSR2)
    wait_until(lambda: world.process_id() not in (None, before), 10, "no new worker", every=0.05)
    statistics = haproxy.ask(world.socket, "show stat shop 4 -1")
    require(",500" in statistics, f"nothing is restored: {statistics}")
    seen = world.require_kept(learned, "SIGUSR2")
    demands = []
    for _ in range(10):
        time.sleep(0.5)
        demands.append(world.demand("shop"))
    (world.version.folder / "statistics").unlink()
    require(max(demands) < 2 * usual and demands[-1] > 0.4 * usual,
            f"{usual:.0f} requests/s are sent, {demands} are seen")
    return f"{seen}; at most {max(demands):.0f} requests/s of {usual:.0f} seen"


@suite.test
def srv_records_that_set_weights_back_are_named(world: World) -> str:
    world.run_daemon()
    took = wait_until(lambda: re.search(r"named/named-\d on lb1: .*`resolve-opts ignore-weight`",
                                        world.log()), 40, lambda: world.daemon.tail(), every=0.25)
    require("shop/shop-1 on lb1: somebody else keeps" not in world.log(), world.log())
    weights = haproxy.weights(world.socket, "named")
    return f"after {took:.0f} s, and they are left with {sorted(weights.values())}"


@suite.test
def a_server_that_fails_is_blamed_and_its_peers_take_what_clients_send(world: World) -> str:
    if world.version.name not in (present()[0], present()[-1]):
        return "asked of the oldest and of the newest"
    world.settled()
    wait_until(lambda: world.spread("again") <= LEVEL, 30, lambda: world.daemon.tail())
    usual = RATE / len(BACKENDS)
    wait_until(lambda: world.demand("again") > 0.4 * usual, 10, "no demand")
    failing = next(each for each in world.servers if each.name == "again-3")
    begun, least, demands = time.monotonic(), 256, []
    for failing.failure in ("503", "close"):
        for _ in range(6):
            time.sleep(1)
            demands.append(world.demand("again"))
            least = min(least, haproxy.weights(world.socket, "again")["again-3"])
    ended = time.monotonic()
    failing.failure = None
    require(0.4 * usual < min(demands) and max(demands) < 1.8 * usual,
            f"{usual:.0f} requests/s are sent, {demands} are seen")
    # Of a memory of thirty seconds twelve tell: a quarter of its share of the traffic.
    require(least <= 45, f"never below {least}; {world.daemon.tail()}")
    # Nothing of it is left, not even where HAProxy goes on counting those requests as under way.
    took = wait_until(lambda: world.spread("again") <= LEVEL, 60,
                      lambda: f"{haproxy.weights(world.socket, 'again')}; {world.daemon.tail()}")
    served = world.load.since(begun, ended)
    require(served.failed == 0, str(served))
    return (f"brought to {least}, {min(demands):.0f} to {max(demands):.0f} requests/s seen of "
            f"{usual:.0f}; level again {took:.0f} s after")


@suite.test
def servers_come_and_go_while_it_runs(world: World) -> str:
    if not world.version.has(2, 6):
        return "this version cannot"
    world.settled()
    address = f"127.0.0.1:{world.late.port}"

    def come() -> None:
        for command in (f"add server shop/shop-4 {address} weight 100",
                        "enable server shop/shop-4"):
            said = haproxy.ask(world.socket, command)
            require(said.strip() in ("", "New server registered."), f"{command}: {said!r}")

    def go() -> None:
        # What is under way there must end first.
        for command in ("disable server shop/shop-4", "del server shop/shop-4"):
            wait_until(lambda: haproxy.ask(world.socket, command).strip()
                       in ("", "Server deleted."), 10, f"{command} is refused", every=0.1)
    come()
    served = world.late.cpu_ns()

    def steered() -> bool:
        weights = haproxy.weights(world.socket, "shop")
        return weights["shop-4"] != 100 and world.late.cpu_ns() > served
    took = wait_until(steered, 30, lambda: f"{haproxy.weights(world.socket, 'shop')}; "
                                           f"{world.daemon.tail()}", every=0.25)
    given = haproxy.weights(world.socket, "shop")
    # Under its old name at once: its counters fall between two looks.
    go()
    come()
    usual, demands = RATE / len(BACKENDS), []
    for _ in range(8):
        time.sleep(0.5)
        demands.append(world.demand("shop"))
    require(0.4 * usual < min(demands) and max(demands) < 2 * usual,
            f"{usual:.0f} requests/s are sent, {demands} are seen")
    go()
    time.sleep(2)
    world.daemon.require_running()
    require("refused" not in world.log() and "does not answer" not in world.log(), world.log())
    world.wait_level(30)
    return (f"steered after {took:.0f} s as {given}, deleted and added again with "
            f"{min(demands):.0f} to {max(demands):.0f} requests/s of {usual:.0f} seen, deleted, and "
            "the others are level")


def each_version(world: World, versions: list[Version]) -> Suite:
    """The suite once for every version, and a word of which there are."""
    every = Suite()

    @every.test
    def the_versions_of_debian_are_there() -> str:
        absent = [name for name in SUITES if name not in present()]
        seen = ", ".join(str(version) for version in versions)
        require(len(versions) >= 2, f"only {seen or 'none'}: run packaging/get-haproxy")
        return seen + (f"; not to be had: {', '.join(absent)}" if absent else "")

    def on(version: Version, function: object) -> str:
        world.enter(version)
        return function(world)

    for version, (name, function) in itertools.product(versions, suite.tests.items()):
        every.tests[f"{version}: {name}"] = functools.partial(on, version, function)
    return every


def run_versions(report: Report, only: str | None) -> None:
    """Runs the tests whose name contains `only`, sealed off, with the versions there are."""
    wanted = (only or "").replace("_", " ")
    if not suite.chosen(only) and "haproxy" not in wanted.lower():
        return
    fetched = subprocess.run([str(GET), str(HAPROXYS)], env={**os.environ, "SUITES": " ".join(SUITES)},
                             text=True, capture_output=True)
    say(fetched.stderr.strip() or "versions: " + ", ".join(present()))
    sandbox.Sandbox().run(
        [sys.executable, "-B", "-u", __file__, *([only] if only else [])],
        lambda lines, status: report.follow("the versions", lines, status))


def main() -> int:
    only = sys.argv[1] if len(sys.argv) > 1 else None
    folder, _ = sandbox.enter()
    versions = [Version(name, folder) for name in present()]
    world = World(folder, binary())
    every = each_version(world, versions)
    return 0 if every.run(every.chosen(only)) else 1


if __name__ == "__main__":
    sys.exit(main())
