#!/usr/bin/python3
"""evenkeel with every source of load that it reads, each the real program. Started by `run.py --sources`.

The bed is that of the other tests, and so are the promises: level within a minute, and weights held
while the source is away.
"""

import http.server
import json
import signal
import sys
import threading
import time
import urllib.request
from pathlib import Path

from acceptance import FULL, SETTLES_WITHIN, SHORT, World, require_steering
from bed import LEVEL
from cadvisor import PORT as CADVISOR_PORT, CAdvisor
from evenkeel import binary
from meter import cpu_seconds
from processes import Child
from runner import Suite, require, wait_until


class SourcedWorld(World):
    """The bed with evenkeel in it, which reads the load from wherever a test says."""

    sources: object = None

    def configuration(self, interval: str | None) -> dict:
        wanted = super().configuration(interval)
        del wanted["cadvisors"]
        return {"sources": self.sources, **wanted}

    def start_with(self, name: str, sources: object, interval: str | None = None) -> None:
        self.sources = sources
        self.start(f"{name}-{interval or 'default'}", self.configuration(interval))


suite = Suite()

METRICS_LOST = "hold their weights"


def levels(world: SourcedWorld, name: str, sources: object) -> str:
    """From equal weights to level for good, as with cAdvisor's API."""
    bed = world.bed
    world.stop()
    bed.wait_idle()
    world.start_unlevel()
    time.sleep(2)
    start = time.monotonic()
    time.sleep(12)
    before = bed.meter.levels(start)
    require(before.spread > LEVEL, f"equal weights were level already: {before}")
    world.start_with(name, sources)
    settled = bed.wait_settled(within=SETTLES_WITHIN, stays=30)
    served, end = bed.load.since(time.monotonic() - 20), bed.meter.last(10)
    world.require_alive()
    seen = f"{before.spread:.2f} before; {settled}; last 20 s: {served}"
    require(served.failed == 0, f"level, but requests failed: {seen}")
    require(end.fullest < FULL, f"level, but not below full: {seen}")
    return seen


def is_held_while(world: SourcedWorld, name: str, sources: object, goes, comes,
                  interval: float = SHORT) -> str:
    """While the source is away every weight stays; when it is back, a wrong one is put right."""
    bed = world.bed
    world.start_unlevel()
    world.start_with(name, sources, f"{interval:g}s")
    time.sleep(10 * interval)
    bed.wait_level(within=SETTLES_WITHIN)
    # What is left of the unlevel start is cleared by weights, whatever the source says.
    wait_until(lambda: bed.load.in_flight() < 60, SETTLES_WITHIN,
               lambda: f"{bed.load.in_flight()} requests still under way")
    goes()
    try:
        time.sleep(3 * interval)
        before = bed.haproxy.weights()
        time.sleep(6 * interval)
        after = bed.haproxy.weights()
        world.require_alive()
    finally:
        comes()
    said = [line for line in world.daemon.tail(40).splitlines() if METRICS_LOST in line]
    require(before == after, f"weights changed while it was away: {before} → {after}")
    require(said, f"nobody said that it was away: {world.daemon.tail(20)}")
    back = require_steering(world, within=20 * interval)
    return f"held: {' '.join(str(weight) for weight in after.values())}; {back}"


METRICS = f"{CAdvisor.url}/metrics"
PROMETHEUS = "127.0.0.1:9390"


class Page:
    """cAdvisor's page or a list of hosts, as it is, or something else in its place."""

    def __init__(self, port: int, body=None) -> None:
        page = self

        def usual() -> bytes:
            with urllib.request.urlopen(METRICS, timeout=5) as reply:
                return reply.read()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                whole = page.change((body or usual)())
                self.send_response(200)
                self.end_headers()
                self.wfile.write(whole)

            def log_message(self, *_: object) -> None:
                pass

        self.change = bytes
        self.url = f"http://127.0.0.1:{port}/metrics"
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()


class Machines:
    """A machine of one core for each container, whose CPU is the container's quota; real
    node_exporters tell of them."""

    def __init__(self, world: SourcedWorld, first_port: int) -> None:
        self.world, self.sources, self.exporters = world, [], []
        self.start, self.ends = time.monotonic(), threading.Event()
        for number, container in enumerate(world.bed.containers):
            folder = world.bed.folder / f"proc-{container.name}"
            folder.mkdir(exist_ok=True)
            self.write(container, folder)
            port = first_port + number
            self.exporters.append(Child(
                f"node_exporter {container.name}",
                ["prometheus-node-exporter", f"--path.procfs={folder}",
                 "--collector.disable-defaults", "--collector.cpu",
                 f"--web.listen-address=127.0.0.1:{port}"],
                world.bed.folder / f"node-{container.name}.log"))
            self.sources.append({"url": f"http://127.0.0.1:{port}/metrics",
                                 "host": container.name})
        threading.Thread(target=self.go_on, daemon=True).start()

    def write(self, container, folder: Path) -> None:
        used = 100 * (cpu_seconds(container.counter) or 0) / container.quota
        idle = max(0.0, 100 * (time.monotonic() - self.start) - used)
        line = f"{used:.0f} 0 0 {idle:.0f} 0 0 0 0 0 0"
        (folder / "stat.new").write_text(f"cpu  {line}\ncpu0 {line}\nbtime 1\n")
        (folder / "stat.new").replace(folder / "stat")

    def go_on(self) -> None:
        while not self.ends.wait(0.1):
            for container in self.world.bed.containers:
                self.write(container, self.world.bed.folder / f"proc-{container.name}")

    def stop(self) -> None:
        self.ends.set()
        for exporter in self.exporters:
            exporter.stop()


