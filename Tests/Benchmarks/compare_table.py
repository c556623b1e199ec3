"""What was seen in the runs of a comparison, and the markdown tables of it."""

import json
import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

NEVER = float("inf")


@dataclass
class Part:
    """A run, or its second half. Utilisations are parts of each server's quota."""
    spread: float
    least: float
    most: float
    p50_ms: float
    p99_ms: float
    sent: int
    failed: int


@dataclass
class Run:
    """One strategy under one load."""
    strategy: str
    load: float
    repetition: int
    level_after_s: float | None
    whole: Part
    steady: Part
    in_flight_at_end: int
    servers_went_down: int
    others_cores: float


@dataclass
class Record:
    """All runs of one or more comparisons on one machine."""
    machine: str
    model: str
    seconds: float
    seeds: list[int]
    runs: list[Run]
    cv: float = 0.17

    def write(self, file: Path) -> None:
        file.write_text(json.dumps({"version": 1, **asdict(self)}, indent=1) + "\n")

    @classmethod
    def read(cls, file: Path) -> "Record":
        found = json.loads(file.read_text())
        if found.pop("version", None) != 1:
            raise ValueError(f"{file} is no record of this version")
        return cls(**{**found, "runs": [run_of(each) for each in found["runs"]]})

    def add(self, other: "Record") -> None:
        if (other.model, other.seconds, other.cv) != (self.model, self.seconds, self.cv):
            raise ValueError("records of different models, costs or lengths cannot be put together")
        self.runs += other.runs
        self.seeds += other.seeds

    def __str__(self) -> str:
        parts = [("From the start", FROM_START), ("Steady: the second half", STEADY)]
        busiest = max((run.others_cores for run in self.runs), default=0.0)
        return "\n".join([
            f"{self.machine}. Servers: `{self.model}`, cost of cv {self.cv:g}. Runs of {self.seconds:g} s, seeds "
            f"{', '.join(map(str, self.seeds))}; median (least–most) of the repetitions. Before a "
            f"run at most {busiest:.2f} cores were busy.",
            *(line for title, columns in parts for line in ("", f"**{title}**", "",
                                                            *table(self.runs, columns)))])


def run_of(found: dict) -> Run:
    return Run(**{**found, "whole": Part(**found["whole"]), "steady": Part(**found["steady"])})


@dataclass
class Column:
    """One figure of each run, as it is shown."""
    title: str
    value: Callable[[Run], float]
    show: Callable[[float], str]


def milliseconds(value: float) -> str:
    return f"{value:.0f} ms" if value < 1000 else f"{value / 1000:.1f} s"


def seconds(value: float) -> str:
    return "never" if value == NEVER else f"{value:.0f} s"


def count(value: float) -> str:
    return f"{value:.0f}"


def fraction(value: float) -> str:
    return f"{value:.2f}"


def percent(value: float) -> str:
    return "0" if value == 0 else f"{100 * value:.2g} %"


def level_after(run: Run) -> float:
    return NEVER if run.level_after_s is None else run.level_after_s


def of(part: str) -> list[Column]:
    def value(name: str) -> Callable[[Run], float]:
        return lambda run: getattr(getattr(run, part), name)
    return [
        Column("spread", value("spread"), fraction),
        Column("emptiest", value("least"), fraction),
        Column("fullest", value("most"), fraction),
        Column("p50", value("p50_ms"), milliseconds),
        Column("p99", value("p99_ms"), milliseconds),
        Column("failed", lambda run: getattr(run, part).failed / max(1, getattr(run, part).sent),
               percent),
    ]


FROM_START = [Column("level after", level_after, seconds), *of("whole")]
STEADY = [*of("steady"), Column("unanswered at the end", lambda run: run.in_flight_at_end, count)]


def table(runs: list[Run], columns: list[Column]) -> list[str]:
    """A row a load and strategy, strategies in the order of the runs."""
    names = list(dict.fromkeys(run.strategy for run in runs))
    head = ["load", "strategy", "runs", *(column.title for column in columns)]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for load in sorted({run.load for run in runs}):
        for name in names:
            some = [run for run in runs if (run.load, run.strategy) == (load, name)]
            if some:
                cells = (summary([column.value(run) for run in some], column.show)
                         for column in columns)
                lines.append(f"| {load:g} | {name} | {len(some)} | {' | '.join(cells)} |")
    return lines


def summary(values: list[float], show: Callable[[float], str]) -> str:
    """Median (least–most); the range is left out where it says nothing."""
    middle, least, most = map(show, (statistics.median(values), min(values), max(values)))
    return middle if least == most else f"{middle} ({least}–{most})"
