"""That evenkeel does all its work inside its sandbox: HAProxy's socket, TLS with credentials, names,
state, journal, and each of the shipped drop-ins once."""

import base64
import fcntl
import grp
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import haproxy
from box import (ANSWERS_WITHIN, BACKEND, CADVISOR, CADVISOR_PORT, CONFIGURATION, DROP_INS,
                 HAPROXY_CONFIGURATION, SOCKET, STATE, SYSUSERS, UNITS, Box, run)
from certificates import NAME
from runner import Suite, require, wait_until

CERTIFICATES = Path("/mnt/certificates")
HOSTS = Path("/etc/hosts")
MOST_EXPOSED = 1.1
USER, PASSWORD, SECOND_PASSWORD = "evenkeel", "sesame-4711-open", "sesame-0815-close"
TOKEN, STATUS_TOKEN = "token-1234-abcd", "status-5678-efgh"
PORTS = {"good": 8443, "foreign": 8444, "renamed": 8445, "expired": 8446}
MUTUAL_PORT, TOKEN_PORT = 8447, 8448
STATUS = "127.0.0.1:9797"
FLEET_ADDRESS = "192.168.1.31"

suite = Suite()


def proxy_configuration(password: str) -> str:
    """TLS in front of the cAdvisor, one port a certificate, with basic auth."""
    binds = "\n".join(
        f"frontend {name}\n"
        f"  bind 127.0.0.1:{port} ssl crt {CERTIFICATES}/{name}.pem\n"
        "  http-request auth unless { http_auth(users) }\n"
        "  default_backend cadvisor" for name, port in PORTS.items())
    return f"""\
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
userlist users
  user {USER} insecure-password {password}
{binds}
frontend mutual
  bind 127.0.0.1:{MUTUAL_PORT} ssl crt {CERTIFICATES}/good.pem verify required ca-file {CERTIFICATES}/ca.pem
  default_backend cadvisor
frontend token
  bind 127.0.0.1:{TOKEN_PORT} ssl crt {CERTIFICATES}/good.pem
  http-request deny unless {{ req.hdr(authorization) -m str "Bearer {TOKEN}" }}
  default_backend cadvisor
frontend plain
  bind {FLEET_ADDRESS}:{CADVISOR_PORT}
  default_backend cadvisor
backend cadvisor
  server cadvisor 127.0.0.1:{CADVISOR_PORT}
"""


@contextmanager
def proxy(password: str = PASSWORD):
    """A second HAProxy, the terminator of TLS; gone at the end."""
    file = Path("/run/proxy.cfg")
    file.write_text(proxy_configuration(password))
    add_address(FLEET_ADDRESS)
    process = subprocess.Popen(["haproxy", "-db", "-f", str(file)], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(PORTS["good"]), 5, "the proxy does not listen")
        yield
    finally:
        process.kill()
        process.wait()


def answers(port: int) -> bool:
    with socket.socket() as stream:
        return stream.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def host_names(*lines: str):
    HOSTS.write_text("".join(f"{line}\n" for line in ("127.0.0.1 localhost", *lines)))
    try:
        yield
    finally:
        HOSTS.unlink()


def add_address(address: str) -> None:
    """Gives the loopback a second address: SIOCSIFADDR on its alias."""
    request = struct.pack("16sH2x4s8x", b"lo:1", socket.AF_INET, socket.inet_aton(address))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8916, request)


def secret_files() -> None:
    """What only root may read, where the example looks for it."""
    files = {"cadvisor-ca.pem": (CERTIFICATES / "ca.pem").read_text(),
             "cadvisor-password": PASSWORD + "\n", "cadvisor-token": TOKEN + "\n",
             "status-token": STATUS_TOKEN + "\n",
             "cadvisor-client.pem": (CERTIFICATES / "client.pem").read_text(),
             "cadvisor-client.key": (CERTIFICATES / "client.key").read_text()}
    for name, text in files.items():
        path = CONFIGURATION.parent / name
        path.write_text(text)
        path.chmod(0o600)


def behind_tls(name: str) -> dict:
    return {"url": f"https://{NAME}:{PORTS[name]}", "host": name, "ca_file": "cadvisor-ca.pem",
            "username": USER, "password_file": "cadvisor-password"}


