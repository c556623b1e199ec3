"""The server inside a container: each request costs a known amount of CPU time.

HTTP/1.1 kept alive; `/health` costs nothing. What a request costs is drawn from the number in its
`X-Draw`, so that it costs the same wherever it goes. Two models: `fcfs`, one thread, first come
first served; `threads`, a thread a connection under Python's global lock, where a request costs the
more CPU time the more are under way (each waiting thread asks for the lock every 5 ms), and where a
health check waits among the requests. The standard library alone: the container has the host's
/usr and nothing else.
"""

import argparse
import os
import random
import selectors
import signal
import socket
import time
from collections import deque
from threading import Thread

MAX_HEAD = 65_536
BACKLOG = 1024


def is_health_check(head: bytes) -> bool:
    return head.startswith((b"GET /health ", b"OPTIONS /health "))


class Cost:
    """CPU nanoseconds of a request, by mean and coefficient of variation.

    Even up to a variation of 0.5 (0.17 is 0.7 to 1.3 of the mean), a gamma distribution above: 1 is
    the exponential one.
    """

    def __init__(self, mean_ms: float, cv: float) -> None:
        self.mean = mean_ms * 1e6
        self.cv = cv

    def of(self, head: bytes, usual: random.Random) -> float:
        """By a request's own number, where it has one; HAProxy writes fields' names small."""
        _, found, rest = head.lower().partition(b"\r\nx-draw: ")
        chance = random.Random(rest.partition(b"\r\n")[0]) if found else usual
        if self.cv <= 0.5:
            width = self.cv * 3 ** 0.5
            return self.mean * chance.uniform(1 - width, 1 + width)
        return self.mean * chance.gammavariate(self.cv ** -2, self.cv ** 2)


def burn(nanoseconds: float) -> None:
    """Uses so much on this thread's own CPU clock, which stands while throttled."""
    end = time.thread_time_ns() + nanoseconds
    while time.thread_time_ns() < end:
        pass


def response(name: str, closing: bool = False) -> bytes:
    body = name.encode()
    head = b"Connection: close\r\n" if closing else b""
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n%s" % (len(body), head, body)


class Connection:
    """A client's socket and what it has sent but not yet completed."""

    def __init__(self, stream: socket.socket) -> None:
        self.stream = stream
        self.received = b""
        self.open = True


class Server:
    """Reads every request that has arrived, then works on the oldest, then reads again."""

    def __init__(self, name: str, port: int, cost: Cost, seed: int) -> None:
        self.name = name
        self.cost = cost
        self.random = random.Random(seed)
        self.queue: deque[tuple[Connection, float]] = deque()
        self.stopping = False
        self.selector = selectors.DefaultSelector()
        self.listener = socket.create_server(("127.0.0.1", port), backlog=BACKLOG)
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ, None)

    def run(self) -> None:
        while not (self.stopping and not self.queue):
            for key, _ in self.selector.select(timeout=0 if self.queue else 0.5):
                if key.data is None:
                    self.accept()
                else:
                    self.read(key.data)
            if self.queue:
                self.serve(*self.queue.popleft())

    def stop(self) -> None:
        """No new connections; what is queued is still answered."""
        self.stopping = True
        self.selector.unregister(self.listener)
        self.listener.close()

    def accept(self) -> None:
        """Takes all that wait, lest a health check stand behind a hundred of them."""
        while True:
            try:
                stream, _ = self.listener.accept()
            except OSError:
                return
            stream.setblocking(False)
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.selector.register(stream, selectors.EVENT_READ, Connection(stream))

    def read(self, connection: Connection) -> None:
        try:
            data = connection.stream.recv(MAX_HEAD)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        connection.received += data
        if not data or len(connection.received) > MAX_HEAD:
            self.close(connection)
            return
        while b"\r\n\r\n" in connection.received:
            head, _, connection.received = connection.received.partition(b"\r\n\r\n")
            if is_health_check(head):
                self.answer(connection)
            else:
                self.queue.append((connection, self.cost.of(head, self.random)))

    def serve(self, connection: Connection, nanoseconds: float) -> None:
        if connection.open:
            burn(nanoseconds)
            self.answer(connection)

    def answer(self, connection: Connection) -> None:
        try:
            connection.stream.sendall(response(self.name, self.stopping))
        except OSError:
            self.close(connection)

    def close(self, connection: Connection) -> None:
        if connection.open:
            connection.open = False
            self.selector.unregister(connection.stream)
            connection.stream.close()


class ThreadServer:
    """A thread for each connection, as many as come."""

    def __init__(self, name: str, port: int, cost: Cost, seed: int) -> None:
        self.name = name
        self.cost = cost
        self.random = random.Random(seed)
        self.listener = socket.create_server(("127.0.0.1", port), backlog=BACKLOG)

    def run(self) -> None:
        while True:
            stream, _ = self.listener.accept()
            chance = random.Random(self.random.random())
            Thread(target=self.talk, args=(stream, chance), daemon=True).start()

    def stop(self) -> None:
        """At once: requests under way are lost."""
        os._exit(0)

    def talk(self, stream: socket.socket, chance: random.Random) -> None:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        received = b""
        with stream:
            try:
                while data := stream.recv(MAX_HEAD):
                    received += data
                    while b"\r\n\r\n" in received:
                        head, _, received = received.partition(b"\r\n\r\n")
                        if not is_health_check(head):
                            burn(self.cost.of(head, chance))
                        stream.sendall(response(self.name))
            except OSError:
                return


MODELS = {"fcfs": Server, "threads": ThreadServer}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--name", required=True)
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--cost-ms", type=float, required=True)
    arguments.add_argument("--cv", type=float, default=0.3 / 3 ** 0.5)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--model", choices=MODELS, default="fcfs")
    chosen = arguments.parse_args()
    server = MODELS[chosen.model](
        chosen.name, chosen.port, Cost(chosen.cost_ms, chosen.cv), chosen.seed)
    # As process 1 of a container it would ignore SIGTERM without a handler.
    signal.signal(signal.SIGTERM, lambda *_: server.stop())
    server.run()


main()
