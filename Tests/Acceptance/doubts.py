#!/usr/bin/python3
"""Counters that lie, traffic that does not follow weights, slots that change: a real HAProxy.

Started by `run.py --doubts`, in namespaces of its own. The servers are small and the cAdvisors on a
script, so that every fault can be had; HAProxy, the load and evenkeel are real.
"""

import csv
import json
import random
import re
import select
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

sys.dont_write_bytecode = True

import haproxy
import sandbox
from evenkeel import REPOSITORY, Evenkeel, binary
from fake_cadvisor import Blip, FakeCAdvisor, FakeServer, Fault, Slow, Still, missing
from load import Load
from processes import Child
from runner import Report, Suite, require, say, wait_until

REPLIES = REPOSITORY / "Tests/CAdvisorTests/Replies/0.38.7"
STATUS = "127.0.0.1:9797"
SHOP, PINNED, TWINS, MOVES = 8000, 8001, 8002, 8003
COST = 0.005
# The third may do half of what the others may.
QUOTAS = (0.2, 0.2, 0.1)
RATE = 60
LEVEL = 1.15
# Writes of one plan for all three, and of the plans that take it back.
MOST_TAKEN_BACK = 6

CONFIGURATION = """\
global
  stats socket {socket} mode 600 level admin
defaults
  mode http
  timeout connect 1s
  timeout client 30s
  timeout server 30s
frontend shop
  bind 127.0.0.1:8000
  default_backend shop
# Half of the requests go where no weight sends them, as those with a cookie do.
frontend pinned
  bind 127.0.0.1:8001
  use_backend capacity if {{ rand(2) eq 0 }}
  default_backend halfway
frontend twins
  bind 127.0.0.1:8002
  use_backend quiet if {{ rand(4) eq 0 }}
  default_backend busy
frontend moves
  bind 127.0.0.1:8003
  default_backend moves
backend shop
{shop}
backend capacity
  use-server capacity-1 if {{ rand(2) eq 0 }}
{capacity}
backend halfway
  use-server halfway-1 if {{ rand(2) eq 0 }}
{halfway}
backend busy
{twins}
backend quiet
{twins}
backend moves
{moves}
"""

# A HAProxy of its own, to be reloaded. What is kept alive on the first frontend stays with the
# process that took it; the second has a new connection for every request. A quarter of the kept
# goes to one server: the old process's work is uneven.
RELOADED, RENEWED = 8010, 8011
KEPT_RATE, RENEWED_RATE, PINNED_PART = 36, 30, 1 / 4
RELOADED_CONFIGURATION = """\
global
  stats socket {socket} mode 600 level admin
  close-spread-time infinite
defaults
  mode http
  timeout connect 1s
  timeout client 30s
  timeout server 30s
  timeout tunnel 1h
frontend kept
  bind 127.0.0.1:8010
  http-request set-var(txn.kept) bool(true)
  default_backend old
frontend renewed
  bind 127.0.0.1:8011
  option httpclose
  default_backend old
backend old
  use-server old-1 if {{ var(txn.kept) -m bool }} {{ rand(4) eq 0 }}
{old}
"""
# What a web socket sends in a second, each a request's worth of CPU.
MESSAGES = 0.5
SOCKETS = 45
UPGRADE = (b"GET /socket HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
           b"Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
           b"Sec-WebSocket-Version: 13\r\n\r\n")


def lines(servers: list[FakeServer]) -> str:
    return "\n".join(f"  server {each.name} 127.0.0.1:{each.port} weight 100" for each in servers)


def spread_of(weights: dict[str, int], servers: list[FakeServer]) -> float:
    """Worst over mean utilisation that the weights make: 1.00 is level."""
    loads = [weights[each.name] / each.quota for each in servers]
    return max(loads) * len(loads) / sum(loads)


def reloaded(path: Path, before: int) -> bool:
    """Whether another worker answers."""
    try:
        return haproxy.process_id(path) != before
    except OSError:
        return False


