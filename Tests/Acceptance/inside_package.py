#!/usr/bin/python3
"""The life of one installation of the Debian package: each test goes on where the last one ended.

Runs inside the booted box, started by `package_box.py`; no network, as on a host behind one.
"""

import os
import subprocess
import sys
from pathlib import Path

from inside_box import ANSWERS_WITHIN, CONFIGURATION, Box
from runner import Suite, require, wait_until

PACKAGE = Path("/mnt/evenkeel.deb")
UPGRADE = Path("/mnt/upgrade.deb")
REPLIES = Path("/mnt/replies")
STATE = Path("/var/lib/private/evenkeel")
# mmdebstrap's, which keep man pages out of a small root.
EXCLUSIONS = Path("/etc/dpkg/dpkg.cfg.d/99mmdebstrap")
SHIPPED = ("/usr/bin/evenkeel", "/usr/share/man/man1/evenkeel.1.gz",
           "/usr/share/man/man8/evenkeel.8.gz", "/usr/share/doc/evenkeel/README.md",
           "/usr/share/doc/evenkeel/doc/operation.md", "/usr/share/doc/evenkeel/doc/page.png",
           "/usr/share/man/man5/evenkeel.json.5.gz", "/usr/share/zsh/vendor-completions/_evenkeel",
           "/usr/share/fish/vendor_completions.d/evenkeel.fish",
           "/usr/share/doc/evenkeel/examples/config.example.json",
           "/usr/share/doc/evenkeel/examples/prometheus/alerts.yml",
           "/usr/share/doc/evenkeel/examples/grafana/evenkeel.json",
           "/usr/share/evenkeel/evenkeel.schema.json",
           "/usr/share/evenkeel/evenkeel.status.schema.json",
           "/usr/share/evenkeel/evenkeel.peer.schema.json")
COMPLETION = "/usr/share/bash-completion/completions/evenkeel"
# What changes by itself, and dpkg's and systemd's own records of what was once there.
UNSTABLE = ("/proc", "/sys", "/dev", "/run", "/tmp", "/mnt", "/var/tmp", "/var/log", "/var/cache",
            "/var/lib/apt", "/var/lib/dpkg", "/var/lib/private", "/var/lib/systemd/timers",
            "/etc/.pwd.lock", "/etc/group-", "/etc/gshadow-", "/root",
            "/var/lib/systemd/random-seed")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, text=True, capture_output=True, stdin=subprocess.DEVNULL,
                          timeout=120)


def apt(*arguments: object) -> None:
    """As an administrator does it; what it depends on is here, and there is no network."""
    done = run("apt-get", "--yes", "--quiet", *map(str, arguments))
    require(done.returncode == 0, f"apt-get {arguments} exits {done.returncode}: {done.stderr}")


def dpkg(*arguments: object) -> None:
    done = run("dpkg", *map(str, arguments))
    require(done.returncode == 0, f"dpkg {arguments} exits {done.returncode}: {done.stderr}")


def files() -> set[str]:
    """All paths but the unstable ones, and what Python keeps of its own library."""
    found = set()
    for folder, folders, names in os.walk("/"):
        paths = {os.path.join(folder, name) for name in folders + names}
        found |= {path for path in paths if path not in UNSTABLE and "__pycache__" not in path}
        folders[:] = [name for name in folders if os.path.join(folder, name) not in UNSTABLE]
    return found


class Installation(Box):
    """A host on which the package alone puts evenkeel."""

    def _install(self) -> None:
        EXCLUSIONS.unlink(missing_ok=True)
        self.before: set[str] = set()

    def enabled(self) -> str:
        return self.systemctl("is-enabled", "evenkeel", check=False).stdout.strip()

    def state(self) -> str:
        return self.show("ActiveState")

    def keeps(self, weights: dict[str, int]) -> None:
        now = self.weights()
        require(all(0.7 < now[name] / weights[name] < 1.4 for name in weights),
                f"weights {weights} became {now}")


suite = Suite()


