#!/usr/bin/env python3
"""Holds a config of configs/ to what its comment says comes out.

tests/configs/check_config.py RUNNER CONFIG [DATA_FOLDER]

Every config is checked. One with a line

    # result: test.rmse 2.54166, test.r2 0.997362

is run, and these metrics, written as the runner prints them, must be the run's
own; of a sweep, those of its best run. Where the course's data are not there,
the check must say so (exit 3), and the test is skipped.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

SKIPPED, DATA_MISSING = 77, 3
RESULT = re.compile(r"^# result: (.+)$", re.MULTILINE)


def expected(text):
    """(part.metric, number as text) of the result lines."""
    return [tuple(entry.split()) for line in RESULT.findall(text) for entry in line.split(", ")]


def metrics_of(summary):
    """part.metric to number, of the one run or of a sweep's best."""
    def flat(run):
        return {f"{part}.{name}": value for part, metrics in run["metrics"].items() for name, value in metrics.items()}
    runs = [flat(run) for run in summary["runs"]]
    if len(runs) == 1:
        return runs[0]
    metric = summary["statistics"]["metric"]
    best = min if metric["goal"] == "minimize" else max
    return best(runs, key=lambda run: run[metric["name"]])


def differences(wanted, found):
    for name, number in wanted:
        ours = f"{found[name]:.6g}" if found.get(name) is not None else "no such metric"
        if ours != number:
            yield f"{name}: the comment says {number}, found {ours}"


def start(*command):
    return subprocess.run(command, capture_output=True, text=True)


def main():
    runner, config = sys.argv[1], pathlib.Path(sys.argv[2])
    data = ["--data", sys.argv[3]] if len(sys.argv) > 3 else []
    done = start(runner, "plan", config, *data)
    if done.returncode == DATA_MISSING and "scripts/get_data.sh" in done.stderr:
        print(done.stderr + "skipped")
        return SKIPPED
    if done.returncode != 0:
        sys.exit(f"{config}: exit {done.returncode}\n{done.stderr}")
    wanted = expected(config.read_text())
    if not wanted:
        print(f"{config}: checked; it says no result")
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        done = start(runner, config, *data, "-q", "--out", scratch)
        if done.returncode != 0:
            sys.exit(f"{config}: exit {done.returncode}\n{done.stderr}")
        found = metrics_of(json.loads(next(pathlib.Path(scratch).glob("*/summary.json")).read_text()))
    wrong = list(differences(wanted, found))
    print("\n".join(wrong) or f"{config}: {len(wanted)} numbers as its comment says")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
