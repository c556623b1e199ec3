"""What the simulator says of the same containers under the same loads: a markdown table."""

import json
import statistics
import subprocess
import tempfile
from pathlib import Path

from bed import COST_MS, QUOTAS
from compare_table import milliseconds, percent, summary

SEEDS = 10
STRATEGIES = {
    "equal": "equal", "leastconn": "leastconn", "halfway-2015": "halfway-2015",
    "evenkeel": "capacity", "evenkeel+leastconn": "capacity+leastconn",
    "random2": "equal", "random4": "equal", "evenkeel+random2": "capacity",
    "evenkeel+random4": "capacity",
}
"""The simulator's names; it knows no maxconn in proportion to quotas."""
DRAWS = {"random2": 2, "random4": 4, "evenkeel+random2": 2, "evenkeel+random4": 4}
"""Where the algorithm is `random`, which is the scenario's."""
CROWDING = 0.0018
"""What a request in flight adds to the cost of all in the `threads` model, measured as a part."""


def scenario(load: float, seconds: float, model: str, cv: float, draws: int | None) -> dict:
    """The bed of the acceptance tests, but for the shape of the cost's distribution."""
    threads = {"service": "sharing", "crowding": CROWDING} if model == "threads" else {}
    return {
        "name": f"cluster-{load:g}", "duration": seconds,
        "request": {"cpu": COST_MS / 1000, "cv": cv},
        "balancers": [{"name": "lb1", "algorithm": "random", "draws": draws} if draws
                      else {"name": "lb1"}],
        "demand": {"rps": load * sum(QUOTAS) / (COST_MS / 1000)},
        # The load generator, HAProxy and cAdvisor use the rest of the cores.
        "hosts": [{"name": "h1", "cores": 2, "neighbour": 0.3}],
        "servers": [{"name": f"api-{number}", "host": "h1", "quota": quota, **threads}
                    for number, quota in enumerate(QUOTAS, 1)],
    }


def predict(program: str, loads: list[float], strategies: list[str], seconds: float,
            model: str, cv: float) -> None:
    known = [name for name in strategies if name in STRATEGIES]
    print(f"Simulated: `{model}`, cost of cv {cv:g}, runs of {seconds:g} s from the start, median (least–most) of "
          f"{SEEDS} seeds\n")
    print("| load | strategy | p50 | p99 | failed |\n|---|---|---|---|---|")
    for load in loads:
        for name in known:
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "cluster.json"
                file.write_text(json.dumps(scenario(load, seconds, model, cv, DRAWS.get(name))))
                command = [program, "simulate", str(file), "--seeds", str(SEEDS), "--json",
                           "--strategy", STRATEGIES[name]]
                found = subprocess.run(command, check=True, capture_output=True).stdout
            some = json.loads(found)["runs"]
            cells = [
                summary([run["p50_ms"] for run in some], milliseconds),
                summary([run["p99_ms"] for run in some], milliseconds),
                percent(statistics.median(run["failed"] / run["requests"] for run in some)),
            ]
            print(f"| {load:g} | {name} | {' | '.join(cells)} |")
