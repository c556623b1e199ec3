"""A real cAdvisor that watches the bed's Docker."""

import os
import signal
import socket
import urllib.request
from contextlib import suppress
from pathlib import Path
from threading import Thread

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


class Overheard:
    """A port that leads to cAdvisor's, and what is asked through it: paths with their queries."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.asked: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", port))
        Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with suppress(OSError):  # it is closed
            while True:
                asking, _ = self._listener.accept()
                answering = socket.create_connection(("127.0.0.1", PORT))
                for way in ((asking, answering, True), (answering, asking, False)):
                    Thread(target=self._pass, args=way, daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, is_asking: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if is_asking:
                    # A question without a body, or its head, comes in one piece.
                    self.asked += [line.split()[1].decode() for line in data.split(b"\r\n")
                                   if line.endswith(b" HTTP/1.1")]
                target.sendall(data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.close()
