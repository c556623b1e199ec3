"""A dockerd of our own and the containers in it."""

import subprocess
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

import certificates
import sandbox
from processes import Child
from runner import wait_until

IMAGE = "bed"
SERVER = Path(__file__).resolve().with_name("server.py")


@dataclass
class Container:
    """One server: a CPU quota, a port, and the cgroup in which the kernel counts its CPU time.

    One with a `parent` has no quota of its own.
    """
    name: str
    quota: float
    port: int
    counter: Path | None = field(default=None, compare=False)
    parent: str | None = None


def cpu_counter(pid: int) -> Path:
    """The file with the CPU time of a process's cgroup: cpuacct on v1, cpu.stat on v2."""
    for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if "cpuacct" in controllers.split(","):
            return Path("/sys/fs/cgroup/cpuacct" + path) / "cpuacct.usage"
        if controllers == "" and Path("/sys/fs/cgroup/cgroup.controllers").exists():
            return Path("/sys/fs/cgroup" + path) / "cpu.stat"
    raise RuntimeError(f"process {pid} is in no cgroup that counts CPU time")


class Engine:
    """What runs containers that share the host's network, by Docker's commands.

    The image is empty but for folders and links: the host's /usr is bound into it, read-only.
    """

    def __init__(self, command: list[str], folder: Path, cgroup: str) -> None:
        self.command = command
        self.folder = folder
        self.cgroup = cgroup
        # Of each container.
        self.options: tuple[str, ...] = ()

    def do(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*self.command, *arguments], text=True, capture_output=True)
        if check and done.returncode != 0:
            raise RuntimeError(f"{self.command[0]} {' '.join(arguments)}: {done.stderr.strip()}")
        return done

    def import_image(self) -> None:
        archive = self.folder / "image.tar"
        with tarfile.open(archive, "w") as tar:
            for name in ("usr", "etc", "tmp", "dev", "proc", "sys"):
                entry = tarfile.TarInfo(name)
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(entry)
            for name in ("bin", "lib", "lib64", "sbin"):
                entry = tarfile.TarInfo(name)
                entry.type, entry.linkname = tarfile.SYMTYPE, f"usr/{name}"
                tar.addfile(entry)
        self.do("import", str(archive), IMAGE)
        archive.unlink()

    def slice(self, name: str, cores: float) -> str:
        """Makes a cgroup with a quota for containers to be in; returns what `--cgroup-parent` takes.
        """
        for top in sandbox.cgroup_tops():
            group = top / self.cgroup / name
            group.mkdir(exist_ok=True)
            for file, value in (("cpu.cfs_quota_us", f"{cores * 100000:.0f}"),
                                ("cpu.max", f"{cores * 100000:.0f} 100000")):
                if (group / file).exists():
                    (group / file).write_text(value)
            # On cgroup v1 a new group has none of its parent's, and over one without CPUs cAdvisor
            # fails.
            for file in ("cpuset.cpus", "cpuset.mems"):
                if (group / file).exists() and (given := (group.parent / file).read_text().strip()):
                    (group / file).write_text(given)
        return f"/{self.cgroup}/{name}"

    def run(self, container: Container, cost_ms: float, model: str = "fcfs",
            limits: tuple[str, ...] | None = None, cv: float = 0.17) -> None:
        """Starts the container anew; its name must be free. `model` is one of server.py's, and
        `cv` the variation of the requests' cost.

        `limits` are Docker's own options; none given: its parent's, else its quota.
        """
        own = (("--cgroup-parent", container.parent) if container.parent
               else ("--cpus", f"{container.quota:g}"))
        self._start(
            container.name, own if limits is None else limits,
            "--volume", f"{SERVER}:/server.py:ro", IMAGE, "/usr/bin/python3", "-I", "-S",
            "/server.py", "--name", container.name, "--port", str(container.port),
            "--cost-ms", f"{cost_ms:g}", "--cv", f"{cv:g}", "--seed", str(container.port),
            "--model", model)
        self.find_counter(container)

    def run_neighbour(self, name: str, limits: tuple[str, ...]) -> None:
        """A container that serves nothing and takes all the CPU time that it can have."""
        self._start(name, limits, IMAGE, "/usr/bin/python3", "-I", "-S", "-c", "while True: pass")

    def run_idle(self, name: str) -> None:
        """A container that serves nothing and does nothing."""
        self._start(name, (), IMAGE, "/usr/bin/sleep", "infinity")

    def remove_neighbours(self, *names: str) -> None:
        self.do("rm", "--force", *names)

    def _start(self, name: str, limits: tuple[str, ...], *what: str) -> None:
        self.do("run", "--detach", "--name", name, "--network", "host", *self.options, *limits,
                "--volume", "/usr:/usr:ro", *what)

    def find_counter(self, container: Container) -> None:
        pid = self.do("inspect", "--format", "{{.State.Pid}}", container.name).stdout
        container.counter = cpu_counter(int(pid))

    def restart(self, *containers: Container, within: int = 5) -> None:
        """Those that have not ended `within` seconds after SIGTERM are killed."""
        self.do("restart", "--time", str(within), *(each.name for each in containers))
        for each in containers:
            self.find_counter(each)

    def remove(self, container: Container) -> None:
        self.do("rm", "--force", container.name)
        container.counter = None

    def pause(self, container: Container) -> None:
        self.do("pause", container.name)

    def unpause(self, container: Container) -> None:
        self.do("unpause", container.name)

