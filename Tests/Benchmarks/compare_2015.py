"""The 2015 script's rule, faults included, for comparison: see `Script2015`."""

import json
import math
import time
import urllib.request
from threading import Event, Thread

from bed import Bed
from cadvisor import CAdvisor
from runner import say

WINDOW = 60


class Script2015:
    """haproxy_cadvisor.py of 2015 (github.com/abulimov/haproxy-cadvisor), its rule rewritten.

    Kept: a container's part of the *host's* cores, quotas unseen; the window taken for 60 s
    whatever the samples say; half the way to the weight that would give the mean; the sum scaled to
    100, rounded up; no dead band; a container without CPU time ends the pass and sets nothing.
    Changed in its favour: a pass every 10 s, where cron manages one a minute; every container in
    one request to cAdvisor's API v1.3, where it asks v1.2 for each and knows one cgroup layout.
    """

    def __init__(self, bed: Bed, every: float = 10) -> None:
        self.bed = bed
        self.cores = self._ask("machine")["num_cores"]
        self._stopping = Event()
        self._thread = Thread(target=self._run, args=(every,), daemon=True)
        self._thread.start()

    @staticmethod
    def _ask(what: str) -> dict:
        with urllib.request.urlopen(f"{CAdvisor.url}/api/v1.3/{what}", timeout=5) as reply:
            return json.load(reply)

    def _run(self, every: float) -> None:
        due = time.monotonic()
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            due += every
            try:
                self.once()
            except ZeroDivisionError:
                say("    the 2015 script: division by zero, nothing set")
            except (OSError, RuntimeError) as error:
                say(f"    the 2015 script: {error}")

    def once(self) -> None:
        weights, loads = self.bed.haproxy.weights(), self._loads()
        self.bed.haproxy.set_weights(
            wanted({name: weights[name] for name in weights if name in loads}, loads))

    def _loads(self) -> dict[str, float]:
        """Per cent of the host, by the first alias."""
        containers = self._ask(f"docker/?num_stats={WINDOW}").values()
        return {each["aliases"][0]: self._load(each["stats"]) for each in containers}

    def _load(self, samples: list[dict]) -> float:
        first, last = (samples[at]["cpu"]["usage"]["total"] for at in (0, -1))
        return (last - first) / WINDOW / 1e7 / self.cores

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()


def wanted(weights: dict[str, int], loads: dict[str, float]) -> dict[str, int]:
    """The weights that one pass sets."""
    mean = sum(loads.values()) / len(loads)
    halfway = {name: weight + (mean * weight / loads[name] - weight) / 2
               for name, weight in weights.items()}
    scale = 100 / (sum(halfway.values()) + 1)
    return {name: max(1, math.ceil(weight * scale)) for name, weight in halfway.items()}
