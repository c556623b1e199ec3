"""Headless Chromium, driven by the DevTools protocol over a WebSocket (RFC 6455), with nothing but
Python's own library.

https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import json
import os
import select
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from runner import Failure, require, wait_until

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def program() -> str | None:
    """The browser's program, where there is one."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Socket:
    """One WebSocket connection, as a client, with text messages alone."""

    def __init__(self, url: str) -> None:
        address, _, path = url.removeprefix("ws://").partition("/")
        host, _, port = address.partition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=20)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            (f"GET /{path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\n"
             f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
             "Sec-WebSocket-Version: 13\r\n\r\n").encode())
        self.received = b""
        while b"\r\n\r\n" not in self.received:
            self._receive()
        head, self.received = self.received.split(b"\r\n\r\n", 1)
        require(b" 101 " in head.splitlines()[0], f"no WebSocket: {head[:200]!r}")

    def send(self, text: str) -> None:
        payload, mask = text.encode(), os.urandom(4)
        size = len(payload)
        if size < 126:
            head = bytes([0x81, 0x80 | size])
        elif size < 65536:
            head = bytes([0x81, 0x80 | 126]) + size.to_bytes(2, "big")
        else:
            head = bytes([0x81, 0x80 | 127]) + size.to_bytes(8, "big")
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        self.socket.sendall(head + mask + masked)

    def message(self, within: float) -> str | None:
        """The next text message; None when there is none in time."""
        text, until = b"", time.monotonic() + within
        while True:
            frame = self._frame()
            if frame is None:
                left = max(0.0, until - time.monotonic())
                if not select.select([self.socket], [], [], left)[0]:
                    return None
                self._receive()
                continue
            final, kind, payload = frame
            if kind in (0, 1):
                text += payload
                if final:
                    return text.decode()
            elif kind == 8:
                raise Failure("the browser closed its connection")

    def _frame(self) -> tuple[bool, int, bytes] | None:
        data = self.received
        if len(data) < 2:
            return None
        size, offset = data[1] & 0x7F, 2
        if size >= 126:
            width = 2 if size == 126 else 8
            if len(data) < 2 + width:
                return None
            size, offset = int.from_bytes(data[2:2 + width], "big"), 2 + width
        if len(data) < offset + size:
            return None
        self.received = data[offset + size:]
        return bool(data[0] & 0x80), data[0] & 0x0F, data[offset:offset + size]

    def _receive(self) -> None:
        data = self.socket.recv(1 << 20)
        if not data:
            raise Failure("the browser closed its connection")
        self.received += data


class Browser:
    """One page in a browser of its own: what it shows, asks for and complains of."""

    def __init__(self) -> None:
        path = program()
        require(path is not None, "there is no Chromium")
        self.folder = Path(tempfile.mkdtemp(prefix="evenkeel-browser-"))
        self.log = (self.folder / "log").open("wb")
        self.process = subprocess.Popen(
            [path, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--no-first-run", "--disable-background-networking", "--disable-extensions",
             "--hide-scrollbars", "--remote-debugging-port=0",
             f"--user-data-dir={self.folder}/profile", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env={**os.environ, "HOME": str(self.folder)})
        port_file = self.folder / "profile" / "DevToolsActivePort"
        wait_until(lambda: port_file.exists() and len(port_file.read_text().split()) == 2, 30,
                   lambda: f"no browser: {(self.folder / 'log').read_text()[-500:]}")
        self.port = port_file.read_text().split()[0]
        page = next(target for target in json.loads(self._ask("")) if target["type"] == "page")
        self.tab, self.other = page["id"], None
        self.socket = Socket(page["webSocketDebuggerUrl"])
        self.number = 0
        self.complaints: list[str] = []
        self.requests: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: object) -> dict:
        """Calls a method of the protocol, and takes in what happens meanwhile."""
        self.number += 1
        number = self.number
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        until = time.monotonic() + 30
        while time.monotonic() < until:
            text = self.socket.message(until - time.monotonic())
            if text is None:
                break
            message = json.loads(text)
            if message.get("id") == number:
                if "error" in message:
                    raise Failure(f"{method}: {message['error']}")
                return message.get("result", {})
            self._note(message)
        raise Failure(f"{method}: no answer")

    def pump(self) -> None:
        """Takes in what has happened by now."""
        while (text := self.socket.message(0)) is not None:
            self._note(json.loads(text))

    def _note(self, message: dict) -> None:
        method, found = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(found["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            details = found["exceptionDetails"]
            self.complaints.append(
                details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and found["type"] in ("error", "warning", "assert"):
            self.complaints.append(" ".join(str(part.get("value")) for part in found["args"]))
        elif method == "Log.entryAdded" and found["entry"]["level"] in ("error", "warning"):
            self.complaints.append(found["entry"]["text"])
        elif method == "Audits.issueAdded" and "contentSecurityPolicy" in json.dumps(found):
            self.complaints.append(json.dumps(found["issue"]))

    def open(self, url: str, width: int = 1200, height: int = 900) -> None:
        self.resize(width, height)
        self.call("Page.navigate", url=url)

    def resize(self, width: int, height: int, phone: bool = False) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=phone)

    def scheme(self, name: str) -> None:
        """`light` or `dark`, as the user's system has it."""
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": name}])

    def value(self, expression: str) -> object:
        """What a JavaScript expression gives, as JSON."""
        result = self.call("Runtime.evaluate", expression=f"JSON.stringify({expression})",
                           returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise Failure(f"{expression}: {result['exceptionDetails']}")
        text = result["result"].get("value")
        return None if text is None else json.loads(text)

    def _ask(self, path: str, method: str = "GET") -> bytes:
        url = f"http://127.0.0.1:{self.port}/json{path}"
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=20) as answer:
            return answer.read()

    def hide(self) -> None:
        """Brings another tab before the page, as a person does."""
        if self.other is None:
            self.other = json.loads(self._ask("/new?about:blank", "PUT"))["id"]
        self._ask(f"/activate/{self.other}")
        wait_until(lambda: self.value("document.visibilityState") == "hidden", 10, "the page stays in view")

    def show(self) -> None:
        """Brings the page back into view."""
        self._ask(f"/activate/{self.tab}")
        wait_until(lambda: self.value("document.visibilityState") == "visible", 10, "the page stays hidden")

    def press(self, key: str, code: int) -> None:
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                      windowsVirtualKeyCode=code)

    def picture(self, path: Path) -> None:
        """A picture of the whole page."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        data = self.call("Page.captureScreenshot", format="png", clip=clip,
                         captureBeyondViewport=True)["data"]
        path.write_bytes(base64.b64decode(data))

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