class Docker(Engine):
    """dockerd without network, iptables or a registry."""

    port = 2376

    def __init__(self, folder: Path, cgroup: str) -> None:
        self.socket = folder / "docker.sock"
        super().__init__(["docker", "--host", f"unix://{self.socket}"], folder, cgroup)
        self.log = folder / "dockerd.log"
        # What its API over TLS wants to see and shows.
        self.certificates = folder / "docker-tls"
        self.certificates.mkdir()
        certificates.make(self.certificates)
        self.start()
        self.import_image()

    def start(self) -> None:
        """Its containers outlive it, and are its own again."""
        tls = self.certificates
        self.daemon = Child(
            "dockerd",
            ["dockerd", "--iptables=false", "--ip6tables=false", "--bridge=none",
             "--storage-driver=vfs", "--exec-opt", "native.cgroupdriver=cgroupfs", "--live-restore",
             f"--cgroup-parent=/{self.cgroup}/containers", "--host", f"unix://{self.socket}",
             "--host", f"tcp://127.0.0.1:{self.port}", "--tlsverify", f"--tlscacert={tls}/ca.pem",
             f"--tlscert={tls}/good.crt", f"--tlskey={tls}/good.key",
             "--data-root", str(self.folder / "data"), "--exec-root", str(self.folder / "exec"),
             "--pidfile", str(self.folder / "dockerd.pid")], self.log)
        wait_until(self._answers, 30, lambda: f"dockerd does not answer: {self.daemon.tail()}")

    def stop(self) -> None:
        """Its containers go on."""
        self.daemon.stop()

    def _answers(self) -> bool:
        self.daemon.require_running()
        return self.socket.exists() and self.do("info", check=False).returncode == 0


class Podman(Engine):
    """Podman as root, with its service of Docker's API."""

    def __init__(self, folder: Path, cgroup: str) -> None:
        store = folder / "podman"
        super().__init__(
            ["podman", "--root", str(store / "root"), "--runroot", str(store / "run"),
             "--tmpdir", str(store / "tmp"), "--storage-driver", "vfs",
             "--cgroup-manager", "cgroupfs", "--runtime", "runc", "--events-backend", "file"],
            folder, cgroup)
        self.options = ("--cgroup-parent", f"/{cgroup}/podman", "--cgroupns", "host")
        self.socket = folder / "podman.sock"
        self.import_image()
        self.service = Child(
            "podman", [*self.command, "system", "service", "--time", "0", f"unix://{self.socket}"],
            folder / "podman.log")
        wait_until(self.socket.exists, 20, lambda: f"podman does not answer: {self.service.tail()}")