@suite.test
def a_fresh_install_fails_nothing_and_says_what_is_missing(box: Installation) -> str:
    box.before = files()
    apt("install", PACKAGE)
    failed = box.systemctl("list-units", "--failed", "--plain", "--no-legend", check=False).stdout
    require("evenkeel" not in failed, f"failed: {failed}")
    require((box.enabled(), box.state()) == ("enabled", "inactive"),
            f"{box.enabled()}, {box.state()}")
    status = box.systemctl("status", "evenkeel", check=False).stdout
    require(str(CONFIGURATION) in status and "man:evenkeel(8)" in status, status)
    require(not CONFIGURATION.exists(), f"{CONFIGURATION} was installed")
    return next(line.strip(" └─") for line in status.splitlines() if str(CONFIGURATION) in line)


@suite.test
def everything_around_the_program_is_there(box: Installation) -> str:
    absent = [path for path in SHIPPED if not Path(path).is_file()]
    require(not absent, f"absent: {absent}")
    completed = run("bash", "-c", f"source {COMPLETION}; complete -p evenkeel")
    require("evenkeel" in completed.stdout, f"no completion: {completed.stderr}")
    require(run("getent", "group", "haproxy").returncode == 0, "there is no group haproxy")
    catalog = run("journalctl", "--list-catalog").stdout
    entries = [line for line in catalog.splitlines() if "evenkeel" in line.lower()]
    require(len(entries) > 3, f"in the journal's catalog: {entries}")
    return f"man pages, three completions, {len(entries)} catalog entries"


@suite.test
def with_a_configuration_it_starts_and_levels(box: Installation) -> str:
    box.configure("1s")
    box.start()
    weights = box.wait_learned()
    explained = run("journalctl", "--catalog", "--unit=evenkeel", "--no-pager").stdout
    require("Subject:" in explained, f"no catalog text: {explained[-500:]}")
    return f"weights {list(weights.values())}; STATUS={box.status()!r}"


@suite.test
def an_upgrade_restarts_it_and_keeps_weights_and_configuration(box: Installation) -> str:
    CONFIGURATION.write_text(CONFIGURATION.read_text() + "\n")
    written, weights, pid = CONFIGURATION.read_text(), box.wait_learned(), box.pid()
    apt("install", UPGRADE)
    box.wait_active()
    require(box.pid() not in (0, pid), f"process {pid} became {box.pid()}")
    box.keeps(weights)
    require(CONFIGURATION.read_text() == written, "the configuration was changed")
    beside = sorted(path.name for path in CONFIGURATION.parent.iterdir())
    require(beside == [CONFIGURATION.name], f"in {CONFIGURATION.parent}: {beside}")
    version = run("dpkg-query", "--show", "--showformat=${Version}", "evenkeel").stdout
    require(version.endswith("+next"), f"version {version}")
    return f"version {version}, weights {list(box.weights().values())}"


@suite.test
def what_was_disabled_stays_so(box: Installation) -> str:
    box.systemctl("disable", "--now", "evenkeel")
    dpkg("--install", "--force-downgrade", PACKAGE)
    seen = (box.enabled(), box.state())
    require(seen == ("disabled", "inactive"), f"after the next install: {seen}")
    return "disabled and inactive after another version"


@suite.test
def a_removal_stops_it_and_keeps_what_it_knew(box: Installation) -> str:
    box.systemctl("enable", "--now", "evenkeel")
    weights = box.wait_learned()
    apt("remove", "evenkeel")
    wait_until(lambda: box.state() == "inactive", ANSWERS_WITHIN, lambda: box.state())
    require(not Path("/usr/bin/evenkeel").exists(), "the program is still there")
    require(CONFIGURATION.exists(), "the configuration is gone")
    require(STATE.is_dir(), f"{STATE} is gone")
    box.keeps(weights)
    return f"weights {list(box.weights().values())}"


@suite.test
def a_purge_leaves_only_what_the_administrator_wrote(box: Installation) -> str:
    apt("purge", "evenkeel")
    left = files() - box.before
    require(left == {str(CONFIGURATION.parent), str(CONFIGURATION)}, f"left: {sorted(left)}")
    require(not STATE.exists(), f"{STATE} is left")
    catalog = run("journalctl", "--list-catalog").stdout
    require("evenkeel" not in catalog.lower(), "the journal's catalog still has it")
    return f"left: {sorted(left)}"


def main() -> int:
    box = Installation()
    try:
        return 0 if suite.run(suite.chosen(None), box, on_failure=box.report_failure) else 1
    finally:
        box.load.stop()


if __name__ == "__main__":
    sys.exit(main())
