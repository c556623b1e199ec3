#!/usr/bin/python3
"""What only a real systemd can show: readiness, reload, watchdog, stop, journal.

Runs inside the booted box, started by `systemd_box.py`; `box.py` is what stands in it.
"""

import json
import os
import re
import signal
import socket
import sys
import time
from pathlib import Path
from threading import Timer

import confined
import haproxy
from box import (ANSWERS_WITHIN, BACKEND, CADVISOR, CONFIGURATION, HAPROXY_CONFIGURATION, SOCKET,
                 Box, backend_section, run)
from runner import Failure, Suite, require, wait_until

suite = Suite()


@suite.test
def ready_after_the_first_look(box: Box) -> str:
    box.reset(interval="10s")
    box.cadvisor.hang()
    Timer(2, box.cadvisor.resume).start()
    took = box.start()
    require(1.9 <= took <= 12, f"start returned after {took:.1f} s, cAdvisor answered after 2 s")
    require(box.show("ActiveState") == "active", f"ActiveState={box.show('ActiveState')}")
    wait_until(lambda: BACKEND in box.status(), 2, lambda: f"STATUS={box.status()!r}")
    first = box.status()
    wait_until(lambda: re.search(rf"{BACKEND}.*\b4\b.*servers", box.status()), 45,
               lambda: f"STATUS={box.status()!r}")
    return f"start took {took:.1f} s; STATUS={first!r}, then {box.status()!r}"


@suite.test
def a_wrong_configuration_ends_in_78_and_touches_nothing(box: Box) -> str:
    box.reset(intervall="10s", backends=[{"name": BACKEND, "pattern": "("}])
    wanted = {"api-1": 11, "api-2": 22, "api-3": 33, "api-4": 44}
    haproxy.set_weights(SOCKET, BACKEND, wanted)
    start = box.systemctl("start", "evenkeel", check=False)
    require(start.returncode == 1, f"start exits {start.returncode}")
    wait_until(lambda: box.show("ActiveState") == "failed", 5,
               lambda: f"ActiveState={box.show('ActiveState')}")
    time.sleep(3)
    require(box.show("ExecMainStatus") == "78", f"exit status {box.show('ExecMainStatus')}")
    require(box.restarts() == 0, f"NRestarts={box.restarts()}")
    journal = box.journal()
    absent = [text for text in ("intervall", "backends[0].pattern") if text not in journal]
    require(not absent, f"the journal does not name {absent}: {journal}")
    require("status=78/CONFIG" in journal, journal)
    require(box.weights() == wanted, f"weights are {box.weights()}")
    return "exit status 78, no restart, both errors in the journal, weights untouched"


@suite.test
def a_good_reload_is_taken_over(box: Box) -> str:
    box.reset()
    box.start()
    pid = box.pid()
    box.configure(backends=[{"name": BACKEND, "pattern": "api-.*"},
                            {"name": "shop", "pattern": "shop-.*"}])
    reload = box.systemctl("reload", "evenkeel")
    took = wait_until(lambda: box.show("ActiveState") == "active" and "shop" in box.status(),
                      ANSWERS_WITHIN,
                      lambda: f"ActiveState={box.show('ActiveState')}, STATUS={box.status()!r}")
    require(box.pid() == pid, f"process {pid} became {box.pid()}")
    return f"reload exits {reload.returncode}; after {took:.1f} s STATUS={box.status()!r}"


@suite.test
def a_bad_reload_is_refused_and_the_old_configuration_goes_on(box: Box) -> str:
    box.reset()
    box.start()
    learned, pid = box.wait_learned(), box.pid()
    CONFIGURATION.write_text('{"intervall": "1s"}')
    reload = box.systemctl("reload", "evenkeel", check=False)
    require(reload.returncode == 1, f"reload of a wrong configuration exits {reload.returncode}")
    require(box.show("ActiveState") == "active", f"ActiveState={box.show('ActiveState')}")
    box.journal_begins = time.time()
    os.kill(pid, signal.SIGHUP)
    wait_until(lambda: "refused" in box.status(), ANSWERS_WITHIN,
               lambda: f"STATUS={box.status()!r}")
    status = box.status()
    box.wait_active()
    wait_until(lambda: "intervall" in box.journal(), 5, lambda: f"journal: {box.journal()}")
    box.systemctl("reload", "haproxy")
    wait_until(lambda: max(box.weights().values()) > 1.5 * min(box.weights().values()),
               ANSWERS_WITHIN, lambda: f"HAProxy was reloaded: weights {box.weights()}, "
                                       f"learned {learned}, STATUS={box.status()!r}")
    require(box.pid() == pid and box.restarts() == 0, "the daemon was restarted")
    return f"refused twice; STATUS={status!r}; weights still kept"


@suite.test
def ten_reloads_while_cadvisor_hangs_end_in_active(box: Box) -> str:
    box.reset(interval="2s")
    box.start()
    pid, begun = box.pid(), time.monotonic()
    box.cadvisor.hang()
    for _ in range(10):
        box.systemctl("reload", "evenkeel", timeout=20)
    box.wait_active()
    took = time.monotonic() - begun
    box.cadvisor.resume()
    time.sleep(3)
    box.wait_active()
    require(box.pid() == pid, f"process {pid} became {box.pid()}")
    return f"active after {took:.1f} s, and stays so"


