"""A real HAProxy in master-worker mode, and its Runtime API as far as the tests need it."""

import csv
import signal
import socket
from pathlib import Path

from containers import Container
from processes import Child
from runner import wait_until

BACKEND = "backend_servers"
PORT = 8000


def processes() -> set[int]:
    """Every HAProxy of this namespace."""
    found = set()
    for name in Path("/proc").glob("[0-9]*/comm"):
        try:
            if name.read_text().strip() == "haproxy":
                found.add(int(name.parent.name))
        except OSError:  # it has just ended
            continue
    return found


CONFIGURATION = """\
global
  stats socket {socket} mode 600 level admin
  maxconn 8000
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 30s
  timeout check 1s
  retries 3
  option redispatch 1
  retry-on conn-failure empty-response
frontend front
  bind 127.0.0.1:{port}
  default_backend {backend}
backend {backend}
  balance {balance}
  option httpchk GET /health
  default-server check inter 1s fall 3 rise 1 weight 100
{servers}
"""


def ask(path: Path, command: str, timeout: float = 5) -> str:
    """One command on a connection of its own; the whole reply."""
    with socket.socket(socket.AF_UNIX) as stream:
        stream.settimeout(timeout)
        stream.connect(str(path))
        stream.sendall(command.encode() + b"\n")
        reply = b""
        while data := stream.recv(65_536):
            reply += data
    return reply.decode()


def server_states(path: Path, backend: str) -> dict[str, dict[str, str]]:
    """The rows of `show servers state` by server, columns by name."""
    lines = ask(path, f"show servers state {backend}").splitlines()
    names = lines[1].removeprefix("# ").split()
    rows = [dict(zip(names, line.split())) for line in lines[2:] if line]
    return {row["srv_name"]: row for row in rows}


def weights(path: Path, backend: str) -> dict[str, int]:
    """The weights in force, as set by configuration or socket."""
    return {name: int(row["srv_uweight"]) for name, row in server_states(path, backend).items()}


def set_weights(path: Path, backend: str, wanted: dict[str, int]) -> None:
    for name, weight in wanted.items():
        reply = ask(path, f"set server {backend}/{name} weight {weight}")
        if reply.strip():
            raise RuntimeError(f"HAProxy refused weight {weight} of {name}: {reply.strip()}")


def process_id(path: Path) -> int:
    """The worker that answers on the socket now."""
    return next(int(line.removeprefix("Pid:")) for line in ask(path, "show info").splitlines()
                if line.startswith("Pid:"))


class HAProxy:
    """All containers with equal weights of 100, health checks, retries.

    `most` bounds by name what HAProxy has under way at a server; the rest waits in the backend's
    queue for whichever server is free next. Nobody named: no bound.
    """

    def __init__(self, folder: Path, containers: list[Container], balance: str = "roundrobin",
                 most: dict[str, int] | None = None) -> None:
        self.socket = folder / "haproxy.sock"
        self.socket.unlink(missing_ok=True)
        configuration = folder / "haproxy.cfg"
        configuration.write_text(CONFIGURATION.format(
            socket=self.socket, port=PORT, backend=BACKEND, balance=balance,
            servers="\n".join(
                f"  server {each.name} 127.0.0.1:{each.port}"
                + (f" maxconn {most[each.name]}" if most and each.name in most else "")
                for each in containers)))
        self.master = Child(
            "haproxy", ["haproxy", "-W", "-db", "-f", str(configuration)], folder / "haproxy.log")
        wait_until(self.socket.exists, 10, lambda: f"no socket: {self.master.tail()}")

    def weights(self) -> dict[str, int]:
        return weights(self.socket, BACKEND)

    def set_weights(self, wanted: dict[str, int]) -> None:
        set_weights(self.socket, BACKEND, wanted)

    def downs(self) -> int:
        """How often a server went from up to down since the start."""
        rows = csv.DictReader(
            ask(self.socket, f"show stat {BACKEND} 4 -1").removeprefix("# ").splitlines())
        return sum(int(row["chkdown"] or 0) for row in rows)

    def close(self) -> None:
        """Ends master and worker, and with them every connection."""
        self.master.stop(within=1)
        wait_until(lambda: not processes(), 5, "HAProxy does not end")

    def up(self, name: str) -> bool:
        return server_states(self.socket, BACKEND)[name]["srv_op_state"] == "2"

    def reload(self) -> None:
        """SIGUSR2 to the master; returns when a new worker answers."""
        before = process_id(self.socket)
        self.master.signal(signal.SIGUSR2)
        wait_until(lambda: self._changed(before), 10, "no new worker after SIGUSR2", every=0.02)

    def _changed(self, before: int) -> bool:
        try:
            return process_id(self.socket) != before
        except OSError:
            return False
