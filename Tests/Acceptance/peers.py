#!/usr/bin/python3
"""HAProxys before the same servers, each with an evenkeel of its own that knows the others.

The servers and their cAdvisor are scripts; HAProxys, loads and daemons are real.
"""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import certificates
import haproxy
import sandbox
from evenkeel import REPOSITORY, Evenkeel, binary
from fake_cadvisor import Answering, FakeCAdvisor, FakeServer, Handler
from load import Load
from processes import Child
from runner import Report, Suite, require, say, wait_until
from threading import Thread

REPLIES = REPOSITORY / "Tests/CAdvisorTests/Replies/0.38.7"
# CPU seconds a request, and quotas, that make equal weights wrong.
COSTS = (0.004, 0.006, 0.003)
QUOTAS = (0.1, 0.2, 0.4)
DEMAND = 60
LEVEL = 1.1
FRONTS = (8001, 8002, 8003)
STATUS = (9797, 9798, 9799)
INTERVAL = 2
LIAR = 9790
CONFIGURATION = """\
global
  stats socket {socket} mode 600 level admin
defaults
  mode http
  timeout connect 1s
  timeout client 30s
  timeout server 30s
frontend front
  bind 127.0.0.1:{port}
  default_backend shop
backend shop
{servers}
"""


class Liar:
    """A peer that says what cannot be."""

    def __init__(self) -> None:
        class Lying(Handler):
            def do_GET(self) -> None:
                server = {"name": "shop-1", "address": "127.0.0.1", "state": "up", "weight": -7,
                          "initial_weight": 100000, "arrived": -5, "done": 1e300, "failed": 0,
                          "open": -1, "tried": 0, "tunnelled": 0, "queued": 1e18,
                          "response_seconds": -1, "totals_believed": True,
                          "sessions_believed": True}
                self.reply(200, "application/json", json.dumps({
                    "version": 1, "evenkeel": "0.1.0", "instance": "liar", "age_seconds": 0,
                    "interval_seconds": 1, "balancers": [{
                        "name": "lb", "pid": -1, "backends": [
                            {"name": "shop", "servers": [server]}]}]}).encode())

        Thread(target=Answering(("127.0.0.1", LIAR), Lying).serve_forever, daemon=True).start()


class Side:
    """A HAProxy, and the daemon beside it."""

    def __init__(self, world: "World", place: int, program: str, prefix: str = "shop",
                 told: dict | None = None) -> None:
        self.world, self.place, self.prefix = world, place, prefix
        self.socket = world.folder / f"lb{place + 1}.sock"
        self.configuration = world.folder / f"lb{place + 1}.cfg"
        self.configuration.write_text(CONFIGURATION.format(
            socket=self.socket, port=FRONTS[place],
            servers="\n".join(f"  server {self.named(each)} 127.0.0.1:{each.port} weight 100"
                              for each in world.servers)))
        # The same list on both sides: each finds out which of them it is itself.
        peers = [f"http://127.0.0.1:{port}" for port in (*STATUS, LIAR)]
        self.evenkeel = Evenkeel(program, world.folder, f"side{place + 1}", {
            "interval": f"{INTERVAL}s", "cadvisors": ["http://127.0.0.1:8080"],
            "balancers": [{"name": f"lb{place + 1}", "address": f"unix:{self.socket}"}],
            "backends": [{"name": "shop", "pattern": "shop-(.*)", "server": prefix + "-{1}"}],
            "status": {"listen": f"127.0.0.1:{STATUS[place]}"},
            "peers": peers, **(told or {})})
        self.process: Child | None = None
        self.daemon: Child | None = None

    def named(self, server: FakeServer) -> str:
        """What this HAProxy calls a server."""
        return server.name.replace("shop", self.prefix)

    def start(self) -> None:
        self.balance()
        self.daemon = self.evenkeel.run()

    def forget(self) -> None:
        for kept in self.evenkeel.state.iterdir():
            if kept.is_file():
                kept.unlink()

    def balance(self) -> None:
        self.socket.unlink(missing_ok=True)
        self.process = Child("haproxy", ["haproxy", "-db", "-f", str(self.configuration)],
                             self.world.folder / f"lb{self.place + 1}.log")
        wait_until(self.socket.exists, 10, self.process.tail)

    def stop(self) -> None:
        for each in (self.daemon, self.process):
            if each is not None:
                each.signal(signal.SIGCONT)
                each.stop(within=5)
        self.socket.unlink(missing_ok=True)

    def weights(self) -> dict[str, int]:
        found = haproxy.weights(self.socket, "shop")
        return {each.name: found[self.named(each)] for each in self.world.servers}

    def shares(self) -> dict[str, float]:
        weights = self.weights()
        return {name: weight / sum(weights.values()) for name, weight in weights.items()}

    def spread(self) -> float:
        weights = self.weights()
        loads = [weights[each.name] * each.cost / each.quota for each in self.world.servers]
        return max(loads) * len(loads) / sum(loads)

    def status(self) -> dict:
        return json.loads(self.evenkeel.command("status", "--json").stdout)

    def costs(self) -> list[float]:
        return [each["cost_per_request"] for each in self.status()["backends"][0]["servers"]]

    def reports(self) -> dict[str, dict]:
        """What its daemon says of each peer, by the last digits of the address."""
        return {each["name"]: each for each in self.status()["balancers"] if each["is_peer"]}

    def log(self) -> str:
        return self.evenkeel.log.read_text()