class StuckJournal:
    """journald stands still, and its queue is full."""

    def __enter__(self) -> "StuckJournal":
        run("systemctl", "kill", "--signal=STOP", "systemd-journald")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        try:
            for _ in range(100_000):
                self.socket.sendto(b"MESSAGE=one of many\n", "/run/systemd/journal/socket")
        except BlockingIOError:
            return self
        raise Failure("journald takes messages without end")

    def __exit__(self, *_: object) -> None:
        self.socket.close()
        run("systemctl", "kill", "--signal=CONT", "systemd-journald")


@suite.test
def a_journal_that_takes_nothing_hangs_nothing(box: Box) -> str:
    box.reset()
    box.drop_in("WatchdogSec=2")
    box.start()
    box.wait_learned()
    pid = box.pid()
    with StuckJournal():
        # Something to say, which nobody takes.
        box.cadvisor.refuse()
        wait_until(lambda: "refused" in box.status(), ANSWERS_WITHIN,
                   lambda: f"STATUS={box.status()!r}")
        before = int(box.show("WatchdogTimestampMonotonic"))
        wait_until(lambda: int(box.show("WatchdogTimestampMonotonic")) > before + 6e6, 15,
                   lambda: f"the last sign of life stays at {before}")
        box.cadvisor.resume()
        wait_until(lambda: "refused" not in box.status(), ANSWERS_WITHIN,
                   lambda: f"STATUS={box.status()!r}")
    require(box.restarts() == 0 and box.pid() == pid, "the daemon was restarted")
    return "the loop went on, signs of life too"


@suite.test
def a_stopped_process_is_killed_and_restarted(box: Box) -> str:
    box.reset()
    box.drop_in("WatchdogSec=2")
    box.start()
    weights = box.wait_learned()
    os.kill(box.pid(), signal.SIGSTOP)
    took = wait_until(lambda: box.restarts() == 1, 20, lambda: f"NRestarts={box.restarts()}")
    during = box.weights()
    box.wait_active()
    require("Failed with result 'watchdog'" in box.journal(), box.journal())
    require(all(0.7 < during[name] / weights[name] < 1.4 for name in weights),
            f"weights {weights} became {during}")
    return f"killed and restarted within {took:.1f} s, weights {list(during.values())}"


@suite.test
def slow_is_not_hung(box: Box) -> str:
    box.reset(interval="4s")
    box.drop_in("WatchdogSec=2")
    box.start()
    pid, before = box.pid(), int(box.show("WatchdogTimestampMonotonic"))
    box.cadvisor.hang()
    box.systemctl("kill", "--signal=STOP", "haproxy")
    try:
        time.sleep(10)
        after = int(box.show("WatchdogTimestampMonotonic"))
    finally:
        box.systemctl("kill", "--signal=CONT", "haproxy")
        box.cadvisor.resume()
    require(box.restarts() == 0 and box.pid() == pid, "the daemon was restarted")
    require(box.show("ActiveState") == "active", f"ActiveState={box.show('ActiveState')}")
    moved = (after - before) / 1e6
    require(moved > 6, f"the last sign of life moved by {moved:.1f} s in 10 s")
    wait_until(lambda: CADVISOR not in box.status() and BACKEND in box.status(), 20,
               lambda: f"STATUS={box.status()!r}")
    return f"10 s without cAdvisor and HAProxy, signs of life over {moved:.1f} s, no restart"


@suite.test
def stop_in_the_middle_of_a_tick_takes_less_than_a_second(box: Box) -> str:
    box.reset(interval="4s")
    box.start()
    box.wait_learned(90)
    box.cadvisor.hang()
    weights = box.weights()
    wait_until(lambda: box.cadvisor.waiting > 0, 10, "no tick came", every=0.02)
    begun = time.monotonic()
    box.systemctl("stop", "evenkeel")
    took = time.monotonic() - begun
    require(took < 1, f"stop took {took:.2f} s")
    require("Deactivated successfully" in box.journal(), box.journal())
    require(box.show("Result") == "success", f"Result={box.show('Result')}")
    require(box.weights() == weights, f"weights {weights} became {box.weights()}")
    return f"stopped in {took:.2f} s, weights kept"


@suite.test
def a_long_status_stays_one_message(box: Box) -> str:
    sections = {f"a-backend-whose-name-is-as-long-as-some-people-like-them-{number:02}":
                [f"a-server-with-a-long-name-of-its-own-{number:02}-{each:02}"
                 for each in range(10)] for number in range(50)}
    box.reset(backends=[{"name": name, "pattern": "a-server-.*"} for name in sections])
    normal = HAPROXY_CONFIGURATION.read_text()
    HAPROXY_CONFIGURATION.write_text(
        normal + "".join(backend_section(name, names) for name, names in sections.items()))
    try:
        box.systemctl("restart", "haproxy")
        box.cadvisor.failing = True
        box.start()
        time.sleep(2)
        status = box.status()
    finally:
        HAPROXY_CONFIGURATION.write_text(normal)
        box.systemctl("restart", "haproxy")
    require(0 < len(status.encode()) < 4096 and "\n" not in status,
            f"STATUS has {len(status.encode())} bytes: {status[:200]!r}")
    manager = box.journal("--unit=evenkeel", "--unit=init.scope", "--output=cat")
    require("exceeded maximum size" not in manager, manager[-1000:])
    return f"500 servers in 50 backends, STATUS of {len(status.encode())} bytes"


