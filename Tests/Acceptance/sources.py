#!/usr/bin/python3
"""evenkeel with every source of load that it reads, each the real program. Started by `run.py --sources`.

The bed is that of the other tests, and so are the promises: level within a minute, and weights held
while the source is away.
"""

import sys
import time

from acceptance import FULL, SETTLES_WITHIN, SHORT, World, require_steering
from bed import LEVEL
from cadvisor import CAdvisor
from evenkeel import binary
from runner import Suite, require


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


def is_held_while(world: SourcedWorld, name: str, sources: object, goes, comes) -> str:
    """While the source is away every weight stays; when it is back, a wrong one is put right."""
    bed = world.bed
    world.start_unlevel()
    world.start_with(name, sources, f"{SHORT:g}s")
    bed.wait_level(within=SETTLES_WITHIN)
    goes()
    try:
        time.sleep(3 * SHORT)
        before = bed.haproxy.weights()
        time.sleep(6 * SHORT)
        after = bed.haproxy.weights()
        world.require_alive()
    finally:
        comes()
    said = [line for line in world.daemon.tail(40).splitlines() if METRICS_LOST in line]
    require(before == after, f"weights changed while it was away: {before} → {after}")
    require(said, f"nobody said that it was away: {world.daemon.tail(20)}")
    back = require_steering(world)
    return f"held: {' '.join(str(weight) for weight in after.values())}; {back}"


METRICS = f"{CAdvisor.url}/metrics"


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


def main() -> int:
    names = suite.chosen(sys.argv[1] if len(sys.argv) > 1 else None)
    if not names:
        return 0 if suite.run(names) else 1
    world = SourcedWorld(binary())
    return 0 if suite.run(names, world, on_failure=world.report_failure) else 1


if __name__ == "__main__":
    sys.exit(main())