class World:
    def __init__(self, folder: Path, program: str) -> None:
        self.folder, self.program = folder, program
        self.servers = [FakeServer(f"shop-{number}", 9000 + number, quota, cost)
                        for number, (quota, cost) in enumerate(zip(QUOTAS, COSTS), 1)]
        self.host = FakeCAdvisor(8080, self.servers, REPLIES, cores=8)
        self.liar = Liar()
        self.sides: list[Side] = []
        self.loads: list[Load] = []

    def start(self, *rates: float, prefixes: tuple[str, ...] = (),
              told: tuple[dict, ...] = ()) -> list[Side]:
        """Sides that know nothing, and their loads; `told` is how each is heard and hears."""
        named = prefixes or ("shop",) * len(rates)
        ways = told or ({},) * len(rates)
        self.sides = [Side(self, place, self.program, prefix, way)
                      for place, (prefix, way) in enumerate(zip(named, ways))]
        for side in self.sides:
            side.forget()
            side.start()
        self.loads = [Load(front, rate) for front, rate in zip(FRONTS, rates) if rate]
        return self.sides

    def end(self) -> None:
        for load in self.loads:
            load.stop()
        for side in self.sides:
            side.stop()
        self.loads, self.sides = [], []

    def tails(self) -> str:
        return "\n".join(side.daemon.tail(12) for side in self.sides if side.daemon)

    def wait_level(self, within: float = 30) -> float:
        return wait_until(lambda: all(side.spread() <= LEVEL for side in self.sides), within,
                          lambda: f"{[side.weights() for side in self.sides]}; {self.tails()}",
                          every=0.25)

    @staticmethod
    def evenkeel_lines(side: "Side") -> str:
        return "\n".join(side.log().splitlines()[-25:])

    def used_spread(self, seconds: float) -> float:
        before, began = [each.cpu_ns() for each in self.servers], time.monotonic()
        time.sleep(seconds)
        loads = [(each.cpu_ns() - count) / (time.monotonic() - began) / each.quota
                 for each, count in zip(self.servers, before)]
        return max(loads) * len(loads) / sum(loads)

    def report_failure(self) -> None:
        say(f"--- {self.tails()}\n---")
        self.end()


suite = Suite()