class WebSockets:
    """Web sockets that say something now and then, and are opened again where one is broken."""

    def __init__(self, port: int, count: int, messages: float = MESSAGES) -> None:
        self._messages = messages
        self._port = port
        self._count = count
        self._open: list[socket.socket | None] = [None] * count
        self._end = Event()
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        turn, round_seconds = 0, 0.5
        while not self._end.wait(round_seconds / self._count):
            turn = (turn + 1) % self._count
            try:
                stream = self._open[turn] = self._open[turn] or self._opened()
                if select.select([stream], [], [], 0)[0]:  # nothing is ever sent to it but its end
                    raise OSError("broken off")
                if random.random() < self._messages * round_seconds:
                    stream.sendall(b"x")
            except OSError:
                self._close(turn)

    def _opened(self) -> socket.socket:
        stream = socket.create_connection(("127.0.0.1", self._port), timeout=5)
        stream.sendall(UPGRADE)
        if not stream.recv(4096).startswith(b"HTTP/1.1 101 "):
            stream.close()
            raise OSError("no tunnel")
        return stream

    def _close(self, turn: int) -> None:
        if (stream := self._open[turn]) is not None:
            stream.close()
        self._open[turn] = None

    def stop(self) -> None:
        self._end.set()
        self._thread.join()
        for turn in range(self._count):
            self._close(turn)


