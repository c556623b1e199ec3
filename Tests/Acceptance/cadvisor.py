"""A real cAdvisor that watches the bed's Docker."""

import os
import signal
import urllib.request
from pathlib import Path

from processes import Child
from runner import wait_until

PORT = 8080
BINARY = os.environ.get("CADVISOR", "/usr/local/bin/cadvisor")


class CAdvisor:
    """cAdvisor with its default flags."""

    url = f"http://127.0.0.1:{PORT}"

    def __init__(self, folder: Path, docker_socket: Path) -> None:
        self.folder = folder
        self.docker_socket = docker_socket
        self.start()

    def start(self) -> None:
        self.child = Child(
            "cadvisor", [BINARY, "-port", str(PORT), "-listen_ip", "127.0.0.1",
                         "-docker", f"unix://{self.docker_socket}"], self.folder / "cadvisor.log")
        wait_until(self._answers, 15, lambda: f"cAdvisor does not answer: {self.child.tail()}")

    def _answers(self) -> bool:
        self.child.require_running()
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1.3/docker/", timeout=5) as reply:
                return b"api-1" in reply.read()
        except OSError:
            return False

    def freeze(self) -> None:
        """It goes on accepting connections and answers none."""
        self.child.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.child.signal(signal.SIGCONT)

    def kill(self) -> None:
        self.child.process.kill()
        self.child.process.wait()
