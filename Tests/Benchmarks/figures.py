"""Figures with their spread, and the machine that they were taken on, as markdown."""

import os
import platform
import resource
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from bed import machine_cpu


@dataclass
class Figure:
    """One measured thing, in all its repetitions."""
    what: str
    unit: str
    values: list[float]
    digits: int = 0
    aim: str = ""

    def __str__(self) -> str:
        if not self.values:
            return f"| {self.what} | none seen | | 0 | {self.aim} |"
        middle, least, most = (f"{value:.{self.digits}f}" for value in (
            statistics.median(self.values), min(self.values), max(self.values)))
        return (f"| {self.what} | {middle} {self.unit} | {least} – {most} | {len(self.values)} "
                f"| {self.aim} |")


def table(figures: list[Figure]) -> str:
    head = ["| what | median | least – most | times | aim |", "|---|---|---|---|---|"]
    return "\n".join(head + [str(figure) for figure in figures])


def first_line(*command: str) -> str:
    done = subprocess.run(command, text=True, capture_output=True, timeout=30)
    return (done.stdout or done.stderr).strip().partition("\n")[0]


class Machine:
    """The machine, and how busy others keep it between its making and `description`."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.load = os.getloadavg()[0]
        self.start, self.used, self.own = time.monotonic(), machine_cpu(), self._own_cpu()

    @staticmethod
    def _own_cpu() -> float:
        """CPU seconds of this process and of all its children that have ended."""
        return sum(usage.ru_utime + usage.ru_stime for usage in (
            resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)))

    def description(self) -> str:
        """To be asked when all children have ended."""
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines
                      if line.startswith("model name")), platform.machine())
        seconds = time.monotonic() - self.start
        others = (machine_cpu() - self.used - (self._own_cpu() - self.own)) / seconds
        build = ", **a debug build**" if "debug" in Path(self.program).parts else ""
        haproxy = first_line("haproxy", "-v").split(" - ")[0]
        return (f"{os.cpu_count()} cores of {model}, Linux {platform.release()}; "
                f"evenkeel {first_line(self.program, '--version')}{build}; {haproxy}. "
                f"Load average {self.load:.1f} before, {os.getloadavg()[0]:.1f} after; "
                f"other work took {max(0.0, others):.2f} cores meanwhile.")