class World:
    """One HAProxy with four sets of servers on two hosts, each under a load of its own."""

    def __init__(self, folder: Path, program: str) -> None:
        self.folder = folder
        self.program = program
        self.socket = folder / "haproxy.sock"
        port = iter(range(9001, 9100))

        def servers(name: str, quotas: tuple[float, ...] = QUOTAS) -> list[FakeServer]:
            return [FakeServer(f"{name}-{number}", next(port), quota, COST)
                    for number, quota in enumerate(quotas, 1)]

        self.shop = servers("shop")
        self.pinned = {name: servers(name) for name in ("capacity", "halfway")}
        self.twins = servers("twins")
        self.moves = servers("moves", (0.2, 0.2, 0.2, 0.05, 0.2))
        # Two of the shop's are on one host, with the rest; the third has a host of its own.
        self.first = FakeCAdvisor(
            8080, [*self.shop[:2], *self.pinned["capacity"], *self.pinned["halfway"], *self.twins,
                   *self.moves], REPLIES, cores=8)
        self.second = FakeCAdvisor(8081, self.shop[2:], REPLIES, cores=8)
        configuration = folder / "haproxy.cfg"
        configuration.write_text(CONFIGURATION.format(
            socket=self.socket, shop=lines(self.shop), twins=lines(self.twins),
            moves=lines(self.moves[:3]),
            **{name: lines(servers) for name, servers in self.pinned.items()}))
        self.process = Child("haproxy", ["haproxy", "-db", "-f", str(configuration)],
                             folder / "haproxy.log")
        wait_until(self.socket.exists, 10, self.process.tail)
        self.loads = [Load(port, rate) for port, rate in
                      ((SHOP, RATE), (PINNED, 80), (TWINS, 40), (MOVES, 40))]
        self.daemon: Child | None = None
        self.evenkeel: Evenkeel | None = None
        self.old = servers("old")
        self.third = FakeCAdvisor(8082, self.old, REPLIES, cores=8)
        # What takes a minute to be found goes on beside the rest.
        self.beside = self.configured("beside", "1s", [
            {"name": "capacity"}, {"name": "halfway", "strategy": "halfway"},
            {"name": "busy", "pattern": "twins-.*"}, {"name": "quiet", "pattern": "twins-.*"}],
            "127.0.0.1:9798")
        self.began = time.monotonic()
        self.beside_daemon = self.beside.run()

    def configured(self, name: str, interval: str, backends: list[dict],
                   status: str = STATUS, socket: Path | None = None) -> Evenkeel:
        return Evenkeel(self.program, self.folder, name, {
            "interval": interval,
            "cadvisors": [{"url": "http://127.0.0.1:8080", "host": "first"},
                          {"url": "http://127.0.0.1:8081", "host": "second"},
                          {"url": "http://127.0.0.1:8082", "host": "third"}],
            "balancers": [{"name": "lb1", "address": f"unix:{socket or self.socket}"}],
            "backends": backends, "status": {"listen": status}})

    @contextmanager
    def reloadable(self) -> Iterator[tuple[Child, Path]]:
        """A HAProxy under a master, and its socket."""
        path, configuration = self.folder / "reloaded.sock", self.folder / "reloaded.cfg"
        configuration.write_text(RELOADED_CONFIGURATION.format(socket=path, old=lines(self.old)))
        master = Child("haproxy", ["haproxy", "-W", "-db", "-f", str(configuration)],
                       self.folder / "reloaded.log")
        try:
            wait_until(path.exists, 10, master.tail)
            yield master, path
        finally:
            master.stop(within=1)
            # It leaves its socket, at which nobody answers before the next one is there.
            path.unlink(missing_ok=True)

    @contextmanager
    def steering(self, name: str, backend: str = "shop", interval: str = "2s") -> Iterator[None]:
        """A daemon that knows nothing, over servers with equal weights; all is whole afterwards."""
        for server in haproxy.weights(self.socket, backend):
            haproxy.ask(self.socket, f"set server {backend}/{server} weight 100")
        self.evenkeel = self.configured(name, interval, [{"name": backend}])
        self.daemon = self.evenkeel.run()
        try:
            yield
            self.daemon.require_running()
        finally:
            self.daemon.stop(within=5)
            self.heal()

    def heal(self) -> None:
        for each in self.shop:
            each.fault = None
        for host in (self.first, self.second):
            host.fault, host.others = None, 0.0

    def log(self) -> str:
        return self.evenkeel.log.read_text()

    def weights(self, backend: str = "shop") -> dict[str, int]:
        return haproxy.weights(self.socket, backend)

    def share(self, name: str) -> float:
        weights = self.weights(name.rpartition("-")[0])
        return weights[name] / sum(weights.values())

    def nagios(self) -> subprocess.CompletedProcess[str]:
        return self.evenkeel.command("status", "--nagios")

    def writes(self, backend: str, evenkeel: Evenkeel | None = None) -> list[str]:
        log = (evenkeel or self.evenkeel).log.read_text()
        return re.findall(rf"\b{backend}/\S+ on lb1: (?:share .*\()?weight \d+ → .*", log)

    def spread(self, servers: list[FakeServer], backend: str) -> float:
        return spread_of(self.weights(backend), servers)

    def wait_level(self, within: float = 20) -> float:
        return wait_until(lambda: self.spread(self.shop, "shop") <= LEVEL, within,
                          lambda: f"{self.weights()}; {self.daemon.tail()}", every=0.25)

    def wait_said(self, text: str, within: float = 20) -> float:
        return wait_until(lambda: re.search(text, self.log()), within,
                          lambda: f"no {text!r} in {self.daemon.tail()}", every=0.25)

    def wait_warned(self, server: str, text: str) -> str:
        """Nagios has a warning that names the server and what is wrong with it."""
        def warned() -> bool:
            said = self.nagios()
            return said.returncode == 1 and server in said.stdout and text in said.stdout
        wait_until(warned, 10, lambda: self.nagios().stdout, every=0.5)
        return self.nagios().stdout.splitlines()[0]

    def wait_others_levelled(self, without: str) -> float:
        """The other two stand to each other as their quotas do."""
        def levelled() -> bool:
            weights = self.weights()
            names = [each.name for each in self.shop if each.name != without]
            quotas = {each.name: each.quota for each in self.shop}
            ratio = weights[names[0]] / weights[names[1]] / quotas[names[0]] * quotas[names[1]]
            return 1 / LEVEL <= ratio <= LEVEL
        return wait_until(levelled, 20, lambda: f"{self.weights()}; {self.daemon.tail()}",
                          every=0.25)

    def report_failure(self) -> None:
        if self.evenkeel is not None:
            say(f"--- the end of evenkeel's log:\n{self.daemon.tail(40)}\n---")


suite = Suite()
STANDS = "its CPU counter stands still"


