"""Clients of a daemon: a person's terminal, and those that mean it no good."""

import fcntl
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import termios
import threading
import time


class Terminal:
    """A program in a window of its own, of which all that it writes is kept."""

    def __init__(self, command: list[str], rows: int, columns: int,
                 environment: dict[str, str] | None = None) -> None:
        self.ours, theirs = pty.openpty()
        self.resize(rows, columns)
        inherited = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env={**inherited, "TERM": "xterm-256color", "LANG": "C.UTF-8", **(environment or {})})
        os.close(theirs)
        self.text = ""
        self.since = 0

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.ours)

    def resize(self, rows: int, columns: int) -> None:
        """The kernel tells the program by SIGWINCH."""
        if hasattr(self, "text"):
            self.read()
            self.since = len(self.text)
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self) -> str:
        """What was written since the last change of size."""
        while select.select([self.ours], [], [], 0.05)[0]:
            try:
                data = os.read(self.ours, 1 << 16)
            except OSError:
                break
            if not data:
                break
            self.text += data.decode(errors="replace")
        return self.text[self.since:]

    def write(self, text: str) -> None:
        os.write(self.ours, text.encode())

    def widest(self) -> int:
        """The columns of the longest line in the last whole frame."""
        frames = self.read().split("\x1b[H")
        frame = frames[-2] if len(frames) > 2 else frames[-1]
        lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", frame).splitlines()
        return max((len(line) for line in lines), default=0)

    def interrupt(self) -> int:
        """Ctrl-C, and how the program ends."""
        self.write("\x03")
        until = time.monotonic() + 10
        while self.process.poll() is None and time.monotonic() < until:
            self.read()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        status = self.process.wait()
        self.read()
        return status


class Flood:
    """Connections that say nothing, that stop half way, and that ask without end or never read."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self.address = (host, int(port))
        self.sockets: list[socket.socket] = []
        self.answered = 0
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._ask) for _ in range(4)]

    @property
    def held(self) -> int:
        return len(self.sockets)

    def __enter__(self) -> "Flood":
        host = b"Host: 127.0.0.1\r\n"
        for _ in range(10):
            for request in (b"", b"GET /api/v1/st", b"GET / HTTP/1.1\r\n" + host + b"X: ",
                            b"GET /api/v1/events HTTP/1.1\r\n" + host + b"\r\n",
                            (b"GET / HTTP/1.1\r\n" + host + b"\r\n") * 200):
                client = socket.create_connection(self.address, timeout=5)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                client.setblocking(False)
                try:
                    client.send(request)
                except BlockingIOError:
                    pass
                self.sockets.append(client)
        for thread in self.threads:
            thread.start()
        return self

    def _ask(self) -> None:
        while not self.over.is_set():
            try:
                with socket.create_connection(self.address, timeout=5) as client:
                    client.sendall(b"GET /api/v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                                   b"Connection: close\r\n\r\n")
                    while client.recv(1 << 16):
                        pass
                self.answered += 1
            except OSError:
                time.sleep(0.05)

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()
        for client in self.sockets:
            client.close()
