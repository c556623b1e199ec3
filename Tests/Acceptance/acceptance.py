#!/usr/bin/python3
"""evenkeel against a real Docker, cAdvisor and HAProxy. Started by `run.py --docker`.

One bed for all tests. Each brings it to where it begins (a daemon under a known configuration, a
level cluster), so any of them may run alone.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import haproxy
import monitoring
import page
from bed import COST_MS, LEVEL, Bed
from cadvisor import PORT as CADVISOR_PORT, CAdvisor, Overheard
from clients import Flood, Terminal
from evenkeel import Evenkeel, binary
from processes import Child
from runner import Failure, Suite, require, say, wait_until

SHORT = 2.0
SETTLES_WITHIN = 60
FULL = 0.95
# With them there are sixteen containers to each of two servers.
IDLE = 26
STATUS = "127.0.0.1:9798"
TOKEN = "token-2718-page"


class World:
    """The bed with evenkeel in it."""

    # What `a_quota_on_the_cgroup_above_is_read` puts containers in.
    slices = {"shop": 0.4}

    def __init__(self, program: str) -> None:
        self.bed = Bed(slices=self.slices)
        self.program = program
        self.daemon: Child | None = None
        self.configured: str | None = None

    def configuration(self, interval: str | None) -> dict:
        """The common case: one cAdvisor, one balancer, one backend."""
        wanted = {
            "cadvisors": [CAdvisor.url],
            "balancers": [{"name": "lb1", "address": f"unix:{self.bed.haproxy.socket}"}],
            # What a test sets by hand is to be put right, and not to be respected.
            "backends": [{"name": haproxy.BACKEND, "pattern": "api-.*", "respect": "0s"}],
        }
        return wanted if interval is None else {"interval": interval, **wanted}

    def evenkeel(self, name: str, configuration: dict) -> Evenkeel:
        return Evenkeel(self.program, self.bed.folder, name, configuration)

    def start(self, name: str, configuration: dict) -> Child:
        """The daemon under this configuration, and no other."""
        if self.daemon is not None and self.daemon.running() and self.configured == name:
            return self.daemon
        self.stop()
        self.daemon, self.configured = self.evenkeel(name, configuration).run(), name
        return self.daemon

    def stop(self) -> None:
        if self.daemon is not None and self.daemon.running():
            self.daemon.stop()
        self.daemon = None

    def start_unlevel(self, rate: float | None = None) -> None:
        """No daemon, equal weights, and the load on them, or one of another rate."""
        self.stop()
        self.bed.haproxy.set_weights(dict.fromkeys(self.bed.names, 100))
        if rate is not None:
            self.bed.stop_load()
        self.bed.start_load(rate)

    def start_level(self) -> Child:
        """The daemon at a short interval with ten ticks behind it, all level, the queues short."""
        before = self.daemon
        load = self.bed.start_load()
        daemon = self.start("short", self.configuration(f"{SHORT:g}s"))
        if daemon is not before:
            time.sleep(10 * SHORT)
        if self.bed.meter.last(10).spread > 1.15 or len(self.bed.meter.last(10).utilisation) < 6:
            self.bed.wait_level(within=SETTLES_WITHIN)
        wait_until(lambda: load.in_flight() < 60, SETTLES_WITHIN,
                   lambda: f"{load.in_flight()} requests still under way")
        return daemon

    def shares(self) -> dict[str, float]:
        """Each server's part of all weights: what round robin gives it of the requests."""
        weights = self.bed.haproxy.weights()
        return {name: weight / sum(weights.values()) for name, weight in weights.items()}

    def require_alive(self) -> None:
        """The daemon of the test's beginning still runs."""
        require(self.daemon is not None, "no daemon")
        self.daemon.require_running()

    def report_failure(self) -> None:
        say(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        if self.daemon is not None:
            say(f"--- the end of evenkeel's log:\n{self.daemon.tail(40)}\n---")


def off(share: float, before: float) -> float:
    """By which factor two shares differ, 1 or more."""
    return max(share / before, before / share) if min(share, before) > 0 else float("inf")


def furthest(now: dict[str, float], before: dict[str, float]) -> float:
    return max(off(now[name], before[name]) for name in before)


def require_steering(world: World, within: float = 40) -> str:
    """Puts one weight wrong by hand, as an operator might, and waits until it is right again."""
    before = world.shares()
    wrong = world.bed.haproxy.weights()
    victim = max(wrong, key=lambda name: wrong[name])
    world.bed.haproxy.set_weights({victim: max(1, wrong[victim] // 3)})
    took = wait_until(
        lambda: furthest(world.shares(), before) < 1.25, within,
        lambda: f"{victim} was set to a third by hand and not put right: "
                f"{world.bed.haproxy.weights()}")
    return f"a wrong weight put right in {took:.1f} s"


suite = Suite()


@suite.test
def init_writes_a_configuration_that_fits(world: World) -> str:
    file = world.bed.folder / "first.json"
    evenkeel = world.evenkeel("first", {})
    file.unlink()

    def init(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [world.program, "init", "--socket", str(world.bed.haproxy.socket), "--output",
             str(file), *arguments], text=True, capture_output=True, stdin=subprocess.DEVNULL,
            timeout=30)

    refused = init()
    require(refused.returncode == 1 and "--yes" in refused.stderr and not file.exists(),
            f"written without asking: {refused.stdout}{refused.stderr}")
    made = init("--yes")
    require(made.returncode == 0, f"init exits {made.returncode}: {made.stdout}{made.stderr}")
    written = json.loads(file.read_text())
    require(written["mode"] == "observe" and written["sources"] == {"servers": {"port": CADVISOR_PORT}}
            and written["backends"] == [{"name": haproxy.BACKEND, "pattern": "api-.*"}],
            f"it wrote {written}")
    again = init("--control")
    require(again.returncode == 1 and "--force" in again.stderr, f"written over: {again.stderr}")
    forced = init("--control", "--force", "--yes")
    require(forced.returncode == 0, forced.stderr)
    require(f"evenkeel check --config {file}" in forced.stderr, forced.stderr)
    printed = subprocess.run(
        [world.program, "init", "--socket", str(world.bed.haproxy.socket), "--control", "--output", "-"],
        text=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=30)
    require(printed.stdout == file.read_text(), f"printed {printed.stdout}{printed.stderr}")
    piped = subprocess.run([world.program, "check", "--offline", "--config", "-"], text=True,
                           input=printed.stdout, capture_output=True, timeout=30)
    require(piped.returncode == 0, piped.stderr)
    check = evenkeel.command("check")
    require(check.returncode == 0, f"check exits {check.returncode}: {check.stdout}{check.stderr}")
    command = [world.program, "init", "--socket", str(world.bed.haproxy.socket), "--output", str(file)]
    for options, answer, asks, writes in ([], "n", True, False), ([], "y", True, True), \
            (["--yes"], None, False, True):
        file.unlink(missing_ok=True)
        with Terminal(command + options, rows=40, columns=120) as terminal:
            if answer is not None:
                wait_until(lambda: "[y/N]" in terminal.read(), 20, terminal.read)
                terminal.write(answer + "\n")
            wait_until(lambda: terminal.read() is not None and terminal.process.poll() is not None,
                       20, terminal.read)
            require(("[y/N]" in terminal.text, file.exists()) == (asks, writes),
                    f"{options}, {answer}: {terminal.text}")
    return f"one backend, no list of cAdvisors, pattern {written['backends'][0]['pattern']}"


@suite.test
def check_names_all_servers_and_plan_changes_nothing(world: World) -> str:
    world.start_unlevel()
    evenkeel = world.evenkeel("short", world.configuration(f"{SHORT:g}s"))
    check = evenkeel.command("check")
    require(check.returncode == 0,
            f"check exits {check.returncode}: {check.stdout}{check.stderr}")
    absent = [name for name in world.bed.names if name not in check.stdout]
    require(not absent, f"check does not name {absent}: {check.stdout}")
    answers = {}
    for command in ("check", "plan"):
        done = evenkeel.command(command, "--json")
        require(done.returncode == 0, f"{command} exits {done.returncode}: {done.stdout}{done.stderr}")
        try:
            answers[command] = json.loads(done.stdout)
        except ValueError as error:
            raise Failure(f"{command} prints no JSON ({error}): {done.stdout[:300]}") from error
    weights = world.bed.haproxy.weights()
    require(set(weights.values()) == {100}, f"plan or check changed weights: {weights}")
    promise = answers["plan"]["promises"][0]
    wanted = {each["name"]: each["weights"][0]["wanted"]
              for each in answers["plan"]["backends"][0]["servers"]}
    order = sorted(world.bed.containers, key=lambda each: each.quota)
    require([each.name for each in order] == sorted(wanted, key=wanted.get),
            f"planned {wanted} for {[(each.name, each.quota) for each in order]}: {promise}")
    require(promise["missing"] is None and promise["expected_spread"] < promise["spread"], f"{promise}")
    return f"six servers named, weights untouched; {promise['sentence']}"


@suite.test
def observe_mode_never_writes(world: World) -> str:
    wanted: dict[str, int] = {}

    def wants_to_write() -> bool:
        for server in reported()["backends"][0]["servers"]:
            weight = server["weights"][0]
            if weight["wanted"] != weight["standing"]:
                wanted[server["name"]] = weight["wanted"]
        return bool(wanted)

    # The fullest server can do it, so that no queue is left to be worked off.
    world.start_unlevel(world.bed.rate_at(0.25))
    try:
        world.start("observe", {**world.configuration(f"{SHORT:g}s"), "mode": "observe",
                                "status": {"listen": STATUS}})
        wait_until(lambda: answers(f"http://{STATUS}/readyz"), 20, lambda: world.daemon.tail())
        # Else it would not write in any mode.
        wait_until(wants_to_write, SETTLES_WITHIN, lambda: f"it plans nothing: {world.daemon.tail()}")
        start = time.monotonic()
        time.sleep(5 * SHORT)
        world.require_alive()
        weights, levels = world.bed.haproxy.weights(), world.bed.meter.levels(start)
    finally:
        # The others have the usual load.
        world.bed.stop_load()
    require(set(weights.values()) == {100}, f"it observes only, yet weights are {weights}")
    require(levels.spread > LEVEL, f"equal weights were level: {levels}")
    return (f"an unlevel fleet, {levels}, for which it wanted {wanted}; weights untouched for five "
            f"intervals")


@suite.test
def unequal_containers_are_level_within_a_minute(world: World) -> str:
    bed = world.bed
    world.stop()
    bed.wait_idle()
    world.start_unlevel()
    time.sleep(2)
    start = time.monotonic()
    time.sleep(5)
    before = bed.meter.levels(start)
    require(before.spread > LEVEL, f"equal weights were level already: {before}")
    world.start("default", world.configuration(None))
    settled = bed.wait_settled(within=SETTLES_WITHIN, stays=30)
    served, end = bed.load.since(time.monotonic() - 20), bed.meter.last(10)
    world.require_alive()
    seen = f"{before.spread:.2f} before; {settled}; last 20 s: {served}"
    require(served.failed == 0, f"level, but requests failed: {seen}")
    require(end.fullest < FULL, f"level, but not below full: {seen}")
    return seen


def require_reload_survived(
    world: World, names: list[str], within: float = 2 * SHORT + 1
) -> str:
    """Reloads HAProxy, which forgets all weights, and waits for the earlier shares of `names`."""
    bed = world.bed
    before, start = world.shares(), time.monotonic()
    bed.haproxy.reload()
    took = wait_until(
        lambda: furthest(world.shares(), {name: before[name] for name in names}) < 1.2,
        within, lambda: f"weights {bed.haproxy.weights()}, shares before "
                        f"{' '.join(f'{share:.2f}' for share in before.values())}", 0.05)
    _, levels = bed.wait_level(within=45)
    world.require_alive()
    served = bed.load.since(start)
    require(served.failed == 0, str(served))
    return f"weights back in {took:.1f} s; {levels}; {served}"


@suite.test
def a_haproxy_reload_is_seen_between_two_ticks(world: World) -> str:
    """At the default interval of ten seconds."""
    before = world.daemon
    world.bed.start_load()
    if world.start("default", world.configuration(None)) is not before \
            or world.bed.meter.last(10).spread > LEVEL:
        world.bed.wait_level(within=SETTLES_WITHIN)
    require_steering(world)
    return require_reload_survived(world, world.bed.names, within=4)


@suite.test
def a_haproxy_reload_costs_two_intervals_at_most(world: World) -> str:
    world.start_level()
    require_steering(world)
    return require_reload_survived(world, world.bed.names)


@suite.test
def a_haproxy_reload_is_survived_by_an_evenkeel_that_never_wrote(world: World) -> str:
    """It has no weights of its own to put back, so small servers may have queues to work off."""
    world.start_level()
    world.stop()
    world.start_level()
    return require_reload_survived(world, ["api-6"])


@suite.test
def a_neighbour_on_the_host_is_survived(world: World) -> str:
    world.start_level()
    bed = world.bed
    neighbour = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    start = time.monotonic()
    try:
        took, during = bed.wait_level(within=40)
    finally:
        neighbour.kill()
        neighbour.wait()
    _, levels = bed.wait_level(within=40, window=10)
    served = bed.load.since(start)
    world.require_alive()
    require(served.failed == 0, f"{during}; {served}")
    return f"with a whole core gone: {during} after {took:.0f} s; then {levels}; {served}"


@suite.test
def a_restarted_container_is_level_again_within_a_minute(world: World) -> str:
    world.start_level()
    bed = world.bed
    start = time.monotonic()
    bed.docker.restart(bed.container("api-4"))
    wait_until(lambda: bed.haproxy.up("api-4"), 15, "api-4 did not come back")
    took, levels = bed.wait_level(within=SETTLES_WITHIN)
    served = bed.load.since(start)
    world.require_alive()
    require(served.failed <= 5, f"{levels}; {served}")
    return f"{levels} after {took:.0f} s; {served}"


@suite.test
def a_removed_container_is_held_and_taken_back(world: World) -> str:
    world.start_level()
    bed = world.bed
    weights, shares = bed.haproxy.weights(), world.shares()
    others = [name for name in bed.names if name != "api-2"]
    bed.docker.remove(bed.container("api-2"))
    wait_until(lambda: not bed.haproxy.up("api-2"), 10, "HAProxy has not seen api-2 go")
    _, without = bed.wait_level(within=40, window=15, names=others)
    gone = bed.haproxy.weights()
    require(gone["api-2"] == weights["api-2"],
            f"api-2 is gone, its weight {weights['api-2']} became {gone['api-2']}")
    left = sum(weights[name] for name in others)
    drift = furthest({name: gone[name] / sum(gone[other] for other in others) for name in others},
                     {name: weights[name] / left for name in others})
    require(drift < 1.3, f"the others' weights moved by a factor {drift:.2f}: {weights}, {gone}")
    world.require_alive()
    bed.docker.run(bed.container("api-2"), COST_MS)
    wait_until(lambda: bed.haproxy.up("api-2"), 15, "api-2 did not come back")
    took, levels = bed.wait_level(within=SETTLES_WITHIN)
    # It comes back step by step, and a server with less than its due makes no spread.
    wait_until(lambda: off(world.shares()["api-2"], shares["api-2"]) < 1.4, 30,
               lambda: f"api-2's share is not back: {bed.haproxy.weights()}")
    world.require_alive()
    return f"without it {without}; back after {took:.0f} s: {levels}"


@suite.test
def a_few_servers_among_many_containers_are_asked_for_alone(world: World) -> str:
    world.stop()
    bed = world.bed
    bed.wait_idle()
    servers, idle = bed.containers[-2:], [f"idle-{number}" for number in range(IDLE)]
    overheard = Overheard(8090)

    due = {each.name: each.quota / sum(other.quota for other in servers) for each in servers}

    def since(start: int, what: str) -> list[str]:
        return [path for path in overheard.asked[start:] if what in path]

    def levelled_and_steered() -> str:
        wait_until(lambda: furthest(world.shares(), due) < 1.1, SETTLES_WITHIN,
                   lambda: f"not by their quotas: {bed.haproxy.weights()}; {world.daemon.tail(20)}")
        return require_steering(world)

    try:
        with ThreadPoolExecutor(4) as starters:
            list(starters.map(bed.docker.run_idle, idle))
        bed.haproxy.close()
        bed.haproxy = haproxy.HAProxy(bed.folder, servers)
        wait_until(lambda: all(bed.haproxy.up(each.name) for each in servers), 20, "not up")
        # So little that the host is at most half busy, clients and all.
        bed.start_load(bed.rate_at(0.1))
        world.start("few", {**world.configuration(f"{SHORT:g}s"), "cadvisors": [overheard.url]})
        wait_until(lambda: len(since(0, "type=name")) >= 4, 30,
                   lambda: f"all are asked for: {overheard.asked[-5:]}")
        start = len(overheard.asked)
        time.sleep(12 * SHORT)
        lists, alone = since(start, "type=docker"), since(start, "type=name")
        require(len(lists) <= 1, f"{len(lists)} lists of all")
        require(len(set(alone)) == 2 and len(alone) >= 18, f"{len(alone)} of {set(alone)}")
        righted = levelled_and_steered()
        # Another container in the place of one, as in a deployment.
        start = len(overheard.asked)
        bed.docker.remove(servers[0])
        bed.docker.run(servers[0], COST_MS)
        wait_until(lambda: bed.haproxy.up(servers[0].name), 15, f"{servers[0].name} is not back")
        took = wait_until(lambda: len(since(start, "type=docker")) > 1, 10,
                          "what replaced a container is not looked for")
        righted_again = levelled_and_steered()
        world.require_alive()
    finally:
        overheard.close()
        world.stop()
        bed.docker.remove_neighbours(*idle)
        bed.renew("roundrobin")
    return (f"{len(alone)} times the two and {len(lists)} times all of {IDLE + 6} in 12 intervals, "
            f"{righted}; one replaced: all after {took:.1f} s, {righted_again}")


@suite.test
def a_quota_on_the_cgroup_above_is_read(world: World) -> str:
    world.stop()
    bed = world.bed
    bed.wait_idle()
    inner = [bed.container("api-5"), bed.container("api-6")]

    def again(parent: str | None) -> None:
        for each in inner:
            bed.docker.remove(each)
            each.parent = parent
            bed.docker.run(each, COST_MS)
        wait_until(lambda: all(bed.haproxy.up(each.name) for each in inner), 20,
                   "the containers did not come back")

    shop = world.slices["shop"]
    again(bed.docker.slice("shop", shop))
    evenkeel = world.evenkeel("check", world.configuration(None))
    wanted = {each.name: shop if each in inner else each.quota for each in bed.containers}
    found: dict[str, float] = {}

    def is_read() -> bool:
        report = json.loads(evenkeel.command("check", "--json").stdout)
        found.update({each["name"]: each["quota_cores"] or 0
                      for each in report["backends"][0]["servers"]})
        return all(abs(found[name] - wanted[name]) < 0.001 for name in wanted)

    start = time.monotonic()
    try:
        # Should cAdvisor have missed a cgroup that is none of Docker's, it looks at all again once a
        # minute.
        wait_until(is_read, 90, lambda: f"limits {found}, wanted {wanted}", every=2)
    finally:
        again(None)
    return f"limits {found} after {time.monotonic() - start:.0f} s"


@suite.test
def a_paused_container_is_held(world: World) -> str:
    world.start_level()
    bed = world.bed
    before, start = bed.haproxy.weights(), time.monotonic()
    paused = bed.container("api-3")
    bed.docker.pause(paused)
    try:
        wait_until(lambda: not bed.haproxy.up("api-3"), 10, "HAProxy has not seen the pause")
        # Until then its queue may have been a reason to lower the weight, and nothing to raise it.
        time.sleep(0.5 * SHORT)
        down = bed.haproxy.weights()
        time.sleep(4 * SHORT)
        during = bed.haproxy.weights()
    finally:
        bed.docker.unpause(paused)
    require(during["api-3"] == down["api-3"] <= 1.25 * before["api-3"],
            f"api-3 had weight {before['api-3']}, {down['api-3']} when HAProxy took it out, "
            f"{during['api-3']} later")
    wait_until(lambda: bed.haproxy.up("api-3"), 10, "api-3 did not come back")
    took, levels = bed.wait_level(within=SETTLES_WITHIN)
    served = bed.load.since(start)
    world.require_alive()
    require(served.failed == 0, f"{levels}; {served}")
    return (f"weight {before['api-3']}, {during['api-3']} while out; {levels} after {took:.0f} s; "
            f"{served}")


@suite.test
def a_hanging_cadvisor_holds_all_weights(world: World) -> str:
    daemon = world.start_level()
    bed = world.bed
    bed.cadvisor.freeze()
    try:
        time.sleep(SHORT)
        weights = bed.haproxy.weights()
        time.sleep(4 * SHORT)
        held = bed.haproxy.weights()
        world.require_alive()
    finally:
        bed.cadvisor.thaw()
    require(held == weights, f"weights {weights} became {held} without a reading")
    seen = require_steering(world)
    require(daemon.running(), "the daemon was replaced")
    return f"held for {4 * SHORT:g} s; afterwards {seen}"


@suite.test
def a_killed_cadvisor_holds_all_weights(world: World) -> str:
    world.start_level()
    bed = world.bed
    bed.cadvisor.kill()
    try:
        time.sleep(SHORT)
        weights = bed.haproxy.weights()
        time.sleep(4 * SHORT)
        held = bed.haproxy.weights()
        world.require_alive()
    finally:
        bed.cadvisor.start()
    require(held == weights, f"weights {weights} became {held} without a reading")
    return f"held for {4 * SHORT:g} s; afterwards {require_steering(world)}"


@suite.test
def sigterm_ends_it_within_a_second_and_leaves_the_weights(world: World) -> str:
    daemon = world.start_level()
    weights = world.bed.haproxy.weights()
    status, took = daemon.stop()
    require(status == 0 and took <= 1, f"exit status {status} after {took:.2f} s")
    after = world.bed.haproxy.weights()
    require(after == weights, f"weights {weights} before, {after} after")
    return f"exit status 0 after {took * 1000:.0f} ms, weights {list(after.values())}"


@suite.test
def sigterm_ends_it_within_a_second_while_cadvisor_hangs(world: World) -> str:
    daemon = world.start("short", world.configuration(f"{SHORT:g}s"))
    time.sleep(1.5 * SHORT)
    world.bed.cadvisor.freeze()
    try:
        time.sleep(1.1 * SHORT)
        status, took = daemon.stop()
    finally:
        world.bed.cadvisor.thaw()
    require(status == 0 and took <= 1, f"exit status {status} after {took:.2f} s")
    return f"exit status 0 after {took * 1000:.0f} ms"


def watched(world: World) -> str:
    """A level daemon whose status is at the URL returned, with a token for nobody."""
    world.stop()
    world.start("watched", {**world.configuration(f"{SHORT:g}s"), "status": {"listen": STATUS}})
    url = f"http://{STATUS}/"
    wait_until(lambda: answers(url + "readyz"), 20, lambda: world.daemon.tail())
    return url


def reported() -> dict:
    """What a daemon whose status is at `STATUS` tells of itself."""
    return page.api(f"http://{STATUS}/")


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


@suite.test
def status_and_explain_tell_what_is_done_and_why(world: World) -> str:
    world.bed.start_load()
    watched(world)
    evenkeel = world.evenkeel("watched", json.loads((world.bed.folder / "watched.json").read_text()))
    name = sorted(world.bed.names)[0]
    wait_until(lambda: f"{haproxy.BACKEND}/{name}" not in evenkeel.command("status").stdout
               and "steering" in evenkeel.command("status").stdout, 30, "it does not steer")
    shown = evenkeel.command("status")
    require(shown.returncode == 0 and all(each in shown.stdout for each in world.bed.names),
            f"status: {shown.stdout}{shown.stderr}")
    require("\x1b" not in shown.stdout, "escape sequences in a pipe")
    report = json.loads(evenkeel.command("status", "--json").stdout)
    weights = {server["name"]: server["weights"][0]["standing"]
               for server in report["backends"][0]["servers"]}
    require(report["version"] == 1 and set(weights) == set(world.bed.names), f"status: {weights}")
    explained = evenkeel.command("explain", haproxy.BACKEND, name)
    for step in ("samples", "CPU use", "limits", "utilisation", "cost", "aim", "weight", "dead band"):
        require(f"\n{step}" in explained.stdout, f"no {step}: {explained.stdout}{explained.stderr}")
    stranger = evenkeel.command("explain", haproxy.BACKEND, "nobody")
    require(stranger.returncode == 1 and "no server" in stranger.stderr, f"explain: {stranger}")
    plugin = evenkeel.command("status", "--nagios", "--warning", "9")
    require(plugin.returncode == 0 and plugin.stdout.startswith("EVENKEEL OK - ")
            and " | '" in plugin.stdout and plugin.stdout.count("\n") == 1, f"plugin: {plugin}")
    alarmed = evenkeel.command("status", "--nagios", "--critical", "0.5")
    require(alarmed.returncode == 2 and "CRITICAL" in alarmed.stdout, f"plugin: {alarmed}")
    world.stop()
    gone = evenkeel.command("status")
    require(gone.returncode == 69 and "is evenkeel running" in gone.stderr, f"status: {gone}")
    plugin = evenkeel.command("status", "--nagios")
    require(plugin.returncode == 2 and plugin.stdout.startswith("EVENKEEL CRITICAL"), f"{plugin}")
    return explained.stdout.splitlines()[5]


@suite.test
def the_live_view_fits_its_terminal_and_gives_it_back(world: World) -> str:
    world.bed.start_load()
    watched(world)
    command = [world.program, "status", "--watch", "--config", str(world.bed.folder / "watched.json")]
    with Terminal(command, rows=24, columns=100) as terminal:
        wait_until(lambda: world.bed.names[0] in terminal.read(), 20, terminal.read)
        require("\x1b[?1049h" in terminal.text and "\x1b[2J" not in terminal.text,
                "it is not on a screen of its own, or clears it to flicker")
        require(terminal.widest() <= 100, f"{terminal.widest()} columns in a window of 100")
        terminal.resize(10, 40)
        wait_until(lambda: "more lines" in terminal.read(), 20, terminal.read)
        require(terminal.widest() <= 40, f"{terminal.widest()} columns in a window of 40")
        status = terminal.interrupt()
        require(status == 0, f"ctrl-C ends it with {status}")
        require(terminal.text.endswith("\x1b[?25h\x1b[?1049l"), "the terminal is not given back")
    with Terminal(command, rows=24, columns=100, environment={"NO_COLOR": "1"}) as plain:
        wait_until(lambda: world.bed.names[0] in plain.read(), 20, plain.read)
        require(not re.search(r"\x1b\[[0-9;]*m", plain.text), "colours in spite of NO_COLOR")
        plain.interrupt()
    return "resized, interrupted, plain"


@suite.test
def prometheus_alerts_and_dashboard_fit_what_is_measured(world: World) -> str:
    world.bed.start_load()
    url = watched(world)
    time.sleep(2 * SHORT)
    metrics = monitoring.read(url + "metrics")
    return "; ".join([
        monitoring.check_metrics(url), monitoring.check_rules(metrics),
        monitoring.check_dashboard(metrics), monitoring.check_prometheus(url)])


@suite.test
def the_page_shows_it_all_in_a_real_browser(world: World) -> str:
    world.bed.start_load()
    url = watched(world)
    pictures = os.environ.get("EVENKEEL_PICTURES")
    seen = page.check_page(url, stop=world.stop, restart=lambda: watched(world),
                           pictures=Path(pictures) if pictures else None)
    token = world.bed.folder / "status-token"
    token.write_text(TOKEN + "\n")
    world.start("guarded", {**world.configuration(f"{SHORT:g}s"),
                            "status": {"listen": STATUS, "token_file": str(token)}})
    wait_until(lambda: answers(url + "readyz"), 20, lambda: world.daemon.tail())
    return f"{seen}; with a token: {page.check_token(url, TOKEN)}"


@suite.test
def hostile_clients_of_the_status_delay_no_tick(world: World) -> str:
    world.bed.start_load()
    url = watched(world)

    def ticks() -> tuple[int, float]:
        metrics = monitoring.read(url + "metrics")
        return (int(re.search(r"^evenkeel_ticks_total (\d+)", metrics, re.MULTILINE)[1]),
                float(re.search(r"^evenkeel_tick_duration_seconds_sum (\S+)", metrics, re.MULTILINE)[1]))
    with Flood(STATUS) as flood:
        before, start = ticks(), time.monotonic()
        time.sleep(10 * SHORT)
        after, seconds = ticks(), time.monotonic() - start
    done = after[0] - before[0]
    require(done >= seconds / SHORT - 2, f"{done} ticks in {seconds:.0f} s")
    mean = (after[1] - before[1]) / done
    require(mean < SHORT / 2, f"a tick takes {mean:.2f} s")
    require("longer than the interval" not in world.daemon.log.read_text(), world.daemon.tail())
    world.require_alive()
    status, seconds = world.daemon.stop()
    require(status == 0 and seconds < 1.5, f"SIGTERM: status {status} after {seconds:.1f} s")
    return f"{flood.answered} answers taken, {flood.held} connections held; a tick took {mean * 1000:.0f} ms"


@suite.test
def the_demo_is_better_after_than_before_and_leaves_nothing(world: World) -> str:
    world.stop()
    world.bed.stop_load()
    folder = world.bed.folder / "demo"
    folder.mkdir(exist_ok=True)
    others = haproxy.processes()
    done = subprocess.run(
        [world.program, "demo", "--seconds", "40", "--json"], text=True, capture_output=True,
        stdin=subprocess.DEVNULL, timeout=90, env={**os.environ, "TMPDIR": str(folder)})
    require(done.returncode == 0, f"exit status {done.returncode}: {done.stderr[-500:]}")
    summary = json.loads(done.stdout)
    before, after = summary["before"], summary["after"]
    for each in (before, after):
        require({"spread", "p50_ms", "p99_ms", "weights"} <= set(each), f"no summary: {summary}")
    require(after["spread"] < before["spread"] and after["p99_ms"] < before["p99_ms"],
            f"no better: {summary}")
    require(haproxy.processes() == others, "a HAProxy outlived the demo")
    require(not list(folder.iterdir()), f"left behind: {list(folder.iterdir())}")
    return (f"spread {before['spread']:.2f} → {after['spread']:.2f}, "
            f"p99 {before['p99_ms']:.0f} → {after['p99_ms']:.0f} ms")


@suite.test
def as_the_first_process_of_a_container_it_ends_on_sigterm(world: World) -> str:
    world.stop()
    evenkeel = world.evenkeel("first", world.configuration(f"{SHORT:g}s"))
    # Swift's runtime looks for its threads in /proc, so that has to be the namespace's own.
    command = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc",
               world.program, "run", "--config", str(evenkeel.file)]
    with open(evenkeel.log, "wb") as log:
        outer = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                 env=evenkeel.environment)
    try:
        wait_until(lambda: "ready" in evenkeel.log.read_text() or outer.poll() is not None, 20,
                   lambda: f"not ready: {evenkeel.log.read_text()}")
        require(outer.poll() is None, f"ended early with {outer.poll()}: {evenkeel.log.read_text()}")
        children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text().split()
        status = Path(f"/proc/{children[0]}/status").read_text()
        inside = next(line.split()[-1] for line in status.splitlines() if line.startswith("NSpid"))
        require(inside == "1", f"it is process {inside} of its namespace")
        os.kill(int(children[0]), signal.SIGTERM)
        code = outer.wait(timeout=5)
    finally:
        outer.kill()
        outer.wait()
    require(code == 0, f"exit status {code}: {evenkeel.log.read_text()}")
    return "exit status 0"


@suite.test
def the_2015_configuration_works_as_it_stands(world: World) -> str:
    world.start_unlevel()
    bed = world.bed
    world.start("2015", {
        "pattern": "api-.*", "backend": haproxy.BACKEND,
        "haproxy_socket": str(bed.haproxy.socket), "urls": [CAdvisor.url],
    })
    settled = bed.wait_settled(within=SETTLES_WITHIN, stays=20)
    world.require_alive()
    return settled


@suite.test
def once_does_one_pass_and_ends(world: World) -> str:
    world.stop()
    world.bed.start_load()
    start = time.monotonic()
    done = world.evenkeel("short", world.configuration(f"{SHORT:g}s")).command("once")
    took = time.monotonic() - start
    require(done.returncode == 0, f"once exits {done.returncode}: {done.stdout}{done.stderr}")
    return f"exit status 0 after {took:.1f} s, weights {list(world.bed.haproxy.weights().values())}"


def main() -> int:
    only = sys.argv[1] if len(sys.argv) > 1 else None
    names = suite.chosen(only)
    if not names:
        return 0 if suite.run(names) else 1
    world = World(binary())
    return 0 if suite.run(names, world, on_failure=world.report_failure) else 1


if __name__ == "__main__":
    sys.exit(main())