@suite.test
def a_counter_that_stands_still_is_held_and_the_others_go_on(world: World) -> str:
    server = world.shop[0]
    server.fault = Still()
    with world.steering("still"):
        took = world.wait_said(rf"{server.name}: weight held: {STANDS}")
        levelled = world.wait_others_levelled(server.name)
        warned = world.wait_warned(server.name, STANDS)
        most = world.weights()[server.name]
        require(most <= 100, f"it was given {most}")
        require(not [each for each in world.writes("shop") if each.startswith(f"shop/{server.name} ")
                     and int(re.search(r"weight \d+ → (\d+)", each)[1]) > 100], world.daemon.tail())
        server.fault = None
        again = world.wait_said(rf"{server.name}: steered again", 20)
        world.wait_level()
    return (f"said after {took:.0f} s, the others level after {levelled:.0f} s; {warned!r}; "
            f"steered {again:.0f} s after it moved")


@suite.test
def a_counter_that_freezes_later_keeps_its_weight(world: World) -> str:
    server = world.shop[1]
    with world.steering("later"):
        world.wait_level()
        share = world.share(server.name)
        server.fault = Still()
        most, said = share, False
        end = time.monotonic() + 14
        while time.monotonic() < end:
            time.sleep(0.5)
            most = max(most, world.share(server.name))
        require(most <= 1.1 * share, f"its share rose from {share:.2f} to {most:.2f}")
        world.wait_said(rf"{server.name}: weight held: {STANDS}", 2)
        warned = world.wait_warned(server.name, STANDS)
        server.fault = None
        world.wait_said(rf"{server.name}: steered again")
        world.wait_level()
    return f"share {share:.2f}, at most {most:.2f}; {warned!r}"


@suite.test
def where_no_counter_moves_nothing_is_written(world: World) -> str:
    for each in world.shop:
        each.fault = Still()
    with world.steering("all"):
        world.wait_said(STANDS)
        time.sleep(6)
        require(not world.writes("shop"), world.daemon.tail())
        said = world.nagios()
        require(said.returncode in (1, 2), said.stdout)
    return said.stdout.splitlines()[0]


@suite.test
def a_sample_without_cpu_holds_its_server_alone(world: World) -> str:
    server = world.shop[0]
    server.fault = missing
    with world.steering("missing"):
        levelled = world.wait_others_levelled(server.name)
        require(world.weights()[server.name] <= 100, str(world.weights()))
        said = world.nagios()
        require(said.returncode == 1 and server.name in said.stdout, said.stdout)
    return f"the others level after {levelled:.0f} s; {said.stdout.splitlines()[0]!r}"


@suite.test
def a_counter_that_shows_a_twentieth_is_held_and_named(world: World) -> str:
    server = world.shop[0]
    with world.steering("twentieth"):
        world.wait_level()
        share = world.share(server.name)
        server.fault = Slow(1 / 20)
        took = world.wait_said(rf"{server.name}: weight held: it answers at [\d.]+ % of its", 30)
        warned = world.wait_warned(server.name, "it answers at")
        now = world.share(server.name)
        require(now <= 1.15 * share, f"its share rose from {share:.2f} to {now:.2f}")
    return f"said after {took:.0f} s, share {share:.2f}, then {now:.2f}; {warned!r}"


@suite.test
def readings_that_their_successors_contradict_move_nothing(world: World) -> str:
    faults: dict[str, Fault] = {
        "a spike of years": Blip(3, 1e9), "a spike of 20 s": Blip(3, 20), "a fall": Blip(3, None)}
    with world.steering("blips"):
        world.wait_level()
        time.sleep(6)
        before, weights = len(world.writes("shop")), world.weights()
        moved: list[int] = []

        def require_still(what: str) -> None:
            time.sleep(5)
            world.heal()
            # Both of a host's at once leave too few to plan by: then one plan may follow, and the next
            # one takes it back.
            wait_until(lambda: world.weights() == weights, 6,
                       lambda: f"{what}: {weights} became {world.weights()}; {world.daemon.tail()}")
            written = len(world.writes("shop"))
            moved.append(written - before - sum(moved))
            require(moved[-1] <= MOST_TAKEN_BACK, f"{what}: {moved} writes; {world.daemon.tail()}")
        for what, fault in faults.items():
            world.shop[0].fault = fault
            require_still(f"{what} of one container")
            for each in world.shop[:2]:
                each.fault = Blip(fault.every, fault.seconds)
            require_still(f"{what} of a host")
            world.first.fault = Blip(fault.every, fault.seconds)
            require_still(f"{what} of a machine")
    return f"{len(faults)} faults of a container, a host and its machine: weights {weights}, " \
           f"{sum(moved)} writes that were taken back"


