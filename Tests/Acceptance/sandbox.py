"""Namespaces around the Docker tests, so that nothing outlives them, whatever happens.

The command runs as process 1 of process, mount and network namespaces of its own: when it ends or
is killed the kernel ends dockerd, containers, HAProxy and all the rest, and drops every mount (the
working folder is a tmpfs among them). The network is a loopback that no one else is on, hence fixed
ports. What is left for this side are the cgroups.
"""

import ctypes
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
PREFIX = "evenkeel-bed-"
# Every Debian has it, and its own contents are out of sight only on the sealed side.
FOLDER = Path("/media")
PR_SET_PDEATHSIG = 1
SIOCSIFFLAGS = 0x8914
IFF_UP = 0x1


def die_with_parent() -> None:
    """The kernel kills this process when its parent goes, by SIGKILL too."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def end_on_sigterm() -> None:
    """SIGTERM and SIGHUP unwind like Ctrl-C, so that `finally` clauses run."""
    def end(*_: object) -> None:
        raise KeyboardInterrupt
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGHUP, end)


@contextmanager
def deaf() -> Iterator[None]:
    """What is put away meanwhile is put away whole, however often somebody interrupts."""
    handlers = {number: signal.signal(number, signal.SIG_IGN)
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def cgroup_tops() -> list[Path]:
    """The root of every cgroup hierarchy: one on v2, one a controller on v1."""
    mounted = [Path(line.split()[1]) for line in Path("/proc/mounts").read_text().splitlines()
               if line.split()[2] in ("cgroup", "cgroup2")]
    return [top for top in mounted if top == CGROUPS or CGROUPS in top.parents]


def remove_cgroups(name: str, within: float = 10) -> None:
    """Removes the group and all below it, once its processes are gone."""
    deadline = time.monotonic() + within
    while left := [top / name for top in cgroup_tops() if (top / name).exists()]:
        for group in left:
            for folder, _, _ in os.walk(group, topdown=False):
                try:
                    os.rmdir(folder)
                except OSError:
                    continue
        if time.monotonic() > deadline:
            print(f"cgroups could not be removed: {left}", file=sys.stderr)
            return
        time.sleep(0.05)


def remove_remains() -> None:
    """The empty cgroups that runs killed by SIGKILL have left."""
    for name in {group.name for top in cgroup_tops() for group in top.glob(f"{PREFIX}*")}:
        if not Path("/proc", name.removeprefix(PREFIX)).exists():
            remove_cgroups(name)


class Sandbox:
    """Runs one command sealed off, and removes everything afterwards."""

    def __init__(self) -> None:
        self.name = f"{PREFIX}{os.getpid()}"
        self.process: subprocess.Popen[str] | None = None

    def run(self, command: list[str], follow: Callable[[Iterator[str], Callable[[], int]], None],
            ) -> int:
        """Hands the command's lines to `follow`; returns its exit status."""
        if os.geteuid() != 0:
            sys.exit("the test bed needs root: namespaces, cgroups, dockerd")
        end_on_sigterm()
        remove_remains()
        try:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", "--mount-proc",
                 *command],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                start_new_session=True, preexec_fn=die_with_parent,
                env={**os.environ, "BED_CGROUP": self.name})
            follow(iter(self.process.stdout), self.process.wait)
            return self.process.wait()
        finally:
            with deaf():
                if self.process is not None and self.process.poll() is None:
                    self.process.kill()
                    self.process.wait()
                remove_cgroups(self.name)


def enter() -> tuple[Path, str]:
    """The sealed side's first steps; returns the working folder and the cgroup's name."""
    group = os.environ["BED_CGROUP"]
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "bed", str(FOLDER)], check=True)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as anything:
        fcntl.ioctl(anything, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP))
    for top in cgroup_tops():
        (top / group).mkdir(exist_ok=True)
    return FOLDER, group