def with_certificate() -> dict:
    """Behind a proxy that asks for a certificate."""
    return {"url": f"https://{NAME}:{MUTUAL_PORT}", "host": "mutual", "ca_file": "cadvisor-ca.pem",
            "client_certificate_file": "cadvisor-client.pem",
            "client_key_file": "cadvisor-client.key"}


def with_token() -> dict:
    """Behind a proxy that wants a token, found by its address alone."""
    return {"url": f"https://127.0.0.1:{TOKEN_PORT}", "host": "token", "ca_file": "cadvisor-ca.pem",
            "server_name": NAME, "token_file": "cadvisor-token"}


def hand_over_all_secrets(box: Box) -> None:
    """The shipped example, with the lines that it has as comments."""
    secret_files()
    box.example("credentials.conf")
    file = DROP_INS / "credentials.conf"
    file.write_text(file.read_text().replace("#LoadCredential=", "LoadCredential="))
    box.systemctl("daemon-reload")


def wait_said(box: Box, words: str, within: float = ANSWERS_WITHIN) -> None:
    wait_until(lambda: words in box.journal(), within,
               lambda: f"no {words!r} in the journal: {box.journal()[-1500:]}")


def wait_steering(box: Box) -> None:
    wait_until(lambda: re.search(rf"{BACKEND}.*\b4\b.*servers", box.status())
               and "WARNING" not in box.status(), 30, lambda: f"STATUS={box.status()!r}")


@suite.test
def the_unit_is_clean_and_its_process_confined(box: Box) -> str:
    box.reset()
    verified = run("systemd-analyze", "verify", "--man=no", "/etc/systemd/system/evenkeel.service")
    require(verified.returncode == 0 and not verified.stderr.strip(),
            f"verify exits {verified.returncode}: {verified.stderr}")
    assessed = run("systemd-analyze", "security", "evenkeel", "--no-pager").stdout
    exposure = float(re.search(r"exposure level for \S+: ([0-9.]+)", assessed).group(1))
    require(exposure <= MOST_EXPOSED, f"exposure {exposure}:\n{assessed}")
    box.start()
    status = dict(line.split(":\t", 1) for line in
                  Path(f"/proc/{box.pid()}/status").read_text().splitlines())
    require("0" not in status["Uid"].split(), f"Uid {status['Uid']}")
    sets = {key: status[key] for key in ("CapPrm", "CapEff", "CapBnd", "CapAmb")}
    require(not any(int(value, 16) for value in sets.values()), f"capabilities {sets}")
    require((status["NoNewPrivs"], status["Seccomp"]) == ("1", "2"), f"{status}")
    wait_steering(box)
    complaints = [line for line in box.journal().splitlines() if "ermission" in line]
    require(not complaints, f"{complaints}")
    return f"exposure {exposure}, user {status['Uid'].split()[0]}"


@suite.test
def a_fresh_install_is_no_failure_and_says_what_is_missing(box: Box) -> str:
    box.reset()
    text = CONFIGURATION.read_text()
    CONFIGURATION.unlink()
    box.systemctl("start", "evenkeel")
    require(box.show("ActiveState") == "inactive" and box.show("Result") == "success",
            f"{box.show('ActiveState')}, {box.show('Result')}")
    shown = box.systemctl("status", "evenkeel", check=False).stdout
    require(f"ConditionPathExists={CONFIGURATION}" in shown, shown)
    box.example("configuration.conf")
    other = Path("/srv/evenkeel/shop.json")
    other.parent.mkdir(exist_ok=True)
    other.write_text(text)
    box.start()
    wait_said(box, f"started with {other}")
    other.write_text('{"speed": 3}')
    reload = box.systemctl("reload", "evenkeel", check=False)
    require(reload.returncode == 1 and f"{other}: speed" in box.journal(), box.journal())
    return "inactive, the file is named; another file by the example"


