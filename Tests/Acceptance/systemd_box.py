"""Boots the box with evenkeel, its unit and the tests in it, and reads what they report."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import box
import certificates
import confined
import evenkeel
import inside_box
from runner import Report, say
from sandbox import end_on_sigterm

HERE = Path(__file__).resolve().parent
REPOSITORY = evenkeel.REPOSITORY
BOX = os.environ.get("SYSTEMD_BOX", str(REPOSITORY / "packaging/systemd-box"))
REPLIES = REPOSITORY / "Tests/CAdvisorTests/Replies/0.38.7"


def swift_runtime() -> str | None:
    """Where the toolchain keeps the libraries that a debug build is linked with."""
    if shutil.which("swift") is None:
        return None
    shown = subprocess.run(["swift", "-print-target-info"], text=True, capture_output=True)
    paths = json.loads(shown.stdout or "{}").get("paths", {}).get("runtimeLibraryPaths", [])
    return next((path for path in paths if Path(path).is_dir()), None)


def binds(made: Path) -> list[str]:
    """$EVENKEEL_BOX_BINARY, which needs no toolchain; else the debug build and its libraries."""
    program, shown = os.environ.get("EVENKEEL_BOX_BINARY"), []
    if program is None:
        program, runtime = evenkeel.binary(), swift_runtime()
        if runtime is not None:
            shown.append(runtime)
    shown += [f"{Path(program).resolve()}:/usr/bin/evenkeel", f"{HERE}:/mnt/acceptance",
              f"{REPOSITORY / 'systemd'}:{box.UNITS}", f"{REPLIES}:{box.REPLIES}",
              f"{made}:{confined.CERTIFICATES}"]
    return [word for each in shown for word in ("--bind-ro", each)]


def run_box(report: Report, only: str | None) -> None:
    """Runs the tests whose name contains `only` in one boot."""
    if not inside_box.suite.chosen(only):
        return
    end_on_sigterm()
    say("box: booting (the first time it is built, which takes a minute or two)")
    with tempfile.TemporaryDirectory() as made:
        certificates.make(Path(made))
        boot(report, only, Path(made))


def boot(report: Report, only: str | None, made: Path) -> None:
    command = [BOX, "--bpf", *binds(made), "--", "/usr/bin/python3", "-B", "-u",
               "/mnt/acceptance/inside_box.py", *([only] if only else [])]
    # A session of its own, so that an interruption reaches the box and all it has started.
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                          start_new_session=True) as process:
        try:
            report.follow("the box", iter(process.stdout), process.wait)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