@suite.test
def a_host_that_uses_more_than_it_has_is_said_once(world: World) -> str:
    world.first.others = 12.0
    with world.steering("cores"):
        world.wait_said("more than it has")
        took = world.wait_level()
        time.sleep(4)
        said = len(re.findall("more than it has", world.log()))
        require(said == 1, world.log())
    return f"quotas level after {took:.0f} s"


@suite.test
def a_host_whose_counter_stands_still_is_left_out(world: World) -> str:
    world.first.fault = Still()
    with world.steering("host"):
        world.wait_said("its own CPU counter shows less than its containers use")
        took = world.wait_level()
    return f"quotas level after {took:.0f} s"


@suite.test
def a_slot_that_gets_another_address_is_another_server(world: World) -> str:
    with world.steering("slot", "moves"):
        time.sleep(8)
        small = world.moves[3]
        said = haproxy.ask(world.socket, f"set server moves/moves-1 addr 127.0.0.1 port {small.port}")
        require("changed" in said, said)
        # Its own container serves nothing any more, and what now serves has another name.
        time.sleep(14)
        weights = world.weights("moves")
        for word in ("somebody else", "refused"):
            require(word not in world.log(), world.daemon.tail(40))
        require(weights["moves-1"] <= 1.15 * weights["moves-2"], world.daemon.tail(40))
        moved = world.daemon.tail(3)
        haproxy.ask(world.socket,
                    f"set server moves/moves-1 addr 127.0.0.1 port {world.moves[0].port}")
        time.sleep(6)
        require("somebody else" not in world.log(), world.daemon.tail(40))
    say(f"doubts: {moved}")
    return str(weights)


@suite.test
def a_server_born_with_weight_1_is_brought_to_scale(world: World) -> str:
    with world.steering("born", "moves"):
        time.sleep(6)
        for command in (f"add server moves/moves-5 127.0.0.1:{world.moves[4].port} weight 1",
                        "enable server moves/moves-5"):
            said = haproxy.ask(world.socket, command)
            require(said.strip() in ("", "New server registered."), f"{command}: {said!r}")

        def scaled() -> bool:
            weights = world.weights("moves")
            others = [weights[f"moves-{number}"] for number in (1, 2, 3)]
            return weights["moves-5"] >= 0.7 * sum(others) / 3
        try:
            took = wait_until(scaled, 30, lambda: f"{world.weights('moves')}; "
                                                  f"{world.daemon.tail(40)}", every=0.25)
            require("somebody else" not in world.log(), world.daemon.tail(40))
            weights = world.weights("moves")
        finally:
            for command in ("disable server moves/moves-5", "del server moves/moves-5"):
                wait_until(lambda: haproxy.ask(world.socket, command).strip()
                           in ("", "Server deleted."), 10, f"{command} is refused")
    return f"after {took:.0f} s {weights}"


@suite.test
def two_backends_over_the_same_containers_settle(world: World) -> str:
    time.sleep(max(0.0, world.began + 40 - time.monotonic()))
    before = {name: len(world.writes(name, world.beside)) for name in ("busy", "quiet")}
    time.sleep(max(10.0, world.began + 60 - time.monotonic()))
    since = {name: len(world.writes(name, world.beside)) - count for name, count in before.items()}
    require(max(since.values()) <= 3, f"{since} writes since; {world.beside_daemon.tail(30)}")
    demand = {"busy": 0.75, "quiet": 0.25}
    shares = {name: world.weights(name) for name in demand}
    loads = [sum(demand[name] * weights[each.name] / sum(weights.values())
                 for name, weights in shares.items()) / each.quota for each in world.twins]
    spread = max(loads) * len(loads) / sum(loads)
    require(spread <= 1.25, f"spread {spread:.2f}, {shares}; {world.beside_daemon.tail(30)}")
    return f"spread {spread:.2f} with {shares}, {since} writes since they were level"