@suite.test
def a_reloaded_haproxy_loses_its_old_worker_and_keeps_the_weights(box: Box) -> str:
    box.reset()
    box.start()
    box.wait_learned()
    master = box.systemctl("show", "haproxy", "--property=MainPID", "--value").stdout.strip()
    workers = Path(f"/proc/{master}/task/{master}/children")
    old = set(workers.read_text().split())
    box.systemctl("reload", "haproxy")
    wait_until(lambda: set(workers.read_text().split()) - old, 5, "no new worker")
    box.wait_learned(ANSWERS_WITHIN)
    took = wait_until(lambda: not old & set(workers.read_text().split()), 10,
                      f"the old worker {old} lives on")
    return f"old worker gone {took:.1f} s after the weights were back"


@suite.test
def cadvisors_behind_tls_are_read_with_credentials(box: Box) -> str:
    box.reset()
    secret_files()
    box.example("credentials.conf")
    with host_names(f"127.0.0.1 {NAME}"), proxy():
        box.configure(cadvisors=[behind_tls("good")])
        box.start()
        box.wait_learned()
        box.systemctl("reload", "evenkeel")
        wait_said(box, "configuration reloaded")
        by_root = run("evenkeel", "check")
        require(by_root.returncode in (0, 1) and "4" in by_root.stdout,
                f"check exits {by_root.returncode}: {by_root.stdout}{by_root.stderr}")
        (CONFIGURATION.parent / "cadvisor-password").unlink()
        refused = box.systemctl("restart", "evenkeel", check=False)
        require(refused.returncode != 0, "it starts without its password")
        require("243/CREDENTIALS" in box.journal(), box.journal()[-800:])
    return "steered through TLS and basic auth; without the secret it does not start"


@suite.test
def each_wrong_certificate_has_its_own_sentence(box: Box) -> str:
    box.reset()
    secret_files()
    box.example("credentials.conf")
    wanted = {"foreign": "is not signed by an authority that is trusted",
              "renamed": f"is not for {NAME}", "expired": "has expired"}
    with host_names(f"127.0.0.1 {NAME}"), proxy():
        box.configure(cadvisors=[behind_tls(name) for name in PORTS])
        box.start()
        for name, words in wanted.items():
            lines = box.journal(f"EVENKEEL_ENDPOINT=https://{NAME}:{PORTS[name]}",
                                "--output=cat").splitlines()
            require(len(lines) == 1 and words in lines[0], f"{name}: {lines}")
        right = box.journal(f"EVENKEEL_ENDPOINT=https://{NAME}:{PORTS['good']}", "--output=cat")
        require(not right, right)
    return "; ".join(wanted.values())


@suite.test
def a_client_certificate_a_token_and_another_name_open_their_doors(box: Box) -> str:
    box.reset()
    hand_over_all_secrets(box)
    with host_names(f"127.0.0.1 {NAME}"), proxy():
        for endpoint in (with_certificate(), with_token()):
            box.reset()
            hand_over_all_secrets(box)
            box.configure(cadvisors=[endpoint])
            box.start()
            box.wait_learned()
        box.systemctl("stop", "evenkeel")
        bare = {key: value for key, value in with_certificate().items()
                if not key.startswith("client_")}
        (CONFIGURATION.parent / "cadvisor-token").write_text("wrong\n")
        wrong_name = {**with_token(), "url": f"https://localhost:{TOKEN_PORT}", "host": "renamed",
                      "server_name": "web9.example"}
        box.configure(cadvisors=[bare, with_token(), wrong_name])
        box.start()
        wanted = {bare["url"]: "wants another client certificate",
                  with_token()["url"]: "not allowed (status 403",
                  wrong_name["url"]: "is not for web9.example"}
        for url, words in wanted.items():
            lines = box.journal(f"EVENKEEL_ENDPOINT={url}", "--output=cat").splitlines()
            require(len(lines) == 1 and words in lines[0], f"{url}: {lines}")
    return "steered through each; " + "; ".join(wanted.values())


