"""The daemon under measurement: its CPU time, memory, ticks and end."""

import os
import re
import select
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evenkeel import Evenkeel
from processes import Child
from runner import Failure

TICK = re.compile(r"tick (\d+) took ([\d.]+) s")
WEIGHT = re.compile(r"[:(] ?weight \d+ → \d+")


@dataclass
class Tick:
    """One run of the loop, as the log tells it, and what the process used until after it."""
    number: int
    seconds: float
    cpu_seconds: float
    weights_written: int


@dataclass
class Memory:
    """Of /proc/PID/status, in MB."""
    resident: float
    anonymous: float
    file: float
    peak: float


def cpu_seconds(pid: int) -> float:
    """CPU seconds that a process used so far, by the scheduler's own count of nanoseconds."""
    # clock_getcpuclockid(3): the complement of the process id, and 2 for CPUCLOCK_SCHED.
    return time.clock_gettime((~pid << 3) | 2)


def memory_of(pid: int) -> Memory:
    status = Path(f"/proc/{pid}/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines())
    return Memory(*(int(fields[key].split()[0]) / 1024
                    for key in ("VmRSS", "RssAnon", "RssFile", "VmHWM")))


class Daemon:
    """`evenkeel run` with a log that can be followed."""

    def __init__(self, evenkeel: Evenkeel, level: str = "debug") -> None:
        evenkeel.log.unlink(missing_ok=True)
        self.file = evenkeel.file
        self.child = Child(
            "evenkeel", [evenkeel.program, "run", "--config", str(evenkeel.file), "--log-level",
                         level], evenkeel.log,
            # As the unit has it.
            {**evenkeel.environment, "MALLOC_ARENA_MAX": "1"})
        self._log = evenkeel.log.open("rb")
        self._partial = b""

    def cpu(self) -> float:
        """CPU seconds used so far."""
        return cpu_seconds(self.child.pid)

    def memory(self) -> Memory:
        return memory_of(self.child.pid)

    def new_lines(self) -> list[str]:
        """The whole lines logged since the last call."""
        *lines, self._partial = (self._partial + self._log.read()).split(b"\n")
        return [line.decode(errors="replace") for line in lines]

    def wait_line(self, text: str, within: float, every: float = 0.001) -> list[str]:
        """The new lines up to the first that contains `text`."""
        deadline, seen = time.monotonic() + within, []
        while time.monotonic() < deadline:
            for line in self.new_lines():
                seen.append(line)
                if text in line:
                    return seen
            self.child.require_running()
            time.sleep(every)
        raise Failure(f"no line {text!r} within {within:g} s: {self.child.tail()}")

    def ticks(self, within: float) -> Iterator[Tick]:
        """The coming ticks, each yielded a little after it; `within` bounds the wait for one."""
        used, written = self.cpu(), 0
        deadline = time.monotonic() + within
        while True:
            found = None
            is_over = time.monotonic() > deadline
            for line in self.new_lines():
                written += bool(WEIGHT.search(line))
                found = TICK.search(line) or found
            if found:
                time.sleep(0.1)
                now = self.cpu()
                yield Tick(int(found[1]), float(found[2]), now - used, written)
                used, written, deadline = now, 0, time.monotonic() + within
                continue
            self.child.require_running()
            if is_over:
                raise Failure(f"no tick within {within:g} s: {self.child.tail()}")
            time.sleep(0.02)

    def hang_up(self) -> None:
        self.child.signal(signal.SIGHUP)

    def end(self, within: float = 20) -> float:
        """SIGTERM; the seconds until the process is gone."""
        descriptor = os.pidfd_open(self.child.pid)
        try:
            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            start = time.monotonic()
            self.child.signal(signal.SIGTERM)
            ended = poll.poll(within * 1000)
            took = time.monotonic() - start
        finally:
            os.close(descriptor)
        if not ended:
            self.child.process.kill()
        status = self.child.process.wait()
        if not ended or status != 0:
            raise Failure(f"exit status {status} {took:.2f} s after SIGTERM: {self.child.tail()}")
        return took

    def close(self) -> None:
        """Ends it however it is."""
        if self.child.running():
            self.child.process.kill()
        self.child.process.wait()
        self._log.close()
