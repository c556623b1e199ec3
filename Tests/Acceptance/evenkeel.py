"""The program under test, as a user runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from processes import Child

REPOSITORY = Path(__file__).resolve().parents[2]


def binary() -> str:
    """$EVENKEEL, or the last debug build."""
    if chosen := os.environ.get("EVENKEEL"):
        return str(Path(chosen).resolve())
    built = REPOSITORY / ".build/debug/evenkeel"
    if not built.exists():
        shown = subprocess.run(
            ["swift", "build", "--show-bin-path"], cwd=REPOSITORY, text=True, capture_output=True)
        built = Path(shown.stdout.strip() or ".") / "evenkeel"
    if not built.exists():
        sys.exit("no evenkeel: run `swift build`, or name the program in $EVENKEEL")
    return str(built)


class Evenkeel:
    """One configuration; the daemon, or a command that ends, run with it."""

    def __init__(self, program: str, folder: Path, name: str, configuration: dict) -> None:
        self.program = program
        self.log = folder / f"evenkeel-{name}.log"
        self.file = folder / f"{name}.json"
        self.file.write_text(json.dumps(configuration))
        self.state = folder / f"{name}-state"
        self.state.mkdir(exist_ok=True)

    @property
    def environment(self) -> dict[str, str]:
        """State and runtime folders as systemd would name them, but none of the caller's own service manager."""
        managed = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "JOURNAL_STREAM")
        ours = {key: value for key, value in os.environ.items() if key not in managed}
        return {**ours, "STATE_DIRECTORY": str(self.state), "RUNTIME_DIRECTORY": str(self.state)}

    def run(self) -> Child:
        return Child("evenkeel", [self.program, "run", "--config", str(self.file)], self.log,
                     self.environment)

    def command(self, *arguments: str, timeout: float = 30) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.program, arguments[0], "--config", str(self.file), *arguments[1:]], text=True,
            capture_output=True, stdin=subprocess.DEVNULL, timeout=timeout,
            env=self.environment)