@suite.test
def the_status_is_shown_inside_the_sandbox(box: Box) -> str:
    box.reset()
    hand_over_all_secrets(box)
    box.start()
    wait_steering(box)
    shown = run("evenkeel", "status")
    require(shown.returncode == 0 and "api-1" in shown.stdout, f"status: {shown}")
    figures = run("evenkeel", "status", "--json").stdout
    require(json.loads(figures)["ready"], figures)
    require("cannot show" not in box.journal(), "it cannot listen")
    box.configure(status={"listen": "unix:/run/evenkeel/status.sock", "token_file": "status-token"})
    box.systemctl("reload", "evenkeel")
    wait_said(box, "status at unix:/run/evenkeel/status.sock")
    require(not answers(9797), "the former address is still served")
    shown = run("evenkeel", "status")
    require(shown.returncode == 0 and "api-1" in shown.stdout, f"through the socket: {shown}")
    stranger = run("evenkeel", "status", "--token-file", "/mnt/certificates/ca.pem")
    require(stranger.returncode == 1, f"with a wrong token: {stranger}")
    (CONFIGURATION.parent / "status-token").write_text("another\n")
    box.systemctl("stop", "evenkeel")
    require(not Path("/run/evenkeel/status.sock").exists(), "the socket is left behind")
    gone = run("evenkeel", "status")
    require(gone.returncode == 69, f"after the end: {gone}")
    return shown.stdout.splitlines()[0]


@suite.test
def a_socket_is_opened_by_the_group_that_is_configured(box: Box) -> str:
    box.reset()
    status = {"listen": "unix:/run/evenkeel/status.sock", "group": "adm"}
    box.configure(status=status)
    box.start()
    wait_said(box, "is for evenkeel's own user and group alone")
    refused = as_nobody("adm", "status")
    require(refused.returncode == 69, f"without the example: {refused}")
    box.reset()
    box.configure(status=status)
    box.example("status-group.conf")
    box.start()
    wait_steering(box)
    shown = as_nobody("adm", "status")
    require(shown.returncode == 0 and "api-1" in shown.stdout, f"a member: {shown}")
    stranger = as_nobody("nogroup", "status")
    require(stranger.returncode == 69, f"no member: {stranger}")
    assessed = run("systemd-analyze", "security", "evenkeel", "--no-pager").stdout
    exposure = re.search(r"exposure level for \S+: ([0-9.]+)", assessed).group(1)
    return f"a member of adm looks, another is refused; exposure {exposure}"


