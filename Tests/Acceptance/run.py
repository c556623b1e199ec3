#!/usr/bin/python3
"""Runs the acceptance tests: a line a test, then `N passed, N failed`.

See README.md beside this file for what they need.
"""

import argparse
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True

from bed import require_tools
from doubts import run_doubts
from package_box import run_package
from pair import run_pair
from peers import run_peers
from runner import Report, say
from sandbox import Sandbox, end_on_sigterm
from systemd_box import run_box
from versions import run_versions

HERE = Path(__file__).resolve().parent


def run_bed(report: Report, only: str | None, file: str, place: str) -> None:
    require_tools()
    command = [sys.executable, "-B", "-u", str(HERE / file)]
    Sandbox().run(command + ([only] if only else []),
                  lambda lines, status: report.follow(place, lines, status))


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--docker", action="store_true",
                           help="Docker, cAdvisor and HAProxy (about eight minutes)")
    arguments.add_argument("--sources", action="store_true",
                           help="every source of load beside cAdvisor's API, in the same bed")
    arguments.add_argument("--limits", action="store_true",
                           help="a limit on real cgroups that no spec tells; wants a machine that is "
                                "otherwise idle, and is not part of a full run (about three minutes)")
    arguments.add_argument("--versions", action="store_true",
                           help="every HAProxy that Debian has (about four minutes)")
    arguments.add_argument("--doubts", action="store_true",
                           help="broken counters and odd traffic (about four minutes)")
    arguments.add_argument("--peers", action="store_true",
                           help="HAProxys, each with a daemon that knows the others (five minutes)")
    arguments.add_argument("--pair", action="store_true",
                           help="two machines with keepalived, as the document has them (two minutes)")
    arguments.add_argument("--systemd", action="store_true",
                           help="a booted systemd (about two minutes)")
    arguments.add_argument("--package", action="store_true",
                           help="the Debian package, from its build to its purge")
    arguments.add_argument("--only", metavar="NAME", help="the tests whose name contains NAME")
    chosen = arguments.parse_args()
    every = not (chosen.docker or chosen.versions or chosen.doubts or chosen.systemd
                 or chosen.package or chosen.limits or chosen.peers or chosen.sources
                 or chosen.pair)
    end_on_sigterm()
    report, start = Report(), time.monotonic()
    try:
        if chosen.docker or every:
            run_bed(report, chosen.only, "acceptance.py", "the Docker bed")
        if chosen.sources or every:
            run_bed(report, chosen.only, "sources.py", "the Docker bed with other sources")
        if chosen.limits:
            run_bed(report, chosen.only, "limits.py", "the bed with limits")
        if chosen.versions or every:
            run_versions(report, chosen.only)
        if chosen.doubts or every:
            run_doubts(report, chosen.only)
        if chosen.peers or every:
            run_peers(report, chosen.only)
        if chosen.pair or every:
            run_pair(report, chosen.only)
        if chosen.systemd or every:
            run_box(report, chosen.only)
        if chosen.package or every:
            run_package(report, chosen.only)
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    say(f"{time.monotonic() - start:.0f} s in all")
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