@suite.test
def two_daemons_that_know_each_other_come_to_the_same_weights(world: World) -> str:
    first, second = world.start(0.7 * DEMAND, 0.3 * DEMAND)
    took = world.wait_level()
    time.sleep(10)

    def apart() -> float:
        mine, its = first.shares(), second.shares()
        return max(abs(mine[name] / its[name] - 1) for name in mine)

    # One may have written a moment before the other does.
    wait_until(lambda: apart() <= 0.05, 15, lambda: f"{first.shares()} and {second.shares()}")
    apart_now = apart()
    costs = [first.costs(), second.costs()]
    said = first.log()
    world.end()
    for side in costs:
        for cost, true in zip(side, COSTS):
            require(abs(cost / true - 1) <= 0.2, f"a request costs {COSTS}, and they say {costs}")
    require("127.0.0.1:9790" not in said or "disbelie" in said or "cannot be" in said, said)
    return f"level after {took:.0f} s, shares at most {apart_now:.1%} apart, costs {costs}"


@suite.test
def a_standby_is_warm_and_level_at_once_when_all_traffic_comes_over(world: World) -> str:
    active, standby = world.start(DEMAND, 0)
    world.wait_level()
    time.sleep(8)
    before = standby.weights()
    require(standby.spread() <= LEVEL, f"the standby has {before}")
    # The machine fails: its traffic, its HAProxy and its daemon.
    world.loads[0].stop()
    active.process.signal(signal.SIGKILL)
    active.daemon.signal(signal.SIGKILL)
    world.loads = [Load(FRONTS[1], DEMAND)]
    time.sleep(1)
    spread = world.used_spread(10)
    time.sleep(6)
    after, costs = standby.weights(), standby.costs()
    world.end()
    require(spread <= 1.2, f"spread {spread:.2f} with {before}, then {after}")
    for cost, true in zip(costs, COSTS):
        require(abs(cost / true - 1) <= 0.25, f"a request costs {COSTS}, and it says {costs}")
    return f"spread {spread:.2f} in the first seconds, weights {before}, then {after}"


@suite.test
def a_standby_that_joins_late_has_its_peers_weights_before_any_request(world: World) -> str:
    active, standby = world.start(DEMAND, 0)
    world.wait_level()
    # Its machine comes back with HAProxy's own weights, and nothing learned.
    standby.stop()
    standby.forget()
    standby.start()
    require(len(set(standby.weights().values())) == 1, f"it begins with {standby.weights()}")
    took = world.wait_level(within=30)

    def apart() -> float:
        mine, its = active.shares(), standby.shares()
        return max(abs(mine[name] / its[name] - 1) for name in mine)

    # Between one's step and the other's they are further apart.
    agreed = wait_until(lambda: apart() <= 0.02, 30,
                        lambda: f"{active.weights()}, {standby.weights()}")
    weights = active.weights(), standby.weights()
    world.end()
    return f"after {took:.0f} s, {agreed:.0f} s later within 2 %: {weights}"


@suite.test
def a_silent_peer_whose_haproxy_serves_on_makes_no_cost_jump(world: World) -> str:
    first, second = world.start(0.5 * DEMAND, 0.5 * DEMAND)
    world.wait_level()
    time.sleep(10)
    before = second.weights()
    first.daemon.signal(signal.SIGSTOP)
    wait_until(lambda: "127.0.0.1:9797" in second.log() and "does not answer" in second.log(), 20,
               lambda: second.daemon.tail(), every=0.25)
    time.sleep(15)
    costs, after, spread = second.costs(), second.weights(), second.spread()
    first.daemon.signal(signal.SIGCONT)
    time.sleep(8)
    back = second.costs()
    world.end()
    # Without what it served they would double; a busy machine lets it serve more now than it did before.
    for cost, true in zip(costs + back, COSTS + COSTS):
        require(0.7 <= cost / true <= 1.4, f"a request costs {COSTS}: {costs}, then {back}")
    # Level still, wherever in that they were on their way.
    require(spread <= LEVEL, f"{before} became {after}: spread {spread:.2f}")
    return f"costs {costs} while it was silent, {back} after; spread {spread:.2f}"