def as_nobody(group: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """evenkeel by a user who is nobody but for one group."""
    return run("setpriv", "--reuid=nobody", f"--regid={group}", "--clear-groups",
               "evenkeel", *arguments)


@suite.test
def a_reload_reads_the_secrets_files_again(box: Box) -> str:
    box.reset()
    secret_files()
    for name in ("cadvisor-ca.pem", "cadvisor-password"):
        shutil.chown(CONFIGURATION.parent / name, group="haproxy")
        (CONFIGURATION.parent / name).chmod(0o640)
    with host_names(f"127.0.0.1 {NAME}"), proxy(SECOND_PASSWORD):
        box.configure(cadvisors=[behind_tls("good")])
        box.start()
        wait_said(box, "not authorized")
        (CONFIGURATION.parent / "cadvisor-password").write_text(SECOND_PASSWORD + "\n")
        box.systemctl("reload", "evenkeel")
        wait_steering(box)
        require(box.restarts() == 0, "the daemon was restarted")
    return "401 until the reload, then steered"


@suite.test
def no_secret_is_told_to_anybody(box: Box) -> str:
    box.reset()
    hand_over_all_secrets(box)
    box.drop_in("ExecStart=", "ExecStart=/usr/bin/evenkeel run --log-level trace")
    texts = {}
    with host_names(f"127.0.0.1 {NAME}"):
        with proxy(SECOND_PASSWORD):
            endpoints = [behind_tls(name) for name in PORTS] + [with_certificate(), with_token()]
            box.configure(cadvisors=endpoints, status={"listen": STATUS, "token_file": "status-token"})
            box.start()
            wait_said(box, "not authorized")
            texts["page"] = fetch("", None)
            texts["metrics"] = fetch("metrics", STATUS_TOKEN)
            texts["api"] = fetch("api/v1/status", STATUS_TOKEN)
            texts["refusal"] = fetch("api/v1/status", "guessed") + " " * 50
            for command in ("check", "check --json", "plan --window 1s", "once --state-dir /run/s",
                            "status", "status --json", "status --nagios"):
                shown = run("evenkeel", *command.split())
                texts[command] = shown.stdout + shown.stderr
        with proxy():
            wait_said(box, "answers again")
            box.configure(cadvisors=[{**behind_tls("good"), "password": PASSWORD}])
            box.systemctl("reload", "evenkeel", check=False)
            os.kill(box.pid(), 1)
            wait_said(box, "reload refused")
    texts["systemctl status"] = box.systemctl("status", "evenkeel", "--full", "--lines=1000").stdout
    texts["show"] = box.systemctl("show", "evenkeel").stdout
    texts["journal"] = box.journal("--output=export", "--all")
    key = (CERTIFICATES / "client.key").read_text().splitlines()[1]
    coded = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    for place, text in texts.items():
        require(len(text) > 50, f"{place} says only {text!r}")
        for secret in (PASSWORD, coded, TOKEN, STATUS_TOKEN, key):
            require(secret not in text, f"{place} tells a secret")
    return f"{sum(map(len, texts.values()))} characters of {', '.join(texts)} searched"


def fetch(path: str, token: str | None) -> str:
    """What the daemon answers, whatever the status."""
    request = urllib.request.Request(f"http://{STATUS}/{path}")
    if token is not None:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.read().decode()


class NameServer:
    """A resolver that knows one name, by A records; everything else does not exist."""

    def __init__(self, name: str, address: str) -> None:
        self.asked: list[str] = []
        self._name, self._address = name, socket.inet_aton(address)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 53))
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                question, peer = self._socket.recvfrom(512)
            except OSError:
                return
            labels, at = [], 12
            while question[at]:
                labels.append(question[at + 1:at + 1 + question[at]].decode())
                at += 1 + question[at]
            kind = question[at + 1:at + 3]
            name = ".".join(labels)
            self.asked.append(name)
            known = name == self._name
            answer = (b"\xc0\x0c" + kind + b"\0\1" + struct.pack(">IH", 60, 4) + self._address
                      if known and kind == b"\0\1" else b"")
            head = question[:2] + struct.pack(">HHHHH", 0x8180 if known else 0x8183, 1,
                                              1 if answer else 0, 0, 0)
            self._socket.sendto(head + question[12:at + 5] + answer, peer)

    def close(self) -> None:
        self._socket.close()


@suite.test
def names_are_found_by_a_resolver_and_unknown_ones_named(box: Box) -> str:
    box.reset(cadvisors=[f"http://cadvisor.example:{CADVISOR_PORT}",
                         f"http://nowhere.example:{CADVISOR_PORT}"])
    resolver = Path("/etc/resolv.conf")
    before = resolver.read_text() if resolver.exists() else ""
    server = NameServer("cadvisor.example", "127.0.0.1")
    try:
        resolver.write_text("nameserver 127.0.0.1\n")
        box.start()
        wait_said(box, "the name nowhere.example is not resolved")
        box.wait_learned()
    finally:
        resolver.write_text(before)
        server.close()
    require("cadvisor.example" in server.asked, f"asked for {server.asked}")
    return f"asked for {sorted(set(server.asked))}"


@suite.test
def the_state_outlives_the_pass_and_roots_own_is_taken_over(box: Box) -> str:
    box.reset()
    if STATE.is_symlink():
        STATE.unlink()
    STATE.mkdir()
    by_root = run("evenkeel", "once")
    require(by_root.returncode == 0 and (STATE / "once.json").stat().st_uid == 0, by_root.stderr)
    box.drop_in("Type=oneshot", "ExecStart=", "ExecStart=/usr/bin/evenkeel once",
                "Restart=no")
    tick = json.loads((STATE / "once.json").read_text())["learned"]["state"]["tick"]
    for _ in range(2):
        box.systemctl("start", "evenkeel")
    file = STATE / "once.json"
    after = json.loads(file.read_text())["learned"]["state"]["tick"]
    require(STATE.is_symlink() and file.stat().st_uid != 0, f"{file.stat()}")
    require(after == tick + 2, f"tick {tick} became {after}: {box.journal()}")
    box.drop_in("Type=oneshot", "ExecStart=", "ExecStart=/usr/bin/evenkeel once", "Restart=no",
                "ReadOnlyPaths=/var/lib/private/evenkeel")
    box.journal_begins = time.time()
    refused = box.systemctl("start", "evenkeel", check=False)
    said = [line for line in box.journal().splitlines() if "once." in line]
    require(refused.returncode != 0 and len(said) == 1, f"{box.journal()}")
    return f"ticks {tick} to {after} in one state; read-only: {said[0]!r}"


