"""Builds the Debian package, holds it against lintian, and boots the box to install it there."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import evenkeel
import inside_package
from image import check_image
from runner import Report, Result, say
from systemd_box import BOX, HERE, REPLIES

BUILD = evenkeel.REPOSITORY / "packaging/build-deb"


def build(folder: Path) -> Path:
    """The package of $EVENKEEL_BOX_BINARY; without it, of a release build made now."""
    binary = os.environ.get("EVENKEEL_BOX_BINARY")
    command = [BUILD, "--output", folder, *(["--binary", binary] if binary else [])]
    shown = subprocess.run(command, text=True, stdout=subprocess.PIPE, check=True)
    return Path(shown.stdout.splitlines()[-1])


def next_version(package: Path, folder: Path) -> Path:
    """The same package with a higher version: what an upgrade does needs no other program."""
    tree, upgrade = folder / "tree", folder / "upgrade.deb"
    subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
    control = tree / "DEBIAN/control"
    lines = control.read_text().splitlines()
    control.write_text("".join(
        (f"{line}+next" if line.startswith("Version:") else line) + "\n" for line in lines))
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", "-Znone", tree, upgrade],
                   check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(tree)
    return upgrade


def lint(package: Path) -> Result:
    start = time.monotonic()
    done = subprocess.run(
        ["lintian", "--allow-root", "--fail-on", "error,warning", package],
        text=True, capture_output=True)
    seen = (done.stdout + done.stderr).splitlines()
    return Result("lintian has no error and no warning", done.returncode == 0,
                  round(time.monotonic() - start, 1),
                  "; ".join(seen) or f"a package of {package.stat().st_size / 1e6:.1f} MB")


def run_package(report: Report, only: str | None) -> None:
    """All of them when one is asked for: they are the life of one installation."""
    if not inside_package.suite.chosen(only):
        return
    with tempfile.TemporaryDirectory() as folder:
        say("package: building")
        package = build(Path(folder))
        # It mostly waits for the archive.
        with ThreadPoolExecutor(1) as beside:
            image = beside.submit(check_image, package, Path(folder))
            report.add(lint(package))
            boot(report, package, next_version(package, Path(folder)))
            report.add(image.result())


def boot(report: Report, package: Path, upgrade: Path) -> None:
    shown = {package: inside_package.PACKAGE, upgrade: inside_package.UPGRADE,
             HERE: Path("/mnt/acceptance"), REPLIES: inside_package.REPLIES}
    binds = [word for here, there in shown.items() for word in ("--bind-ro", f"{here}:{there}")]
    command = [BOX, *binds, "--", "/usr/bin/python3", "-B", "-u",
               "/mnt/acceptance/inside_package.py"]
    # A session of its own, so that an interruption reaches the box and all it has started.
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                          start_new_session=True) as process:
        try:
            report.follow("the package's box", iter(process.stdout), process.wait)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
