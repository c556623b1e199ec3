"""A small runner: tests are functions, results travel as JSON lines from where they run.

The Docker tests run in namespaces of their own and the systemd tests in a booted box; both print
one JSON line a test on standard output, and `run.py` outside turns them into the report.
"""

import json
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from threading import Lock


class Failure(Exception):
    """A promise that was not kept; the text says what was seen."""


def require(condition: bool, seen: str) -> None:
    """Fails the running test with `seen` unless the condition holds."""
    if not condition:
        raise Failure(seen)


def say(text: str) -> None:
    """Progress, for people: standard error, a whole line at once."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def wait_until(condition: Callable[[], object], within: float, seen: Callable[[], str] | str,
               every: float = 0.1) -> float:
    """Waits until the condition holds and returns the seconds it took, or fails with `seen`."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > within:
            text = seen if isinstance(seen, str) else seen()
            raise Failure(f"not within {within:g} s: {text}")
        time.sleep(every)
    return time.monotonic() - start


@dataclass
class Result:
    """How one test ended; `seen` is the figure behind a pass, or the reason of a failure."""
    name: str
    passed: bool
    seconds: float
    seen: str


class Suite:
    """The tests of one place, run in the order in which they are written."""

    def __init__(self) -> None:
        self.tests: dict[str, Callable[..., str | None]] = {}

    def test(self, function: Callable[..., str | None]) -> Callable[..., str | None]:
        """Adds a test: its name is the function's, words instead of underscores."""
        self.tests[function.__name__.replace("_", " ")] = function
        return function

    def chosen(self, only: str | None) -> list[str]:
        """The names that contain `only`, written with blanks or underscores."""
        return [name for name in self.tests if (only or "").replace("_", " ") in name]

    def run(self, names: list[str], *fixture: object,
            on_failure: Callable[[], None] = lambda: None) -> bool:
        """Runs the tests named and reports each as a JSON line; true when all passed."""
        print(json.dumps({"planned": names}), flush=True)
        passed = True
        for name in names:
            result = self._run(name, fixture)
            passed = passed and result.passed
            print(json.dumps(asdict(result)), flush=True)
            if not result.passed:
                on_failure()
        return passed

    def _run(self, name: str, fixture: tuple[object, ...]) -> Result:
        start = time.monotonic()
        try:
            seen, passed = self.tests[name](*fixture) or "", True
        except Failure as failure:
            seen, passed = str(failure), False
        except Exception:
            seen, passed = traceback.format_exc().strip(), False
        return Result(name, passed, round(time.monotonic() - start, 1), seen)


class Report:
    """Prints a line a test and the closing line, and knows the exit status."""

    def __init__(self) -> None:
        self.passed = 0
        self.failures: list[Result] = []
        self.lock = Lock()

    def add(self, result: Result) -> None:
        with self.lock:
            if result.passed:
                self.passed += 1
            else:
                self.failures.append(result)
            self._show(result)

    def _show(self, result: Result) -> None:
        verdict = "passed" if result.passed else "FAILED"
        seen = f": {result.seen}" if result.seen else ""
        print(f"{verdict} {result.seconds:6.1f} s  {result.name}{seen}", flush=True)

    def follow(self, place: str, lines: Iterator[str], exit_status: Callable[[], int]) -> None:
        """Reads a suite's JSON lines; tests that it planned and never reported have failed."""
        missing: list[str] = [f"{place} starts"]
        for line in lines:
            try:
                event = json.loads(line)
            except ValueError:
                say(line.rstrip())
                continue
            if "planned" in event:
                missing = list(event["planned"])
                continue
            result = Result(**event)
            missing.remove(result.name)
            self.add(result)
        status = exit_status()
        for name in missing:
            self.add(Result(name, False, 0, f"never ran: {place} ended with status {status}"))

    def gather(self, place: str, lines: Iterator[str], exit_status: Callable[[], int]) -> None:
        """Reads what a `Relay` in another process has handed on."""
        try:
            for line in lines:
                try:
                    result = Result(**json.loads(line))
                except (ValueError, TypeError):
                    say(line.rstrip())
                    continue
                self.add(result)
            status = exit_status()
            seen = f"exit status {status}" if status != 0 else ""
        except Exception:
            seen = traceback.format_exc().strip()
        if seen:
            self.add(Result(f"{place} end well", False, 0, seen))

    def close(self) -> int:
        for result in self.failures:
            # Once more where a long run is looked at first: its end.
            seen = " ".join(result.seen.split())
            print(f"FAILED  {result.name}: {seen[:300]}"
                  + (f" … {seen[-300:]}" if len(seen) > 300 else ""))
        print(f"{self.passed} passed, {len(self.failures)} failed", flush=True)
        return 0 if not self.failures and self.passed > 0 else 1


class Relay(Report):
    """Hands each result on as a JSON line, to a `Report` in the process that started this one."""

    def _show(self, result: Result) -> None:
        print(json.dumps(asdict(result)), flush=True)

    def close(self) -> int:
        return 0