@suite.test
def cadvisors_metrics_page_is_level_within_a_minute(world: SourcedWorld) -> str:
    return levels(world, "page", [METRICS])


@suite.test
def a_hanging_metrics_page_holds_all_weights(world: SourcedWorld) -> str:
    cadvisor = world.bed.cadvisor
    return is_held_while(world, "page", [METRICS], cadvisor.freeze, cadvisor.thaw)


@suite.test
def a_killed_metrics_page_holds_all_weights_until_it_is_restarted(world: SourcedWorld) -> str:
    cadvisor = world.bed.cadvisor
    return is_held_while(world, "page", [METRICS], cadvisor.kill, cadvisor.start)


@suite.test
def a_metrics_page_of_garbage_holds_all_weights(world: SourcedWorld) -> str:
    page, seen = Page(9391), []
    for body in (b"<html>Bad gateway</html>\n", b"", b"other_total 1\n"):
        def breaks(body: bytes = body) -> None:
            page.change = lambda _: body

        def mends() -> None:
            page.change = bytes
        seen.append(is_held_while(world, "garbage", [page.url], breaks, mends))

    def cuts() -> None:
        page.change = lambda whole: whole[:-20]

    def mends_again() -> None:
        page.change = bytes
    seen.append(is_held_while(world, "garbage", [page.url], cuts, mends_again))
    return "; ".join(seen)


@suite.test
def what_a_prometheus_hands_on_is_level_within_a_minute(world: SourcedWorld) -> str:
    folder = world.bed.folder / "prometheus"
    folder.mkdir(exist_ok=True)
    (folder / "prometheus.yml").write_text(json.dumps({
        "global": {"scrape_interval": "2s"},
        "scrape_configs": [{"job_name": "cadvisor", "static_configs": [
            {"targets": [f"127.0.0.1:{CADVISOR_PORT}"]}]}]}))
    prometheus = Child(
        "prometheus", ["prometheus", f"--config.file={folder}/prometheus.yml",
                       f"--storage.tsdb.path={folder}/data",
                       f"--web.listen-address={PROMETHEUS}"], folder / "log")
    try:
        time.sleep(6)
        return levels(world, "federate", [{
            "url": f"http://{PROMETHEUS}/federate",
            "labels": {"instance": f"127.0.0.1:{CADVISOR_PORT}"}}])
    finally:
        world.stop()
        prometheus.stop()


@suite.test
def servers_without_containers_are_level_by_node_exporter(world: SourcedWorld) -> str:
    machines = Machines(world, 9400)
    try:
        return levels(world, "node", machines.sources)
    finally:
        world.stop()
        machines.stop()


@suite.test
def dockers_api_is_level_within_a_minute(world: SourcedWorld) -> str:
    return levels(world, "docker", [f"unix:{world.bed.docker.socket}"])


@suite.test
def a_hanging_docker_holds_all_weights(world: SourcedWorld) -> str:
    dockerd = world.bed.docker.daemon
    return is_held_while(
        world, "docker", [f"unix:{world.bed.docker.socket}"],
        lambda: dockerd.signal(signal.SIGSTOP), lambda: dockerd.signal(signal.SIGCONT),
        interval=4)


@suite.test
def hosts_found_by_haproxys_servers_are_level_within_a_minute(world: SourcedWorld) -> str:
    return levels(world, "servers", {"servers": {"port": CADVISOR_PORT}})


@suite.test
def a_file_of_hosts_that_breaks_or_empties_takes_no_host_away(world: SourcedWorld) -> str:
    file = world.bed.folder / "targets.json"
    good = json.dumps([{"targets": [f"127.0.0.1:{CADVISOR_PORT}"]}])
    file.write_text(good)
    world.start_unlevel()
    world.start_with("file", {"file": str(file)}, f"{SHORT:g}s")
    world.bed.wait_level(within=SETTLES_WITHIN)
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
    page = Page(9392, lambda: targets)
    world.start_unlevel()
    world.start_with("http_sd", [{"http_sd": page.url}], f"{SHORT:g}s")
    world.bed.wait_level(within=SETTLES_WITHIN)
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
