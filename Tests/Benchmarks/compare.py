#!/usr/bin/python3
"""Compares ways of setting weights on a real cluster; prints markdown tables.

The bed of the acceptance tests: six containers of 0.08 to 0.48 CPU under a real Docker, a real
cAdvisor and HAProxy, requests at the times of a Poisson process. Needs root. The program is
$EVENKEEL, which should be a release build; `packaging/compare` sees to that.

    equal               balance roundrobin, all weights equal
    leastconn           balance leastconn, all weights equal
    halfway-2015        balance roundrobin, the rule of the 2015 script, every 10 s
    evenkeel            balance roundrobin, evenkeel as shipped (every 10 s)
    evenkeel+leastconn  balance leastconn, the same
    random2, random4    balance random(2) and random(4), all weights equal
    evenkeel+random2    balance random(2), evenkeel as shipped (every 10 s)
    evenkeel+random4    balance random(4), the same
    equal+maxconn       as equal, and each server's maxconn in proportion to its quota: 1 to 4, so
                        HAProxy keeps what waits and any server that is free takes the next
    evenkeel+maxconn    as evenkeel, with the same maxconn
    evenkeel+advised    as evenkeel, with the maxconn that evenkeel advises: it is asked once, after
                        two minutes at a load of 0.3
    evenkeel+random4+advised    balance random(4), the same
    evenkeel+random4+max1, …2, …4, …8    as evenkeel+random4, and each server's maxconn in proportion to
                        its quota, up to so many

Each run begins with restarted containers, a new HAProxy, equal weights and a daemon that has
learned nothing; load and daemon start together. A repetition is one run of every strategy at every
load in an order of its own; its runs meet the same requests. CPU time is read from the containers'
cgroups, latencies are the client's. Spread is the worst utilisation over the mean; level means a
spread of at most 1.25 in every window of 10 s until the end.

`--neighbours` is another bed, in which neighbours come and go; `--neighbours --help` tells of it.
"""

import argparse
import json
import os
import platform
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Acceptance"))

import haproxy
from bed import LEVEL, Bed, require_tools
from cadvisor import BINARY, CAdvisor
from compare_2015 import Script2015
from compare_predict import predict
from compare_table import Part, Record, Run, milliseconds, run_of
from evenkeel import Evenkeel, binary
from figures import first_line
from load import Load
from runner import say
from sandbox import Sandbox

START, BETWEEN = 40, 12
# Of all quotas, and for how long, before evenkeel is asked for limits.
CALM, ADVICE = 0.3, 120
STATUS = "http://127.0.0.1:9797"


@contextmanager
def nobody(bed: Bed, name: str) -> Iterator[None]:
    yield


@contextmanager
def script_2015(bed: Bed, name: str) -> Iterator[None]:
    script = Script2015(bed)
    try:
        yield
    finally:
        script.stop()


@contextmanager
def evenkeel(bed: Bed, name: str) -> Iterator[None]:
    """The daemon; it must live until the end."""
    daemon = Evenkeel(binary(), bed.folder, name, {
        "cadvisors": [CAdvisor.url],
        "balancers": [{"name": "lb1", "address": f"unix:{bed.haproxy.socket}"}],
        "backends": [{"name": haproxy.BACKEND, "pattern": "api-.*"}],
    }).run()
    try:
        yield
        daemon.require_running()
    finally:
        daemon.stop()


def in_proportion(bed: Bed, most: int = 4) -> dict[str, int]:
    """So many for the biggest server, the others in proportion."""
    biggest = max(each.quota for each in bed.containers)
    return {each.name: max(1, round(most * each.quota / biggest)) for each in bed.containers}


def advised(bed: Bed) -> dict[str, int]:
    """What evenkeel says after it has seen little load for a while; asked once."""
    if not hasattr(bed, "advised_limits"):
        bed.renew("roundrobin", None)
        daemon = Evenkeel(binary(), bed.folder, "advice", {
            "interval": "5s", "cadvisors": [CAdvisor.url],
            "balancers": [{"name": "lb1", "address": f"unix:{bed.haproxy.socket}"}],
            "backends": [{"name": haproxy.BACKEND, "pattern": "api-.*"}]})
        child = daemon.run()
        try:
            bed.start_load(bed.rate_at(CALM), 1)
            time.sleep(ADVICE)
            bed.stop_load()
            answer = subprocess.run(
                [daemon.program, "explain", "--url", STATUS, haproxy.BACKEND, "--json"],
                check=True, text=True, capture_output=True, timeout=30)
        finally:
            child.stop()
        told = json.loads(answer.stdout)["servers"]
        for each in told:
            say(f"  {each['name']}: maxconn {each['maxconn_advised']}: {each['advice']}")
        bed.advised_limits = {each["name"]: each["maxconn_advised"] for each in told
                              if each["maxconn_advised"] is not None}
    return bed.advised_limits