def apart(sides: list[Side]) -> float:
    """The largest difference between two sides' shares of one server, of the largest share."""
    shares = [side.shares() for side in sides]
    top = max(max(each.values()) for each in shares)
    return max(max(each[name] for each in shares) - min(each[name] for each in shares)
               for name in shares[0]) / top


def agree(sides: list[Side], most: float) -> float:
    """How far apart they are once they are no farther than that: one writes a moment before the other."""
    wait_until(lambda: apart(sides) <= most, 6 * INTERVAL,
               lambda: f"{apart(sides):.1%} apart: {[side.shares() for side in sides]}")
    return apart(sides)


@suite.test
def servers_are_the_same_by_their_addresses_whatever_each_side_calls_them(world: World) -> str:
    # 9001 is shop-1 here and web-1 there; what a request costs tells whether both were counted.
    first, second = world.start(0.6 * DEMAND, 0.4 * DEMAND, prefixes=("shop", "web"))
    world.wait_level()
    time.sleep(12)
    costs, checked = [first.costs(), second.costs()], second.evenkeel.command("check").stdout
    difference = agree([first, second], 0.05)
    world.end()
    for side in costs:
        for cost, true in zip(side, COSTS):
            require(abs(cost / true - 1) <= 0.2, f"a request costs {COSTS}, and they say {costs}")
    require("none of ours" not in checked, checked)
    return f"costs {costs}, weights {difference:.1%} apart"


@suite.test
def a_standby_that_has_just_begun_takes_all_traffic_over_with_its_peers_costs(
        world: World) -> str:
    active, standby = world.start(DEMAND, 0)
    world.wait_level()
    time.sleep(6)
    standby.stop()
    standby.forget()
    standby.start()
    time.sleep(2 * INTERVAL)
    # Two intervals old, without a request of its own.
    before = standby.weights()
    world.loads[0].stop()
    active.process.signal(signal.SIGKILL)
    active.daemon.signal(signal.SIGKILL)
    world.loads = [Load(FRONTS[1], DEMAND)]
    time.sleep(INTERVAL)
    spread, weights = world.used_spread(8), standby.weights()
    served = world.loads[0].since(0)
    world.end()
    require(spread <= 1.2, f"spread {spread:.2f} with {before}, then {weights}; "
                           f"{world.evenkeel_lines(standby)}")
    require(served.failed == 0, f"{served}")
    return f"spread {spread:.2f} from the first interval on, weights {weights}; {served}"


@suite.test
def three_agree_again_after_a_stop_a_kill_and_a_reload(world: World) -> str:
    first, second, third = world.start(0.5 * DEMAND, 0.3 * DEMAND, 0.2 * DEMAND)
    world.wait_level(within=40)
    time.sleep(6 * INTERVAL)
    told = [agree(world.sides, 0.02)]
    # A partition: the first hears nothing and says nothing, and the HAProxy of the second begins anew.
    first.daemon.signal(signal.SIGSTOP)
    time.sleep(3 * INTERVAL)
    second.process.stop(within=5)
    second.balance()
    time.sleep(2 * INTERVAL)
    held = second.spread()
    first.daemon.signal(signal.SIGCONT)
    world.wait_level(within=10 * INTERVAL)
    time.sleep(3 * INTERVAL)
    told.append(agree(world.sides, 0.02))
    # A daemon that is killed, once with what it had learned and once without.
    for forgets in (False, True):
        third.daemon.signal(signal.SIGKILL)
        if forgets:
            third.forget()
        time.sleep(INTERVAL)
        third.daemon = third.evenkeel.run()
        world.wait_level(within=15 * INTERVAL)
        time.sleep(3 * INTERVAL)
        told.append(agree(world.sides, 0.02))
    costs = [side.costs() for side in world.sides]

    def known() -> list[float]:
        return [each["weights_apart"] for name, each in first.reports().items()
                if each["weights_apart"] is not None and name != f"127.0.0.1:{LIAR}"]

    # Of the last tick, which may have been before.
    wait_until(lambda: len(known()) == 2 and max(known()) <= 0.02, 6 * INTERVAL,
               lambda: f"{first.reports()}")
    used = world.used_spread(8)
    world.end()
    require(held <= 1.2, f"spread {held:.2f} after the reload in the partition")
    require(used <= 1.1, f"spread {used:.2f}")
    for side in costs:
        for cost, true in zip(side, COSTS):
            require(abs(cost / true - 1) <= 0.25, f"a request costs {COSTS}, and they say {costs}")
    return f"weights {', '.join(f'{each:.1%}' for each in told)} apart, spread {used:.2f}"


