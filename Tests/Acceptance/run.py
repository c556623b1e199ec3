#!/usr/bin/python3
"""Runs the acceptance tests: a line a test, then `N passed, N failed`.

See README.md beside this file for what they need.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

sys.dont_write_bytecode = True

from bed import require_tools
from doubts import run_doubts
from package_box import run_package
from pair import run_pair
from peers import run_peers
from runner import Relay, Report, say
from sandbox import Sandbox, deaf, die_with_parent, end_on_sigterm
from systemd_box import run_box
from versions import run_versions

HERE = Path(__file__).resolve().parent

Run = Callable[[Report, "str | None"], None]


def bed(file: str, place: str) -> Run:
    def run(report: Report, only: str | None) -> None:
        require_tools()
        command = [sys.executable, "-B", "-u", str(HERE / file)]
        Sandbox().run(command + ([only] if only else []),
                      lambda lines, status: report.follow(place, lines, status))
    return run


# Each with what it is.
SUITES: dict[str, tuple[Run, str]] = {
    "docker": (bed("acceptance.py", "the Docker bed"),
               "Docker, cAdvisor and HAProxy (about seven minutes)"),
    "sources": (bed("sources.py", "the Docker bed with other sources"),
                "every source of load beside cAdvisor's API, in the same bed (about seven minutes)"),
    "limits": (bed("limits.py", "the bed with limits"),
               "a limit on real cgroups that no spec tells; wants a machine that is otherwise idle, "
               "and is not part of a full run (about three minutes)"),
    "versions": (run_versions, "every HAProxy that Debian has (about four minutes)"),
    "doubts": (run_doubts, "broken counters and odd traffic (about five minutes)"),
    "peers": (run_peers, "HAProxys, each with a daemon that knows the others (five minutes)"),
    "pair": (run_pair, "two machines with keepalived, as the document has them (two minutes)"),
    "systemd": (run_box, "a booted systemd (about two minutes)"),
    "package": (run_package, "the Debian package, from its build to its purge"),
}
# What loads the machine, or compares tails, has it to itself. The others mostly wait, each in namespaces
# of its own; the package's build comes when the others are nearly through.
ALONE = ("docker", "sources", "pair")
BESIDE = (("doubts", "package"), ("versions", "systemd"), ("peers",))


def run_beside(report: Report, only: str | None) -> None:
    """Runs the suites that may, side by side."""
    lanes, readers = [], []
    try:
        for lane in BESIDE:
            command = [sys.executable, "-B", "-u", __file__, "--relay",
                       *(f"--{name}" for name in lane), *(["--only", only] if only else [])]
            # A session of its own: it is ended once, and by this side.
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                errors="replace", start_new_session=True, preexec_fn=die_with_parent)
            lanes.append(process)
            readers.append(Thread(target=report.gather, args=(" and ".join(lane), process.stdout,
                                                              process.wait)))
            readers[-1].start()
        for reader in readers:
            reader.join()
    finally:
        with deaf():
            for end in (signal.SIGTERM, signal.SIGKILL):
                for process in lanes:
                    # Its group: also what a build or a download has started.
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(process.pid, end)
                    process.wait()


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, (_, what) in SUITES.items():
        arguments.add_argument(f"--{name}", action="store_true", help=what)
    arguments.add_argument("--only", metavar="NAME", help="the tests whose name contains NAME")
    arguments.add_argument("--relay", action="store_true", help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    wanted = [name for name in SUITES if getattr(chosen, name)]
    end_on_sigterm()
    report, start = Relay() if chosen.relay else Report(), time.monotonic()
    try:
        for name in wanted or ALONE:
            SUITES[name][0](report, chosen.only)
        if not wanted:
            run_beside(report, chosen.only)
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    say(f"{time.monotonic() - start:.0f} s: {', '.join(wanted) or 'all'}")
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
