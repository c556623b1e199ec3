#!/usr/bin/python3
"""evenkeel with every source of load that it reads, each the real program. Started by `run.py --sources`.

The bed is that of the other tests, and so are the promises: level within a minute, and weights held
while the source is away.
"""

import contextlib
import http.server
import json
import signal
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import certificates
from acceptance import (
    FULL, SETTLES_WITHIN, SHORT, STATUS, World, furthest, reported, require_steering)
from bed import COST_MS, LEVEL
from cadvisor import PORT as CADVISOR_PORT, CAdvisor
from containers import Container, Podman
from evenkeel import binary
from meter import cpu_seconds
from processes import Child
from runner import Suite, require, wait_until


class SourcedWorld(World):
    """The bed with evenkeel in it, which reads the load from wherever a test says."""

    sources: object = None
    slices = {}

    def configuration(self, interval: str | None) -> dict:
        wanted = super().configuration(interval)
        del wanted["cadvisors"]
        return {"sources": self.sources, "status": {"listen": STATUS}, **wanted}

    def start_with(self, name: str, sources: object, interval: str | None = None) -> None:
        self.sources = sources
        self.start(f"{name}-{interval or 'default'}", self.configuration(interval))

    def hasten(self) -> None:
        """The daemon goes on at a short interval with what it has learned, and six ticks more."""
        self.require_alive()
        before = len(self.daemon.log.read_text())
        self.evenkeel(self.configured, self.configuration(f"{SHORT:g}s"))
        self.configured = f"{self.configured}-hastened"
        self.daemon.signal(signal.SIGHUP)
        wait_until(lambda: "configuration reloaded" in self.daemon.log.read_text()[before:], 20,
                   lambda: f"it does not reload: {self.daemon.tail(20)}")
        self.bed.wait_level(within=SETTLES_WITHIN, window=6 * SHORT)


suite = Suite()

# Of the source; or of the backend, where one that answers has nothing new to say.
LOST = ("hold their weights", "all weights held")
BACK = ("answers again", ": steering")
# Then the news of it are told every ten minutes.
FLAPPING = "this keeps coming and going"
# Seconds for which a sample is fresh at short intervals: as long, what it says holds.
FRESH_FOR = 60


def levels(world: SourcedWorld, name: str, sources: object) -> str:
    """From equal weights to level for good, as with cAdvisor's API."""
    bed = world.bed
    world.stop()
    bed.wait_idle()
    world.start_unlevel()
    time.sleep(2)
    start = time.monotonic()
    time.sleep(5)
    before = bed.meter.levels(start)
    require(before.spread > LEVEL, f"equal weights were level already: {before}")
    world.start_with(name, sources)
    settled = bed.wait_settled(within=SETTLES_WITHIN, stays=10)
    served, end = bed.load.since(time.monotonic() - 20), bed.meter.last(10)
    world.require_alive()
    seen = f"{before.spread:.2f} before; {settled}; last 20 s: {served}"
    require(served.failed == 0, f"level, but requests failed: {seen}")
    require(end.fullest < FULL, f"level, but not below full: {seen}")
    return seen


@dataclass
class Way:
    """How a source goes away and comes back. By `turns`, each with its name, what is in its place
    becomes something else meanwhile."""
    name: str
    goes: Callable[[], None]
    comes: Callable[[], None]
    turns: tuple[tuple[str, Callable[[], None]], ...] = ()


def begins_level(world: SourcedWorld, name: str, sources: object,
                 interval: float = SHORT) -> None:
    """The daemon at a short interval with six ticks behind it, over what was level before."""
    bed = world.bed
    world.stop()
    # No queue is left of an unlevel start: it would be cleared by weights, whatever the source says.
    bed.wait_idle()
    bed.haproxy.set_weights(bed.ideal_weights())
    bed.start_load()
    world.start_with(name, sources, f"{interval:g}s")
    bed.wait_level(within=SETTLES_WITHIN, window=6 * interval)


def is_held_in_every_way(world: SourcedWorld, ways: list[Way], interval: float = SHORT,
                         blind: str = "") -> str:
    """While the source is away, in one way after the other, no weight goes wrong, and it is said;
    when it is back, a wrong one is put right. In the way called `blind` it is away until no sample
    is fresh any more: then every weight stays, a wrong one too."""
    return "; ".join(f"{way.name}: {is_held(world, way, interval, way.name == blind)}"
                     for way in ways)


