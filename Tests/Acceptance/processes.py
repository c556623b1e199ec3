"""Child processes of the bed, each with a log file of its own."""

import signal
import subprocess
import time
from pathlib import Path

from runner import Failure


class Child:
    """A running program; its output is appended to `log`. No environment given: our own."""

    def __init__(self, name: str, command: list[str], log: Path,
                 environment: dict[str, str] | None = None) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                env=environment)
        self.pid = self.process.pid

    def running(self) -> bool:
        return self.process.poll() is None

    def require_running(self) -> None:
        if not self.running():
            raise Failure(f"{self.name} ended with {self.process.returncode}: {self.tail()}")

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def stop(self, within: float = 10) -> tuple[int, float]:
        """SIGTERM, then SIGKILL after `within` seconds; returns exit status and seconds."""
        start = time.monotonic()
        self.process.terminate()
        try:
            self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return self.process.returncode, time.monotonic() - start

    def tail(self, lines: int = 15) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