TLS_PORT = 9443
PROXY = """\
defaults
  mode http
  timeout connect 1s
  timeout client 30s
  timeout server 30s
frontend tls
  bind 127.0.0.1:{port} ssl crt {folder}/good.pem
  default_backend status
backend status
  server status 127.0.0.3:9797
"""


@suite.test
def peers_are_heard_by_a_socket_by_tls_with_a_token_and_by_a_name_with_two_addresses(
        world: World) -> str:
    folder = world.folder / "ways"
    folder.mkdir()
    certificates.make(folder)
    (folder / "token").write_text("of-the-three\n")
    (folder / "hosts").write_text(
        f"127.0.0.1 localhost {certificates.NAME}\n127.0.0.2 evenkeels.test\n"
        "127.0.0.3 evenkeels.test\n")
    (folder / "proxy.cfg").write_text(PROXY.format(port=TLS_PORT, folder=folder))
    subprocess.run(["mount", "--bind", folder / "hosts", "/etc/hosts"], check=True)
    proxy = Child("haproxy", ["haproxy", "-db", "-f", str(folder / "proxy.cfg")],
                  folder / "proxy.log")
    first = f"unix:{folder}/first.sock"
    named = {"url": "http://evenkeels.test:9797", "token_file": f"{folder}/token"}
    secured = {"url": f"https://{certificates.NAME}:{TLS_PORT}",
               "token_file": f"{folder}/token", "ca_file": f"{folder}/ca.pem"}
    hosts = ["evenkeels.test", certificates.NAME]
    try:
        world.start(0.5 * DEMAND, 0.3 * DEMAND, 0.2 * DEMAND, told=(
            {"status": {"listen": first}, "peers": [named]},
            {"status": {"listen": "127.0.0.2:9797", "hosts": hosts,
                        "token_file": f"{folder}/token"}, "peers": [first, secured]},
            {"status": {"listen": "127.0.0.3:9797", "hosts": hosts,
                        "token_file": f"{folder}/token"}, "peers": [first, named]}))
        world.wait_level(within=40)
        took = wait_until(lambda: apart(world.sides) <= 0.02, 30, world.tails)
        time.sleep(4 * INTERVAL)
        costs = [side.costs() for side in world.sides]
        # One of the third's is itself, and compared with nobody.
        heard = [[name for name, each in side.reports().items()
                  if each["up"] and each["weights_apart"] is not None] for side in world.sides]
    finally:
        world.end()
        proxy.stop(within=5)
        subprocess.run(["umount", "/etc/hosts"], check=True)
    require([len(each) for each in heard] == [2, 2, 2], f"heard: {heard}")
    for side in costs:
        for cost, true in zip(side, COSTS):
            require(abs(cost / true - 1) <= 0.2, f"a request costs {COSTS}, and they say {costs}")
    return f"within 2 % after {took:.0f} s; heard {heard}, costs {costs}"


def run_peers(report: Report, only: str | None) -> None:
    """Runs the tests whose name contains `only`, sealed off."""
    if not suite.chosen(only):
        return
    sandbox.Sandbox().run(
        [sys.executable, "-B", "-u", __file__, *([only] if only else [])],
        lambda lines, status: report.follow("the peers", lines, status))


def main() -> int:
    only = sys.argv[1] if len(sys.argv) > 1 else None
    folder, _ = sandbox.enter()
    world = World(folder, binary())
    return 0 if suite.run(suite.chosen(only), world, on_failure=world.report_failure) else 1


if __name__ == "__main__":
    sys.exit(main())
