"""The image of packaging/Dockerfile, without an engine: its steps in a root of their own, and the
program that comes out of them as an engine would start it."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import evenkeel
from runner import Result, require, say, wait_until

DOCKERFILE = evenkeel.REPOSITORY / "packaging/Dockerfile"


def instructions() -> list[tuple[str, str]]:
    """What the file says, a line an instruction."""
    text = re.sub(r"\\\n", " ", DOCKERFILE.read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines]


def base(name: str, root: Path) -> None:
    """Debian's smallest, from the archive that apt already uses here."""
    require(name == "debian:12", f"the image is from {name}")
    targets = ["apt-get", "indextargets", "--format", "deb $(REPO_URI) $(RELEASE) $(COMPONENT)",
               "Created-By: Packages", "Origin: Debian"]
    sources = subprocess.run(targets, text=True, capture_output=True, check=True).stdout
    made = subprocess.run(
        ["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", "--format=directory",
         "bookworm", root, "-"], input=sources, text=True, capture_output=True)
    require(made.returncode == 0, f"mmdebstrap: {made.stderr[-800:]}")


def environment() -> dict[str, str]:
    """What a container of the image finds set."""
    said = dict(words.split("=", 1) for instruction, words in instructions() if instruction == "ENV")
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"} | said


def within(root: Path, command: list[str], **more: object) -> subprocess.Popen:
    """As the first process of a container."""
    return subprocess.Popen(
        ["unshare", "--mount", "--pid", "--fork", "--kill-child", f"--root={root}", "--mount-proc",
         *command], text=True, stdin=subprocess.DEVNULL,
        env=environment(), **more)


def follow(package: Path, root: Path) -> dict[str, list[str]]:
    """Carries out the instructions; what is to be run comes back."""
    started: dict[str, list[str]] = {}
    for instruction, words in instructions():
        match instruction:
            case "FROM":
                base(words, root)
                shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
            case "COPY":
                source, there = words.split()
                require(source == "evenkeel_*.deb", f"it copies {source}")
                shutil.copy(package, root / there.lstrip("/"))
            case "RUN":
                with within(root, ["/bin/sh", "-c", words], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT) as step:
                    told = step.communicate(timeout=300)[0]
                require(step.returncode == 0, f"RUN exits {step.returncode}: {told[-800:]}")
            case "ENTRYPOINT" | "CMD":
                started[instruction] = json.loads(words)
            case "STOPSIGNAL":
                started[instruction] = [words]
            case "ENV":
                require(bool(re.fullmatch(r"\w+=[\w.]+", words)), f"ENV of another form: {words}")
            case other:
                require(False, f"what is {other}?")
    return started


def steps(package: Path, folder: Path) -> str:
    root = folder / "image"
    started = follow(package, root)
    entry, run = started["ENTRYPOINT"], started["CMD"]
    version = within(root, [*entry, "--version"], stdout=subprocess.PIPE).communicate(timeout=30)[0]
    configuration = root / "etc/evenkeel/config.json"
    configuration.parent.mkdir(exist_ok=True)
    shutil.copy(evenkeel.REPOSITORY / "config.example.json", configuration)
    check = within(root, [*entry, "check", "--offline"], stdout=subprocess.PIPE)
    told = check.communicate(timeout=30)[0]
    require(check.returncode == 0 and "good" in told, f"check: {told}")
    log = folder / "image.log"
    with log.open("wb") as output:
        daemon = within(root, [*entry, *run], stdout=output, stderr=output)
    try:
        found = Path(f"/proc/{daemon.pid}/environ").read_text()
        require("MALLOC_ARENA_MAX=1" in found.split("\0"), f"it runs in {found!r}")
        wait_until(lambda: "evenkeel started" in log.read_text() or " started with " in log.read_text(),
                   20, log.read_text)
        children = Path(f"/proc/{daemon.pid}/task/{daemon.pid}/children").read_text().split()
        require(started["STOPSIGNAL"] == ["SIGTERM"], f"it is stopped by {started['STOPSIGNAL']}")
        os.kill(int(children[0]), signal.SIGTERM)
        require(daemon.wait(5) == 0, f"it ends with {daemon.returncode}: {log.read_text()}")
    finally:
        if daemon.poll() is None:
            daemon.kill()
    left = [path.name for path in (root / "tmp").iterdir()]
    require(not left, f"in the image's /tmp: {left}")
    return f"version {version.strip()}, started as the first process and stopped"


def check_image(package: Path, folder: Path) -> Result:
    say("package: the image's steps")
    start = time.monotonic()
    try:
        seen, passed = steps(package, folder), True
    except Exception as failure:
        seen, passed = str(failure), False
    shutil.rmtree(folder / "image", ignore_errors=True)
    return Result("the steps of the Dockerfile make an image that runs", passed,
                  round(time.monotonic() - start, 1), seen)
