"""The host as it stands inside the booted box: the shipped unit, Debian's HAProxy, a cAdvisor on a
script, small servers and a load.
"""

import json
import shutil
import subprocess
import time
from pathlib import Path

import haproxy
from fake_cadvisor import FakeCAdvisor, FakeServer
from load import Load
from runner import require, say, wait_until

UNITS = Path("/mnt/systemd")
REPLIES = Path("/mnt/replies")
CONFIGURATION = Path("/etc/evenkeel/config.json")
DROP_INS = Path("/etc/systemd/system/evenkeel.service.d")
SYSUSERS = Path("/usr/lib/sysusers.d/evenkeel.conf")
STATE = Path("/var/lib/evenkeel")
HAPROXY_CONFIGURATION = Path("/etc/haproxy/haproxy.cfg")
SOCKET = Path("/run/haproxy/admin.sock")
BACKEND = "backend_servers"
CADVISOR_PORT = 8080
CADVISOR = f"http://127.0.0.1:{CADVISOR_PORT}"
QUOTAS = (0.1, 0.2, 0.3, 0.4)
COST = 0.004
RATE = 60
ANSWERS_WITHIN = 15

HEAD = f"""\
global
  user haproxy
  group haproxy
  stats socket {SOCKET} mode 660 level admin
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
frontend front
  bind 127.0.0.1:{haproxy.PORT}
  default_backend {BACKEND}
"""


def backend_section(name: str, servers: list[str]) -> str:
    """A backend of servers that all stand for the fake ones, weight 100 each."""
    lines = [f"backend {name}", "  balance roundrobin", "  default-server weight 100"]
    lines += [f"  server {server} 127.0.0.1:{9001 + number % len(QUOTAS)}"
              for number, server in enumerate(servers)]
    return "\n".join(lines) + "\n"


def run(*command: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, text=True, capture_output=True, timeout=timeout)


class Box:
    """The host as it stands inside, and evenkeel's unit on it."""

    def __init__(self) -> None:
        self.servers = [FakeServer(f"api-{number}", 9000 + number, quota, COST)
                        for number, quota in enumerate(QUOTAS, 1)]
        self.cadvisor = FakeCAdvisor(CADVISOR_PORT, self.servers, REPLIES)
        self._install()
        self._write_haproxy(backend_section(BACKEND, [each.name for each in self.servers]))
        self.systemctl("restart", "haproxy")
        self.load = Load(haproxy.PORT, RATE, timeout=5)
        self.journal_begins = 0.0

    def _install(self) -> None:
        """What the package would put in place: unit, catalog, group."""
        shutil.copy(UNITS / "evenkeel.service", "/etc/systemd/system")
        shutil.copy(UNITS / "evenkeel.catalog", "/usr/lib/systemd/catalog")
        shutil.copy(UNITS / "evenkeel.sysusers.conf", SYSUSERS)
        run("systemd-sysusers")
        run("journalctl", "--update-catalog")
        CONFIGURATION.parent.mkdir(exist_ok=True)

    @staticmethod
    def _write_haproxy(sections: str) -> None:
        HAPROXY_CONFIGURATION.write_text(HEAD + sections)

    def systemctl(self, *arguments: str, check: bool = True,
                  timeout: float = 60) -> subprocess.CompletedProcess[str]:
        done = run("systemctl", *arguments, timeout=timeout)
        if check:
            require(done.returncode == 0,
                    f"systemctl {' '.join(arguments)} exits {done.returncode}: {done.stderr}")
        return done

    def reset(self, interval: str = "1s", **more: object) -> None:
        """Stops evenkeel, forgets what it learned, and puts everything back to the beginning."""
        self.systemctl("stop", "evenkeel", check=False)
        self.systemctl("reset-failed", "evenkeel", check=False)
        self.cadvisor.resume()
        self.systemctl("clean", "--what=state", "evenkeel")
        shutil.rmtree(DROP_INS, ignore_errors=True)
        self.systemctl("daemon-reload")
        haproxy.set_weights(SOCKET, BACKEND, {each.name: 100 for each in self.servers})
        self.configure(interval, **more)
        self.journal_begins = time.time()

    def configure(self, interval: str = "1s", **more: object) -> None:
        CONFIGURATION.write_text(json.dumps({
            "interval": interval,
            "cadvisors": [CADVISOR],
            "balancers": [{"name": "lb1", "address": f"unix:{SOCKET}"}],
            "backends": [{"name": BACKEND, "pattern": "api-.*"}],
            **more,
        }))

    def drop_in(self, *lines: str) -> None:
        DROP_INS.mkdir(exist_ok=True)
        (DROP_INS / "test.conf").write_text("[Service]\n" + "\n".join(lines) + "\n")
        self.systemctl("daemon-reload")

    def example(self, name: str) -> None:
        """Puts one of the shipped examples in place, as it is."""
        DROP_INS.mkdir(exist_ok=True)
        shutil.copy(UNITS / "examples" / name, DROP_INS)
        self.systemctl("daemon-reload")

    def start(self) -> float:
        """Starts the unit, which must succeed; returns the seconds that it took."""
        begun = time.monotonic()
        done = self.systemctl("start", "evenkeel", check=False)
        require(done.returncode == 0, f"start exits {done.returncode}")
        return time.monotonic() - begun

    def show(self, key: str) -> str:
        return self.systemctl("show", "evenkeel", f"--property={key}", "--value").stdout.strip()

    def status(self) -> str:
        return self.show("StatusText")

    def pid(self) -> int:
        return int(self.show("MainPID"))

    def restarts(self) -> int:
        return int(self.show("NRestarts"))

    def journal(self, *arguments: str) -> str:
        """The journal since `reset`; evenkeel's unit when nothing else is asked for."""
        return run("journalctl", "--no-pager", f"--since=@{self.journal_begins:.6f}",
                   *(arguments or ("--unit=evenkeel", "--output=cat"))).stdout

    def weights(self) -> dict[str, int]:
        return haproxy.weights(SOCKET, BACKEND)

    def wait_learned(self, within: float = 60) -> dict[str, int]:
        """Waits until the weights are about in proportion to the quotas, hence learned."""
        def learned() -> bool:
            weights = self.weights()
            scale = weights["api-4"] / QUOTAS[-1]
            return all(0.75 < weights[each.name] / (each.quota * scale) < 1.33
                       for each in self.servers)
        wait_until(learned, within,
                   lambda: f"weights {self.weights()}; STATUS={self.status()!r}")
        return self.weights()

    def wait_active(self, within: float = ANSWERS_WITHIN) -> None:
        wait_until(lambda: self.show("ActiveState") == "active", within,
                   lambda: f"ActiveState={self.show('ActiveState')}")

    def report_failure(self) -> None:
        say(f"--- the end of evenkeel's journal:\n{self.journal()[-3000:]}---")