def is_held(world: SourcedWorld, way: Way, interval: float, is_blind: bool) -> str:
    haproxy, before_it = world.bed.haproxy, len(world.daemon.log.read_text())

    def news(texts: tuple[str, ...]) -> bool:
        log = world.daemon.log.read_text()[before_it:]
        return any(text in log for text in texts)

    is_counted = FLAPPING in world.daemon.log.read_text()[:before_it]
    way.goes()
    try:
        if is_blind or is_counted:
            time.sleep(3 * interval + (FRESH_FOR if is_blind else 0))
        else:
            # What was read before is acted on within an interval.
            end = time.monotonic() + 2 * interval
            while not news(LOST) and time.monotonic() < end:
                time.sleep(0.1)
            time.sleep(interval)
        right, wrong, victim = world.shares(), {}, ""
        # All is level: only what makes it unlevel tells one who holds from one who has nothing to
        # do. Small servers take so little with them that nothing queues at the others; each in its
        # turn, for who writes one twice within six intervals has it to himself.
        small = cycle(sorted(right, key=lambda name: right[name])[len(right) // 3::-1])
        for kind, turn in ((way.name, None), *way.turns):
            if turn is not None:
                turn()
            if haproxy.weights() != wrong:
                victim, wrong = next(small), haproxy.weights()
                wrong[victim] = max(1, wrong[victim] // 3)
                haproxy.set_weights({victim: wrong[victim]})
            time.sleep(4 * interval)
            after, shares = haproxy.weights(), world.shares()
            world.require_alive()
            # What was learned while samples were fresh may put it right; nothing may go
            # anywhere else.
            require(after == wrong or not is_blind and furthest(shares, right) < 1.25,
                    f"weights changed while it was away ({kind}): {wrong} → {after}")
            # The journal may only count what comes and goes; the status tells it at any time.
            require(turn is None or not news(BACK[:1])
                    and {each["up"] for each in reported()["endpoints"]} == {False},
                    f"it was away ({kind}) and said to be back: {world.daemon.tail(20)}")
    finally:
        way.comes()
    require(is_counted or news(LOST), f"nobody said that it was away: {world.daemon.tail(20)}")
    time.sleep(2 * interval)
    wait_until(lambda: is_counted or news(BACK), 20 * interval,
               lambda: f"nobody said that it is back: {world.daemon.tail(20)}")
    if after != wrong:
        return "a wrong weight put right by what was fresh, " + require_steering(
            world, within=20 * interval)
    took = wait_until(
        lambda: furthest(world.shares(), right) < 1.25, 20 * interval,
        lambda: f"{victim} was set to {wrong[victim]} by hand while it was away and is not put "
                f"right: {haproxy.weights()}")
    return f"held, a wrong weight too, which is put right {took:.1f} s after that"


METRICS = f"{CAdvisor.url}/metrics"
PROMETHEUS = "127.0.0.1:9390"


class Page:
    """A page or a list of hosts as it is, or something else in its place."""

    def __init__(self, port: int, body: Callable[[str], bytes]) -> None:
        page = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with contextlib.suppress(OSError):
                    try:
                        whole = page.change(body(self.path.partition("?")[2]))
                    except OSError:
                        # What is behind it does not answer.
                        return self.send_error(502)
                    self.send_response(200)
                    self.end_headers()
                    self.wfile.write(whole)

            def log_message(self, *_: object) -> None:
                pass

        self.change = bytes
        self.url = f"http://127.0.0.1:{port}/metrics"
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()

    @classmethod
    def of(cls, port: int, url: str) -> "Page":
        def body(query: str) -> bytes:
            with urllib.request.urlopen(f"{url}?{query}", timeout=5) as reply:
                return reply.read()
        return cls(port, body)

    def becomes(self, change: Callable[[bytes], bytes]) -> Callable[[], None]:
        def turn() -> None:
            self.change = change
        return turn

    def of_garbage(self) -> Way:
        return Way(
            "an error page, then other garbage",
            self.becomes(lambda _: b"<html>Bad gateway</html>\n"), self.becomes(bytes),
            (("nothing", self.becomes(lambda _: b"")),
             ("other series", self.becomes(lambda _: b"other_total 1\n")),
             ("cut short", self.becomes(lambda whole: whole[:-20]))))


def frozen(child: Callable[[], Child]) -> Way:
    return Way("hanging", lambda: child().signal(signal.SIGSTOP),
               lambda: child().signal(signal.SIGCONT))


class Prometheus:
    """A real Prometheus that scrapes the bed's cAdvisor."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "prometheus"
        self.folder.mkdir(exist_ok=True)
        (self.folder / "prometheus.yml").write_text(json.dumps({
            "global": {"scrape_interval": "2s"},
            "scrape_configs": [{"job_name": "cadvisor", "static_configs": [
                {"targets": [f"127.0.0.1:{CADVISOR_PORT}"]}]}]}))
        self.start()
        time.sleep(6)

    def start(self) -> None:
        self.child = Child(
            "prometheus", ["prometheus", f"--config.file={self.folder}/prometheus.yml",
                           f"--storage.tsdb.path={self.folder}/data",
                           f"--web.listen-address={PROMETHEUS}"], self.folder / "log")

    source = {"url": f"http://{PROMETHEUS}/federate",
              "labels": {"instance": f"127.0.0.1:{CADVISOR_PORT}"}}


class Machines:
    """A machine of one core for each container, whose CPU is the container's quota; real
    node_exporters tell of them."""

    def __init__(self, world: SourcedWorld, first_port: int) -> None:
        self.world, self.sources, self.exporters = world, [], []
        self.start, self.ends = time.monotonic(), threading.Event()
        self.first_port, self.hidden = first_port, False
        for number, container in enumerate(world.bed.containers):
            self.folder(container).mkdir(exist_ok=True)
            self.write(container)
            self.sources.append({"url": f"http://127.0.0.1:{first_port + number}/metrics",
                                 "host": container.name})
        self.restart()
        threading.Thread(target=self.go_on, daemon=True).start()

    def folder(self, container: Container) -> Path:
        return self.world.bed.folder / f"proc-{container.name}"

    def restart(self) -> None:
        self.exporters = [
            Child(f"node_exporter {container.name}",
                  ["prometheus-node-exporter", f"--path.procfs={self.folder(container)}",
                   "--collector.disable-defaults", "--collector.cpu",
                   f"--web.listen-address=127.0.0.1:{self.first_port + number}"],
                  self.world.bed.folder / f"node-{container.name}.log")
            for number, container in enumerate(self.world.bed.containers)]

    def signal(self, number: signal.Signals) -> None:
        for exporter in self.exporters:
            exporter.signal(number)

    def kill(self) -> None:
        for exporter in self.exporters:
            exporter.stop()

    def hide(self) -> None:
        self.hidden = True

    def show(self) -> None:
        self.hidden = False

    def write(self, container: Container) -> None:
        folder = self.folder(container)
        if self.hidden:
            (folder / "stat").write_text("")
            return
        used = 100 * (cpu_seconds(container.counter) or 0) / container.quota
        idle = max(0.0, 100 * (time.monotonic() - self.start) - used)
        line = f"{used:.0f} 0 0 {idle:.0f} 0 0 0 0 0 0"
        (folder / "stat.new").write_text(f"cpu  {line}\ncpu0 {line}\nbtime 1\n")
        (folder / "stat.new").replace(folder / "stat")

    def go_on(self) -> None:
        while not self.ends.wait(0.1):
            for container in self.world.bed.containers:
                self.write(container)

    def stop(self) -> None:
        self.ends.set()
        self.kill()


@suite.test
def cadvisors_metrics_page_is_level_within_a_minute(world: SourcedWorld) -> str:
    return levels(world, "page", [METRICS])


@suite.test
def a_metrics_page_that_fails_in_any_way_holds_all_weights(world: SourcedWorld) -> str:
    cadvisor, page = world.bed.cadvisor, Page.of(9391, METRICS)
    begins_level(world, "page", [page.url])
    return is_held_in_every_way(world, [
        frozen(lambda: cadvisor.child),
        Way("killed and restarted", cadvisor.kill, cadvisor.start), page.of_garbage()])


@suite.test
def what_a_prometheus_hands_on_is_level_and_held_when_it_fails(world: SourcedWorld) -> str:
    prometheus, cadvisor = Prometheus(world.bed.folder), world.bed.cadvisor
    # Prometheus hands its last samples on for minutes: by their age alone it shows.
    dead = "its cAdvisor killed and restarted"
    try:
        level = levels(world, "federate", [prometheus.source])
        world.hasten()
        return level + "; " + is_held_in_every_way(world, [
            frozen(lambda: prometheus.child),
            Way("killed and restarted", lambda: prometheus.child.stop(), prometheus.start),
            Way(dead, cadvisor.kill, cadvisor.start)], blind=dead)
    finally:
        world.stop()
        prometheus.child.stop()


@suite.test
def servers_without_containers_are_level_and_held_when_node_exporter_fails(
        world: SourcedWorld) -> str:
    machines = Machines(world, 9400)
    try:
        level = levels(world, "node", machines.sources)
        world.hasten()
        return level + "; " + is_held_in_every_way(world, [
            Way("hanging", lambda: machines.signal(signal.SIGSTOP),
                lambda: machines.signal(signal.SIGCONT)),
            Way("killed and restarted", machines.kill, machines.restart),
            Way("without a counter", machines.hide, machines.show)])
    finally:
        world.stop()
        machines.stop()


@suite.test
def dockers_api_by_tls_is_level_within_a_minute(world: SourcedWorld) -> str:
    folder = world.bed.docker.certificates
    return levels(world, "docker", [{
        "url": f"https://127.0.0.1:{world.bed.docker.port}", "kind": "docker",
        "server_name": certificates.NAME, "ca_file": f"{folder}/ca.pem",
        "client_certificate_file": f"{folder}/client.pem",
        "client_key_file": f"{folder}/client.key"}])


@suite.test
def a_docker_that_fails_in_any_way_holds_all_weights(world: SourcedWorld) -> str:
    docker, socket = world.bed.docker, world.bed.folder / "engine.sock"
    garbage = world.bed.folder / "garbage.sock"
    server = threading.Thread(target=talk_nonsense, args=(garbage,), daemon=True)
    server.start()

    def leads_to(place: Path) -> None:
        socket.unlink(missing_ok=True)
        socket.symlink_to(place)

    def turns_to_nonsense() -> None:
        # Else the connection that is open goes on.
        docker.stop()
        leads_to(garbage)

    def turns_back() -> None:
        docker.start()
        leads_to(docker.socket)

    leads_to(docker.socket)
    begins_level(world, "docker", [f"unix:{socket}"], interval=4)
    return is_held_in_every_way(world, [
        frozen(lambda: docker.daemon),
        Way("stopped and restarted", docker.stop, docker.start),
        Way("nonsense", turns_to_nonsense, turns_back)], interval=4)


@suite.test
def podmans_api_is_level_within_a_minute(world: SourcedWorld) -> str:
    bed = world.bed
    world.stop()
    bed.stop_load()
    bed.docker.do("stop", "--time", "1", *bed.names)
    podman = Podman(bed.folder, bed.group)
    try:
        for container in bed.containers:
            podman.run(container, COST_MS)
        return levels(world, "podman", [f"unix:{podman.socket}"])
    finally:
        world.stop()
        bed.stop_load()
        podman.do("rm", "--force", "--time", "1", *bed.names)
        podman.service.stop()
        bed.docker.restart(*bed.containers, within=1)


def talk_nonsense(path: Path) -> None:
    """Answers every connection with what is no reply of Docker's."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>")


@suite.test
def hosts_found_by_haproxys_servers_are_level_within_a_minute(world: SourcedWorld) -> str:
    return levels(world, "servers", {"servers": {"port": CADVISOR_PORT}})


@suite.test
def a_file_of_hosts_that_breaks_or_empties_takes_no_host_away(world: SourcedWorld) -> str:
    file = world.bed.folder / "targets.json"
    good = json.dumps([{"targets": [f"127.0.0.1:{CADVISOR_PORT}"]}])
    file.write_text(good)
    begins_level(world, "file", {"file": str(file)})
    seen = []
    for broken in ("[{", "[]", None):
        file.unlink() if broken is None else file.write_text(broken)
        time.sleep(2 * SHORT)
        require("are kept" in world.daemon.tail(5), f"nothing is said: {world.daemon.tail(10)}")
        seen.append(require_steering(world))
        file.write_text(good)
        time.sleep(2 * SHORT)
        require("found again" in world.daemon.tail(10), world.daemon.tail(10))
    return "; ".join(seen)


@suite.test
def a_list_of_hosts_over_http_that_breaks_takes_no_host_away(world: SourcedWorld) -> str:
    targets = json.dumps([{"targets": [f"127.0.0.1:{CADVISOR_PORT}"]}]).encode()
    page = Page(9392, lambda _: targets)
    begins_level(world, "http_sd", [{"http_sd": page.url}])
    page.change = lambda _: b"<html>not found</html>"
    wait_until(lambda: "are kept" in world.daemon.tail(20), 40, lambda: world.daemon.tail(20))
    seen = require_steering(world)
    page.change = bytes
    wait_until(lambda: "found again" in world.daemon.tail(20), 10, lambda: world.daemon.tail(20))
    return seen


def main() -> int:
    names = suite.chosen(sys.argv[1] if len(sys.argv) > 1 else None)
    if not names:
        return 0 if suite.run(names) else 1
    world = SourcedWorld(binary())
    return 0 if suite.run(names, world, on_failure=world.report_failure) else 1


if __name__ == "__main__":
    sys.exit(main())