@suite.test
def without_haproxys_group_it_says_so(box: Box) -> str:
    box.reset()
    files = [Path("/etc/group"), Path("/etc/gshadow")]
    before = [file.read_text() for file in files if file.exists()]
    for file, text in zip(files, before):
        file.write_text("".join(f"{line}\n" for line in text.splitlines()
                                if not line.startswith("haproxy:")))
    try:
        refused = box.systemctl("start", "evenkeel", check=False)
        require(refused.returncode != 0 and "216/GROUP" in box.journal(), box.journal())
        made = run("systemd-sysusers", str(SYSUSERS))
        require(made.returncode == 0, f"{made.stdout}{made.stderr}")
        require(grp.getgrnam("haproxy").gr_gid > 0, "sysusers made no group")
    finally:
        for file, text in zip(files, before):
            file.write_text(text)
    box.systemctl("stop", "evenkeel")
    box.systemctl("reset-failed", "evenkeel", check=False)
    box.drop_in("SupplementaryGroups=")
    box.journal_begins = time.time()
    box.start()
    wait_said(box, "this user may not open the socket; add the user to the socket's group")
    return "216/GROUP, cured by sysusers; outside of the group the socket's error says what to do"


@suite.test
def another_group_of_haproxys_is_a_drop_in(box: Box) -> str:
    box.reset()
    run("groupadd", "lb")
    normal = HAPROXY_CONFIGURATION.read_text()
    HAPROXY_CONFIGURATION.write_text(normal.replace("mode 660 level", "mode 660 group lb level"))
    try:
        box.systemctl("restart", "haproxy")
        box.start()
        wait_said(box, "this user may not open the socket")
        box.systemctl("stop", "evenkeel")
        box.example("haproxy-group.conf")
        box.start()
        wait_steering(box)
    finally:
        HAPROXY_CONFIGURATION.write_text(normal)
        box.systemctl("restart", "haproxy")
    return f"group {grp.getgrnam('lb').gr_gid} of {SOCKET}"


@suite.test
def only_the_addresses_of_a_drop_in_are_spoken_to(box: Box) -> str:
    box.reset()
    add_address(FLEET_ADDRESS)
    with proxy():
        allowed = f"http://{FLEET_ADDRESS}:{CADVISOR_PORT}"
        box.configure(cadvisors=[allowed, CADVISOR])
        box.example("addresses.conf")
        box.start()
        wait_until(lambda: "WARNING" in box.status() and CADVISOR in box.status(), 10,
                   lambda: f"STATUS={box.status()!r}")
        said = box.journal(f"EVENKEEL_ENDPOINT={allowed}", "--output=cat")
        require(not said, said)
        box.drop_in("IPAddressDeny=", "IPAddressAllow=")
        (DROP_INS / "addresses.conf").unlink()
        box.systemctl("daemon-reload")
        box.systemctl("restart", "evenkeel")
        wait_until(lambda: BACKEND in box.status() and f"{CADVISOR}: " not in box.status(), 10,
                   lambda: f"STATUS={box.status()!r}")
    return f"{allowed} answers, {CADVISOR} is denied"


@suite.test
def one_servers_story_is_one_question(box: Box) -> str:
    box.reset()
    box.start()
    box.wait_learned()
    haproxy.ask(SOCKET, f"set server {BACKEND}/api-4 state drain")
    fields = (f"EVENKEEL_BACKEND={BACKEND}", "EVENKEEL_SERVER=api-4", "--output=cat")
    try:
        wait_until(lambda: "draining" in box.journal(*fields), 10, lambda: box.journal(*fields))
    finally:
        haproxy.ask(SOCKET, f"set server {BACKEND}/api-4 state ready")
    wait_until(lambda: "steered again" in box.journal(*fields), 10, lambda: box.journal(*fields))
    story = box.journal(*fields).splitlines()
    require(all("api-4" in line for line in story), f"{story}")
    return f"{len(story)} lines, the last: {story[-1]!r}"