@suite.test
def a_weight_change_is_in_the_journal_with_its_fields(box: Box) -> str:
    box.reset()
    box.start()
    box.wait_learned()

    def weight_changes() -> list[dict]:
        lines = box.journal("EVENKEEL_SERVER=api-4", "--output=json").splitlines()
        return [entry for entry in map(json.loads, lines) if "EVENKEEL_WEIGHT_NEW" in entry]
    wait_until(weight_changes, 5, "no weight change of api-4 in the journal")
    changes = weight_changes()
    wanted = ("MESSAGE", "MESSAGE_ID", "PRIORITY", "EVENKEEL_BACKEND", "EVENKEEL_SERVER",
              "EVENKEEL_BALANCER", "EVENKEEL_WEIGHT_OLD", "EVENKEEL_WEIGHT_NEW",
              "EVENKEEL_REASON")
    absent = [key for key in wanted if not changes[0].get(key)]
    require(not absent, f"the entry lacks {absent}: {changes[0]}")
    require(changes[0]["EVENKEEL_WEIGHT_OLD"] != changes[0]["EVENKEEL_WEIGHT_NEW"],
            f"old and new are equal: {changes[0]}")
    explained = box.journal("--catalog", "EVENKEEL_SERVER=api-4",
                            f"MESSAGE_ID={changes[0]['MESSAGE_ID']}")
    catalog = [line for line in explained.splitlines() if not line[:1].isalnum()]
    require(any("Subject:" in line for line in catalog), f"no catalog text: {explained[:500]}")
    stray = [line for line in catalog if "@" in line or "EVENKEEL_" in line]
    require(not stray, f"unfilled fields in the catalog text: {stray}")
    return f"{len(changes)} changes of api-4, the first: {changes[0]['MESSAGE']!r}"


@suite.test
def a_lost_cadvisor_is_said_once_and_once_when_it_is_back(box: Box) -> str:
    box.reset()
    box.start()
    weights = box.wait_learned()
    box.journal_begins = time.time()
    box.cadvisor.refuse()
    time.sleep(5)
    held = box.weights()
    require(CADVISOR in box.status(), f"STATUS={box.status()!r}")
    box.cadvisor.resume()
    wait_until(lambda: CADVISOR not in box.status(), ANSWERS_WITHIN,
               lambda: f"STATUS={box.status()!r}")
    time.sleep(3)
    lines = box.journal(f"EVENKEEL_ENDPOINT={CADVISOR}", "--output=cat").splitlines()
    require(held == weights, f"weights {weights} became {held} without a reading")
    require(len(lines) == 2, f"{len(lines)} lines in the journal, not two: {lines}")
    return f"weights held; {lines}"


@suite.test
def a_restarted_haproxy_gets_its_weights_back(box: Box) -> str:
    box.reset()
    box.start()
    box.wait_learned()
    box.systemctl("restart", "haproxy")
    begun = time.monotonic()
    learned = box.wait_learned(ANSWERS_WITHIN)
    require(box.restarts() == 0, f"NRestarts={box.restarts()}")
    return f"after {time.monotonic() - begun:.1f} s: {list(learned.values())}"


@suite.test
def a_haproxy_that_hands_over_by_itself_gets_its_weights_back(box: Box) -> str:
    """`haproxy -sf`, as scripts without systemd reload it."""
    box.reset()
    box.systemctl("stop", "haproxy")
    pid_file = Path("/run/haproxy-alone.pid")
    command = ["haproxy", "-D", "-f", str(HAPROXY_CONFIGURATION), "-p", str(pid_file)]
    require(run(*command).returncode == 0, "haproxy does not start")
    try:
        box.start()
        box.wait_learned()
        former = pid_file.read_text().split()
        begun = time.monotonic()
        handed = run(*command, "-sf", *former)
        require(handed.returncode == 0, f"haproxy -sf: {handed.stderr}")
        learned = box.wait_learned(ANSWERS_WITHIN)
        back = time.monotonic() - begun
        wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in former), 15,
                   f"the former process {former} lives on")
        require(box.restarts() == 0, f"NRestarts={box.restarts()}")
        return f"after {back:.1f} s: {list(learned.values())}; the former process is gone"
    finally:
        for pid in pid_file.read_text().split():
            run("kill", pid)
        box.systemctl("start", "haproxy")


suite.tests |= confined.suite.tests


def main() -> int:
    box = Box()
    try:
        names = suite.chosen(sys.argv[1] if len(sys.argv) > 1 else None)
        return 0 if suite.run(names, box, on_failure=box.report_failure) else 1
    finally:
        box.load.stop()


if __name__ == "__main__":
    sys.exit(main())
