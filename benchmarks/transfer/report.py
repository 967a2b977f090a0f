"""The figures as JSON and as a table, with the machine and the versions that they are of."""

import argparse
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
from typing import Any

Figures = dict[str, dict[str, list[dict[str, Any]]]]
TITLES = {
    "free": "## {mib} MiB, connections unlimited",
    "held": "## {mib} MiB, each connection held to 80 MiB/s",
    "large": "## {large_mib} MiB, for memory",
}


def machine() -> dict[str, str]:
    """Return what the figures depend on."""
    nginx = subprocess.run(["/usr/sbin/nginx", "-v"], capture_output=True, text=True, check=True)
    packages = ("boto3", "botocore", "s3transfer", "urllib3")
    with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123 (no path of ours)
        models = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    return {
        "processor": f"{len(models)} cores, {models[0]}",
        "kernel": platform.release(),
        "python": platform.python_version(),
        "nginx": nginx.stderr.strip().rpartition("/")[2],
        "load at the end": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        **{name: importlib.metadata.version(name) for name in packages},
    }


def summary(runs: list[dict[str, Any]]) -> dict[str, float]:
    """Return the median time, the best, and the most memory of all runs."""
    times = [run["seconds"] for run in runs]
    result = {"median_seconds": statistics.median(times), "best_seconds": min(times)}
    if "mib" in runs[0]:
        result["cpu_seconds"] = statistics.median(run["cpu_seconds"] for run in runs)
        result["mib_above_idle"] = max(run["mib_above_idle"] for run in runs)
        result["mib"] = max(run["mib"] for run in runs)
    return {name: round(value, 3) for name, value in result.items()}


def table(summaries: dict[str, dict[str, float]]) -> list[str]:
    """Return the rows of a Markdown table; ratios are to the first row's median."""
    first = next(iter(summaries.values()))["median_seconds"]
    rows = ["| | median s | best s | ratio | CPU s | MiB above idle | MiB |", "|---|" + "---:|" * 6]
    for name, each in summaries.items():
        ratio = each["median_seconds"] / first
        times = (
            f"| {name} | {each['median_seconds']:.2f} | {each['best_seconds']:.2f} | {ratio:.2f}"
        )
        memory = [each.get(key) for key in ("cpu_seconds", "mib_above_idle", "mib")]
        cells = ["-" if value is None else f"{value:.1f}" for value in memory]
        rows.append(f"{times} | {' | '.join(cells)} |")
    return rows


def write(options: argparse.Namespace, figures: Figures) -> None:
    """Write results.json and results.md."""
    versions = {**machine(), "folder": str(options.folder), "rounds": str(options.rounds)}
    summaries = {
        kind: {name: summary(runs) for name, runs in group.items()}
        for kind, group in figures.items()
    }
    lines = ["# Transfer of one object", "", "Written by `python -m benchmarks.transfer`.", ""]
    lines += [f"- {name}: {value}" for name, value in versions.items()]
    for kind, title in TITLES.items():
        lines += ["", title.format(**vars(options)), "", *table(summaries[kind])]
    text = "\n".join(lines) + "\n"
    (options.output / "results.md").write_text(text, "utf-8")
    content = {"machine": versions, "summaries": summaries, "runs": figures}
    encoded = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    (options.output / "results.json").write_text(encoded, "utf-8")
    print(text)
