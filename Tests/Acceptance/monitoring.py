"""What monitoring makes of a running daemon: promtool, a real Prometheus, the dashboard, the alerts."""

import json
import re
import socket
import subprocess
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

from runner import require, wait_until

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
RULES = PACKAGING / "prometheus" / "alerts.yml"
RUNBOOK = PACKAGING / "doc" / "alerts.md"
DASHBOARD = PACKAGING / "grafana" / "evenkeel.json"


def read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def promtool(*arguments: str, text: str | None = None, folder: Path | None = None) -> str:
    done = subprocess.run(["promtool", *arguments], input=text, text=True, capture_output=True,
                          cwd=folder, timeout=120)
    told = (done.stdout + done.stderr).strip()
    require(done.returncode == 0, f"promtool {' '.join(arguments)}: {told}")
    return told


def families(metrics: str) -> set[str]:
    """The names under which metrics can be asked for."""
    names = set()
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", metrics, re.MULTILINE):
        suffixes = ["_bucket", "_sum", "_count"] if kind == "histogram" else [""]
        names |= {name + suffix for suffix in suffixes}
    return names


def check_metrics(url: str) -> str:
    """The text is what Prometheus wants, to the letter."""
    metrics = read(url + "metrics")
    told = promtool("check", "metrics", text=metrics)
    require(told == "", f"promtool: {told}")
    samples = [line for line in metrics.splitlines() if line and not line.startswith("#")]
    return f"{len(families(metrics))} names, {len(samples)} samples"


def check_rules(metrics: str) -> str:
    """The alerts are right by their own tests, and ask for nothing that there is not."""
    promtool("check", "rules", str(RULES))
    promtool("test", "rules", "alerts_test.yml", folder=RULES.parent)
    asked = set(re.findall(r"\b(?:evenkeel|process)_[a-z_]+", RULES.read_text()))
    missing = asked - families(metrics)
    require(not missing, f"alerts ask for {sorted(missing)}")
    alerts = re.findall(r"alert: (\w+)", RULES.read_text())
    told = re.findall(r"runbook_url: doc/alerts\.md#(\w+)", RULES.read_text())
    require(told == [alert.lower() for alert in alerts], f"runbooks: {told}")
    sections = re.findall(r"^## (\w+)$", RUNBOOK.read_text(), re.MULTILINE)
    require(sorted(sections) == sorted(alerts), f"the runbook has {sections}")
    return f"{len(asked)} metrics, {len(alerts)} alerts"


def check_dashboard(metrics: str) -> str:
    """Grafana's dashboard asks for nothing that there is not, and its panels do not overlap."""
    dashboard = json.loads(DASHBOARD.read_text())
    panels = dashboard["panels"]
    require(len({panel["id"] for panel in panels}) == len(panels), "panels share an id")
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}
        require(not cells & taken and place["x"] + place["w"] <= 24, f"{panel['title']} overlaps")
        taken |= cells
    for panel in panels:
        for target in panel.get("targets", []):
            missing_job = [name for name in re.findall(r"\b(?:evenkeel|process)_\w+\{([^}]*)\}", target["expr"])
                           if 'job=~"$job"' not in name]
            bare = re.findall(r"\b(?:evenkeel|process)_\w+(?![\w{])", target["expr"])
            require(not missing_job and not bare, f"{panel['title']}: not of the chosen job: {target['expr']}")
    text = json.dumps(dashboard)
    asked = set(re.findall(r"\b(?:evenkeel|process)_[a-z_]+", text))
    missing = asked - families(metrics)
    require(not missing, f"panels ask for {sorted(missing)}")
    require("http" not in text, "an outside address in the dashboard")
    return f"{len(panels)} panels, {len(asked)} metrics"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def check_prometheus(url: str) -> str:
    """A real Prometheus scrapes the daemon, with our rules, and answers every panel's question."""
    with tempfile.TemporaryDirectory(prefix="evenkeel-prometheus-") as name:
        folder, port = Path(name), free_port()
        (folder / "prometheus.yml").write_text(json.dumps({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(RULES)],
            "scrape_configs": [{"job_name": "evenkeel", "static_configs": [
                {"targets": [urllib.parse.urlsplit(url).netloc]}]}]}))
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                ["prometheus", f"--config.file={folder}/prometheus.yml",
                 f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{port}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        base = f"http://127.0.0.1:{port}"

        def ask(query: str) -> list:
            quoted = urllib.parse.quote(query)
            answer = json.loads(read(f"{base}/api/v1/query?query={quoted}"))
            require(answer["status"] == "success", f"{query}: {answer}")
            return answer["data"]["result"]

        def is_scraped() -> bool:
            try:
                up = ask('up{job="evenkeel"}')
            except OSError:
                return False
            return [value["value"][1] for value in up] == ["1"] and len(ask("evenkeel_build_info")) == 1
        try:
            wait_until(is_scraped, 40, lambda: (folder / "log").read_text()[-1000:])
            rules = json.loads(read(base + "/api/v1/rules"))["data"]["groups"][0]["rules"]
            broken = [rule["name"] for rule in rules if rule.get("health") == "err"]
            require(len(rules) >= 9 and not broken, f"rules: {broken or rules}")
            asked = 0
            for panel in json.loads(DASHBOARD.read_text())["panels"]:
                for target in panel.get("targets", []):
                    expression = target["expr"].replace("$__rate_interval", "1m").replace("$__range", "1h")
                    ask(re.sub(r"\$(instance|backend|job)\b", ".+", expression))
                    asked += 1
            return f"{len(rules)} rules, {asked} questions of the dashboard answered"
        finally:
            process.terminate()
            process.wait(20)