@dataclass
class Strategy:
    """HAProxy's algorithm, who sets the weights, and whether its servers have a maxconn."""
    balance: str
    steered: Callable[[Bed, str], AbstractContextManager[None]]
    limits: Callable[[Bed], dict[str, int]] | None = None


STRATEGIES = {
    "equal": Strategy("roundrobin", nobody),
    "leastconn": Strategy("leastconn", nobody),
    "halfway-2015": Strategy("roundrobin", script_2015),
    "evenkeel": Strategy("roundrobin", evenkeel),
    "evenkeel+leastconn": Strategy("leastconn", evenkeel),
    "random2": Strategy("random(2)", nobody),
    "random4": Strategy("random(4)", nobody),
    "evenkeel+random2": Strategy("random(2)", evenkeel),
    "evenkeel+random4": Strategy("random(4)", evenkeel),
    "equal+maxconn": Strategy("roundrobin", nobody, in_proportion),
    "evenkeel+maxconn": Strategy("roundrobin", evenkeel, in_proportion),
    "evenkeel+advised": Strategy("roundrobin", evenkeel, advised),
    "evenkeel+random4+advised": Strategy("random(4)", evenkeel, advised),
    **{f"evenkeel+random4+max{most}": Strategy("random(4)", evenkeel,
                                               partial(in_proportion, most=most))
       for most in (1, 2, 4, 8)},
}


@dataclass
class Plan:
    """What is to be run."""
    loads: list[float]
    strategies: list[str]
    repetitions: int
    seconds: float
    seed: int
    model: str
    cv: float

    def order(self) -> list[tuple[int, float, str]]:
        """Repetition by repetition, shuffled within each."""
        chance, runs = random.Random(self.seed), []
        for repetition in range(self.repetitions):
            block = [(repetition, load, name) for load in self.loads for name in self.strategies]
            chance.shuffle(block)
            runs += block
        return runs

    def bound(self) -> float:
        """Seconds after which the whole is given up, far above what it should take."""
        return 1.3 * self.expected() + 60

    def expected(self) -> float:
        asks = any(STRATEGIES[name].limits is advised for name in self.strategies)
        return START + ADVICE * asks + len(self.order()) * (self.seconds + BETWEEN)


def run_once(bed: Bed, plan: Plan, repetition: int, load: float, name: str) -> Run:
    strategy = STRATEGIES[name]
    limits = strategy.limits(bed) if strategy.limits else None
    bed.renew(strategy.balance, limits)
    others = bed.others_cpu()
    with strategy.steered(bed, f"{name}-{load}-{repetition}"):
        start = time.monotonic()
        requests = bed.start_load(bed.rate_at(load), plan.seed + repetition)
        time.sleep(plan.seconds)
        end = time.monotonic()
        left, downs = requests.in_flight(), bed.haproxy.downs()
    bed.stop_load()
    return Run(name, load, repetition, bed.meter.level_after(start, end, LEVEL),
               part(bed, requests, start, end), part(bed, requests, (start + end) / 2, end),
               left, downs, round(others, 2))


def part(bed: Bed, requests: Load, start: float, end: float) -> Part:
    levels, served = bed.meter.levels(start, end), requests.since(start, end)
    each = levels.utilisation.values()
    return Part(*(round(value, 3) for value in (levels.spread, min(each), max(each))),
                round(served.percentile(0.5), 1), round(served.percentile(0.99), 1),
                served.sent, served.failed)


def run_all(plan: Plan) -> int:
    """The sealed side: a JSON line a run."""
    bed, order = Bed(plan.model, plan.cv), plan.order()
    for number, (repetition, load, name) in enumerate(order, 1):
        run = run_once(bed, plan, repetition, load, name)
        level = "never" if run.level_after_s is None else f"after {run.level_after_s:.0f} s"
        say(f"  {number} of {len(order)}: {name} at {load:g}: level {level}; second half: spread "
            f"{run.steady.spread:.2f}, p50 {milliseconds(run.steady.p50_ms)}, p99 "
            f"{milliseconds(run.steady.p99_ms)}, {run.steady.failed} of {run.steady.sent} failed")
        print(json.dumps(asdict(run)), flush=True)
    return 0