@suite.test
def every_kind_of_event_has_its_text(box: Box) -> str:
    box.reset()
    identities = re.findall(r"^-- ([0-9a-f]{32})$", (UNITS / "evenkeel.catalog").read_text(), re.M)
    names = ("BACKEND", "SERVER", "BALANCER", "ENDPOINT", "WEIGHT_OLD", "WEIGHT_NEW", "REASON",
             "BY")
    fields = "".join(f"EVENKEEL_{name}=a-{name.lower()}\n" for name in names)
    for identity in identities:
        subprocess.run(["logger", "--journald"], text=True, check=True,
                       input=f"MESSAGE_ID={identity}\nMESSAGE=an event\n{fields}")
    for identity in identities:
        wait_until(lambda: "Subject:" in box.journal("--catalog", f"MESSAGE_ID={identity}"), 5,
                   f"{identity} has no text")
        shown = box.journal("--catalog", f"MESSAGE_ID={identity}")
        stray = [line for line in shown.splitlines() if re.search("@|EVENKEEL_", line)]
        require(not stray, f"{identity}: {stray}")
    return f"{len(identities)} kinds"


@suite.test
def an_operator_pauses_the_service_and_has_weights_restored(box: Box) -> str:
    """From outside of the sandbox, where the service is a dynamic user in a namespace of its own."""
    def order(*arguments: str, user: str | None = None) -> subprocess.CompletedProcess[str]:
        become = ["setpriv", f"--reuid={user}", "--clear-groups"] if user else []
        return subprocess.run([*become, "evenkeel", *arguments], text=True, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=30)

    box.reset()
    box.start()
    learned = box.wait_learned()
    stranger = order("pause", user="nobody")
    require(stranger.returncode in (1, 69) and not stranger.stdout, f"{stranger}")
    restored = order("restore", BACKEND)
    require(restored.returncode == 0 and "weights put back" in restored.stdout, f"{restored}")
    initial = set(box.weights().values())
    require(len(initial) == 1, f"restored to {box.weights()}, from {learned}")
    require("by root" in restored.stdout, restored.stdout)
    wait_until(lambda: f"{BACKEND} paused" in box.status(), ANSWERS_WITHIN,
               lambda: f"STATUS={box.status()!r}")
    box.systemctl("restart", "evenkeel")
    wait_until(lambda: f"{BACKEND} paused" in box.status(), ANSWERS_WITHIN,
               lambda: f"after a restart STATUS={box.status()!r}")
    require(set(box.weights().values()) == initial, f"{box.weights()}")
    require("paused by root" in box.journal("EVENKEEL_BY=root", "--output=cat"), box.journal())
    resumed = order("resume")
    require(resumed.returncode == 0, f"{resumed}")
    box.wait_learned()
    gone = order("resume")
    require(gone.returncode == 1 and "not paused" in gone.stderr, f"{gone}")
    box.systemctl("stop", "evenkeel")
    require(order("pause").returncode == 69, "a pause without a daemon")
    return f"restored, kept over a restart, resumed; a stranger hears {stranger.stderr.strip()!r}"


@suite.test
def a_flapping_cadvisor_does_not_flood_the_journal(box: Box) -> str:
    box.reset()
    box.start()
    box.wait_learned()
    box.journal_begins = time.time()
    for _ in range(12):
        box.cadvisor.failing = not box.cadvisor.failing
        wait_until(lambda: (CADVISOR in box.status()) == box.cadvisor.failing, 10,
                   lambda: f"STATUS={box.status()!r}, failing: {box.cadvisor.failing}")
    lines = box.journal(f"EVENKEEL_ENDPOINT={CADVISOR}", "--output=cat").splitlines()
    require(len(lines) <= 6 and "keeps coming and going" in lines[-1], "\n".join(lines))
    return f"12 changes, {len(lines)} lines, the last: {lines[-1]!r}"
