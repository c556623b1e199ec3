"""A name server on loopback that knows one SRV record, as a service registry answers it."""

import socket
import struct
from threading import Thread

A, SRV, INTERNET = 1, 33, 1


def name(text: str) -> bytes:
    return b"".join(bytes([len(part)]) + part.encode() for part in text.split(".")) + b"\0"


def record(owner: str, kind: int, data: bytes) -> bytes:
    """An answer that is good for a second."""
    return name(owner) + struct.pack("!HHIH", kind, INTERNET, 1, len(data)) + data


class FakeDNS:
    """Says that `service` is at these ports of 127.0.0.1, all with the same weight."""

    def __init__(self, port: int, service: str, ports: list[int], weight: int) -> None:
        self.service = service
        hosts = [f"host-{number}.test" for number in range(len(ports))]
        self._targets = b"".join(
            record(service, SRV, struct.pack("!HHH", 0, weight, port) + name(host))
            for host, port in zip(hosts, ports))
        self._addresses = {host: record(host, A, socket.inet_aton("127.0.0.1")) for host in hosts}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", port))
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            query, sender = self._socket.recvfrom(4096)
            self._socket.sendto(self._answer(query), sender)

    def _answer(self, query: bytes) -> bytes:
        labels, position = [], 12
        while length := query[position]:
            labels.append(query[position + 1:position + 1 + length].decode())
            position += 1 + length
        asked, question = ".".join(labels).lower(), query[12:position + 5]
        answers, additional = b"", b""
        counts = (0, 0)
        if asked == self.service:
            answers, additional = self._targets, b"".join(self._addresses.values())
            counts = (len(self._addresses), len(self._addresses))
        elif asked in self._addresses:
            answers, counts = self._addresses[asked], (1, 0)
        # An answer of authority: no error, or no such name.
        flags = 0x8400 if answers else 0x8403
        head = struct.pack("!HHHHHH", struct.unpack("!H", query[:2])[0], flags, 1, counts[0], 0,
                           counts[1])
        return head + question + answers + additional