@suite.test
def traffic_that_is_pinned_is_said_and_not_fought(world: World) -> str:
    def said() -> bool:
        log = world.beside.log.read_text()
        return all(re.search(rf"{name}: all weights held: requests do not follow the weights", log)
                   for name in ("capacity", "halfway"))
    wait_until(said, max(20.0, world.began + 110 - time.monotonic()),
               lambda: f"{len(world.writes('capacity', world.beside))} and "
                       f"{len(world.writes('halfway', world.beside))} writes, "
                       f"{world.weights('capacity')}, {world.weights('halfway')}; "
                       f"{world.beside_daemon.tail(12)}", every=0.5)
    took = time.monotonic() - world.began
    before = {name: len(world.writes(name, world.beside)) for name in ("capacity", "halfway")}
    time.sleep(20)
    after = {name: len(world.writes(name, world.beside)) - before[name] for name in before}
    weights = {name: world.weights(name) for name in before}
    require(max(after.values()) <= 3, f"{after} writes in 20 s; {world.beside_daemon.tail(40)}")
    # The rule of 2015 is near its floor when it is found out; the other does not go so far.
    least = min(weights["capacity"].values()) / max(weights["capacity"].values())
    require(least > 0.1, f"near the floor: {weights}; {world.beside_daemon.tail(40)}")
    world.beside_daemon.require_running()
    return f"said within {took:.0f} s, after {before} writes; {after} in 20 s since; {weights}"


def used(servers: list[FakeServer], seconds: float) -> dict[str, float]:
    """The CPU that each really uses, over its quota."""
    before, start = [each.cpu_ns() for each in servers], time.monotonic()
    time.sleep(seconds)
    elapsed = (time.monotonic() - start) * 1e9
    return {each.name: round((each.cpu_ns() - count) / elapsed / each.quota, 2)
            for each, count in zip(servers, before)}


@suite.test
def an_old_process_that_serves_on_teaches_nothing(world: World) -> str:
    def costs() -> dict[str, float]:
        status = json.loads(world.evenkeel.command("status", "--json").stdout)
        return {each["name"]: each["cost_per_request"] for each in status["backends"][0]["servers"]}

    def counted() -> int:
        rows = haproxy.ask(path, "show stat").removeprefix("# ").splitlines()
        return sum(int(row["stot"]) for row in csv.DictReader(rows)
                   if row["pxname"] == "old" and row["type"] == "2")

    with world.reloadable() as (master, path):
        world.evenkeel = world.configured("old", "2s", [{"name": "old"}], socket=path)
        world.daemon = world.evenkeel.run()
        # So many that none is opened after the reload.
        loads = [Load(RELOADED, KEPT_RATE, connections=40), Load(RENEWED, RENEWED_RATE)]
        try:
            wait_until(lambda: spread_of(haproxy.weights(path, "old"), world.old) <= LEVEL, 20,
                       lambda: world.daemon.tail(), every=0.25)
            time.sleep(8)
            before, known = haproxy.weights(path, "old"), costs()
            worker = haproxy.process_id(path)
            master.signal(signal.SIGUSR2)
            wait_until(lambda: reloaded(path, worker), 10, master.tail, every=0.02)
            served, count = sum(each.cpu_ns() for each in world.old), counted()
            took = world.wait_said("an old HAProxy process still serves", 15)
            time.sleep(max(0.0, 20 - took))
            served = (sum(each.cpu_ns() for each in world.old) - served) / 1e9 / COST
            uncounted = 1 - (counted() - count) / served
            after, learned = haproxy.weights(path, "old"), costs()
            world.daemon.require_running()
        finally:
            for each in loads:
                each.stop()
            world.daemon.stop(within=5)
    require(uncounted > 0.3, f"the old process served {uncounted:.0%} alone")
    # Between what quotas alone say, and what levels them beside what no weight moves.
    pinned = PINNED_PART * KEPT_RATE / (KEPT_RATE + RENEWED_RATE)
    for number, each in enumerate(world.old):
        due = each.quota / sum(server.quota for server in world.old)
        least, *_, most = sorted((due, (due - (0 if number else pinned)) / (1 - pinned)))
        share = after[each.name] / sum(after.values())
        require(least / 1.1 <= share <= most * 1.1,
                f"{before} became {after}; {world.daemon.tail(30)}")
    dearer = statistics.median(learned[name] / known[name] for name in known)
    require(dearer <= 1.25, f"costs {known} became {learned}")
    return (f"said after {took:.0f} s; {uncounted:.0%} uncounted, {before}, then {after}, "
            f"costs at {dearer:.2f} of what they were")


