"""The truth that evenkeel is measured against: each container's CPU time, read from its cgroup."""

import time
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Thread

from containers import Container

PERIOD = 0.5
KEPT = 600


def cpu_seconds(counter: Path | None) -> float | None:
    """The counter's reading, or none when the container is gone."""
    if counter is None:
        return None
    try:
        text = counter.read_text()
    except OSError:
        return None
    if counter.name == "cpu.stat":
        return int(text.split()[1]) / 1e6
    return int(text) / 1e9


@dataclass
class Levels:
    """Utilisation of each server, 0…1 of its quota, over one window."""
    utilisation: dict[str, float]

    @property
    def spread(self) -> float:
        """The worst over the mean: 1.00 is level."""
        values = self.utilisation.values()
        mean = sum(values) / len(values) if values else 0
        return max(values) / mean if mean > 0 else float("inf")

    @property
    def fullest(self) -> float:
        return max(self.utilisation.values(), default=float("nan"))

    def __str__(self) -> str:
        each = " ".join(f"{value:.2f}" for value in self.utilisation.values())
        return f"spread {self.spread:.2f} (utilisation {each})"


class Meter:
    """Reads all counters twice a second, for windows that are chosen afterwards."""

    def __init__(self, containers: list[Container]) -> None:
        self.containers = containers
        self._readings: list[tuple[float, dict[str, float]]] = []
        self._lock = Lock()
        self._stopping = Event()
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping.wait(PERIOD):
            counters = {each.name: cpu_seconds(each.counter) for each in self.containers}
            now = time.monotonic()
            known = {name: value for name, value in counters.items() if value is not None}
            with self._lock:
                self._readings = [*self._readings[-KEPT:], (now, known)]

    def levels(self, start: float, end: float | None = None,
               names: list[str] | None = None) -> Levels:
        """Between two readings of the monotonic clock; a restart's lost part is left out."""
        with self._lock:
            readings = [reading for reading in self._readings
                        if start <= reading[0] <= (end or time.monotonic())]
        utilisation = {}
        for each in self.containers:
            if names is not None and each.name not in names:
                continue
            points = [(at, known[each.name]) for at, known in readings if each.name in known]
            used = spent = 0.0
            for (t0, v0), (t1, v1) in zip(points, points[1:]):
                if v1 >= v0:
                    used, spent = used + v1 - v0, spent + t1 - t0
            if spent > 0:
                utilisation[each.name] = used / spent / each.quota
        return Levels(utilisation)

    def last(self, seconds: float, names: list[str] | None = None) -> Levels:
        return self.levels(time.monotonic() - seconds, names=names)

    def level_after(self, start: float, end: float, limit: float, window: float = 10,
                    ) -> float | None:
        """Seconds from `start` to the end of the first window after which every window up to `end`
        has a spread of at most `limit`; none when it was not so for a window's length at least."""
        with self._lock:
            ends = [at for at, _ in self._readings if start + window <= at <= end]
        settled = None
        for at in ends:
            if self.levels(at - window, at).spread > limit:
                settled = None
            elif settled is None:
                settled = at
        return settled - start if settled is not None and settled <= end - window else None

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