def machine() -> str:
    """What the figures were taken on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines
                  if line.startswith("model name")), platform.machine())
    cgroups = "v2" if Path("/sys/fs/cgroup/cgroup.controllers").exists() else "v1"
    return "; ".join([
        f"{os.cpu_count()} cores of {model}, Linux {platform.release()}",
        f"evenkeel {first_line(binary(), '--version')}",
        first_line("haproxy", "-v").split(" - ")[0], first_line("docker", "--version"),
        first_line(BINARY, "--version"), f"cgroup {cgroups}"])


def in_order(record: Record) -> Record:
    record.runs.sort(key=lambda run: (list(STRATEGIES).index(run.strategy), run.load))
    return record


def compare(plan: Plan, arguments: list[str], file: Path | None) -> int:
    """Starts the sealed side and tells what it saw, also when it was cut short."""
    require_tools()
    record = Record(machine(), plan.model, plan.seconds, [plan.seed], [], plan.cv)
    say(f"{len(plan.order())} runs of {plan.seconds:g} s, seed {plan.seed}: about "
        f"{plan.expected() / 60:.0f} minutes, {plan.bound() / 60:.0f} at most")

    def follow(lines: Iterator[str], status: Callable[[], int]) -> None:
        for line in lines:
            record.runs.append(run_of(json.loads(line)))
        status()

    def give_up(*_: object) -> None:
        say(f"given up after {plan.bound() / 60:.0f} minutes")
        raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(int(plan.bound()))
    try:
        return Sandbox().run([sys.executable, "-B", "-u", __file__, "--sealed", *arguments], follow)
    finally:
        signal.alarm(0)
        if record.runs:
            print(in_order(record), flush=True)
            if file is not None:
                record.write(file)


def combine(files: list[Path]) -> int:
    first, *others = map(Record.read, files)
    for each in others:
        first.add(each)
    print(in_order(first))
    return 0


def numbers(text: str) -> list[float]:
    found = [float(word) for word in text.split(",")]
    if not all(0 < value < 2 for value in found):
        raise argparse.ArgumentTypeError("loads are parts of all quotas, such as 0.6,0.8")
    return found


def names(text: str) -> list[str]:
    found = text.split(",")
    if not set(found) <= set(STRATEGIES):
        raise argparse.ArgumentTypeError(f"strategies are {', '.join(STRATEGIES)}")
    return found


def parser() -> argparse.ArgumentParser:
    wanted = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--quick", action="store_true",
                        help="one repetition of 30 s: does it work? About twenty minutes")
    wanted.add_argument("--loads", type=numbers, default=[0.6, 0.8], metavar="LOAD,…",
                        help="parts of all quotas (0.6,0.8)")
    wanted.add_argument("--strategies", type=names, metavar="NAME,…",
                        default=[name for name in STRATEGIES if "+random4+max" not in name],
                        help="some of those above (all without +random4+max…)")
    wanted.add_argument("--repetitions", type=int, metavar="N", help="of everything (3)")
    wanted.add_argument("--seconds", type=float, metavar="S", help="of each run, 20 to 250 (60)")
    wanted.add_argument("--model", choices=["fcfs", "threads"], default="fcfs",
                        help="servers of one thread, or of a thread a connection (fcfs)")
    wanted.add_argument("--cv", type=float, default=1, metavar="CV",
                        help="coefficient of variation of the requests' cost: 0.17 is nearly "
                        "constant, 1 exponential (1)")
    wanted.add_argument("--seed", type=int, help="of order and requests (any, printed)")
    wanted.add_argument("--json", type=Path, metavar="FILE", help="writes all runs there as well")
    wanted.add_argument("--combine", type=Path, nargs="+", metavar="FILE",
                        help="runs nothing: the tables of what --json has written")
    wanted.add_argument("--predict", action="store_true",
                        help="asks the simulator instead, which needs neither root nor Docker")
    wanted.add_argument("--sealed", action="store_true", help=argparse.SUPPRESS)
    return wanted


def main() -> int:
    wanted = parser()
    chosen = wanted.parse_args()
    if chosen.combine:
        return combine(chosen.combine)
    repetitions = chosen.repetitions or (1 if chosen.quick else 3)
    seconds = chosen.seconds or (30 if chosen.quick else 60)
    if repetitions < 1 or not 20 <= seconds <= 250 or not 0 <= chosen.cv <= 5:
        wanted.error("at least one repetition, of 20 to 250 s, and a cv of 0 to 5")
    seed = chosen.seed if chosen.seed is not None else random.randrange(10_000)
    plan = Plan(chosen.loads, chosen.strategies, repetitions, seconds, seed, chosen.model,
                chosen.cv)
    if chosen.predict:
        predict(binary(), chosen.loads, chosen.strategies, seconds, chosen.model, chosen.cv)
        return 0
    if chosen.sealed:
        return run_all(plan)
    return compare(plan, [*sys.argv[1:], "--seed", str(seed)], chosen.json)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        say("interrupted")
        sys.exit(130)