def wait_open(world: World) -> None:
    wait_until(lambda: sum(len(each.tunnels) for each in world.old) == SOCKETS, 15,
               lambda: "not all sockets are open", every=0.25)


def beside_web_sockets(world: World, messages: float, disturb: Callable[[Path], None]) -> str:
    """What weights and load do among requests and web sockets, once those were disturbed."""
    with world.reloadable() as (_, path):
        world.evenkeel = world.configured("sockets", "1s", [{"name": "old"}], socket=path)
        world.daemon = world.evenkeel.run()
        load, sockets = Load(RENEWED, 20), None
        try:
            wait_until(lambda: spread_of(haproxy.weights(path, "old"), world.old) <= LEVEL, 20,
                       lambda: world.daemon.tail(), every=0.25)
            sockets = WebSockets(RENEWED, SOCKETS, messages)
            wait_open(world)
            # A look may have met all of their handshakes, which are requests that wait.
            time.sleep(3)
            opened = len(world.log())
            disturb(path)
            lowest = 1.0
            end = time.monotonic() + 15
            while time.monotonic() < end:
                weights = haproxy.weights(path, "old")
                lowest = min(lowest, min(weights.values()) / max(weights.values()))
                time.sleep(0.25)
            loads = used(world.old, 10)
            open_now = [len(each.tunnels) for each in world.old]
            world.daemon.require_running()
        finally:
            load.stop()
            if sockets is not None:
                sockets.stop()
            world.daemon.stop(within=5)
    spread = max(loads.values()) * len(loads) / sum(loads.values())
    seen = f"tunnels {open_now}, CPU use {loads}, weights {weights}"
    require(lowest > 0.25, f"a weight at {lowest:.2f} of another; {seen}; {world.daemon.tail(30)}")
    require("queue" not in world.log()[opened:], world.daemon.tail(30))
    # What the sockets say is no traffic that follows weights.
    require(spread <= 1.4, f"spread {spread:.2f}; {seen}; {world.daemon.tail(30)}")
    return f"spread {spread:.2f}; {seen}"


@suite.test
def web_sockets_among_requests_are_no_queue(world: World) -> str:
    return beside_web_sockets(world, MESSAGES, lambda path: time.sleep(5))


@suite.test
def web_sockets_that_a_restart_sends_elsewhere_are_no_queue(world: World) -> str:
    def restart(path: Path) -> None:
        time.sleep(3)
        # The second is restarted, then the first, as in a deployment.
        for moved in (world.old[1], world.old[0]):
            haproxy.ask(path, f"set server old/{moved.name} state maint")
            moved.break_tunnels()
            wait_open(world)
            haproxy.ask(path, f"set server old/{moved.name} state ready")
            time.sleep(3)

    return beside_web_sockets(world, 0.1, restart)


def run_doubts(report: Report, only: str | None) -> None:
    """Runs the tests whose name contains `only`, sealed off."""
    if not suite.chosen(only):
        return
    sandbox.Sandbox().run(
        [sys.executable, "-B", "-u", __file__, *([only] if only else [])],
        lambda lines, status: report.follow("the doubts", lines, status))


def main() -> int:
    only = sys.argv[1] if len(sys.argv) > 1 else None
    folder, _ = sandbox.enter()
    world = World(folder, binary())
    return 0 if suite.run(suite.chosen(only), world, on_failure=world.report_failure) else 1


if __name__ == "__main__":
    sys.exit(main())
