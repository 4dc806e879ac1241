#!/usr/bin/env python3
"""Runs an experiment and holds its figures against those on record, exactly.

tests/experiments/check_figures.py RUNNER EXPERIMENT_FOLDER [--write]

EXPERIMENT_FOLDER holds config.yaml and figures.csv. The config runs into a
scratch folder; figures.csv is computed again from the summary.csv left there.
Its first column is a swept path, a line one of that path's values (a whole one
without a point); the names of the other columns say what they are (FIGURES, and
the two with a number in them). Losses are test.average_loss of the finished
runs. Sums are rounded once (math.fsum) and numbers written by repr, so equal
runs give equal text.

--write puts the lines found under the header that is there.
"""
import csv
import hashlib
import math
import pathlib
import subprocess
import sys
import tempfile

LOSS, ACCURACY = "test.average_loss", "test.accuracy"


class Group:
    """The runs of one line, in plan order."""

    def __init__(self, rows):
        self.rows = rows
        self.finished = [r for r in rows if r["status"] == "finished"]
        self.losses = sorted(float(r[LOSS]) for r in self.finished)

    def mean(self):
        return math.fsum(self.losses) / len(self.losses)

    def sd(self):
        mean = self.mean()
        squares = math.fsum((x - mean) * (x - mean) for x in self.losses)
        return math.sqrt(squares / (len(self.losses) - 1))

    def quantile(self, level):
        """Linear between neighbours, as numpy's default."""
        place = level * (len(self.losses) - 1)
        below = math.floor(place)
        above = min(below + 1, len(self.losses) - 1)
        low, high = self.losses[below], self.losses[above]
        return low + (high - low) * (place - below)

    def share_right(self):
        """Of all runs, diverged ones too: the share without a test error."""
        right = sum(float(r[ACCURACY]) == 1.0 for r in self.finished)
        return right / len(self.rows)

    def share_below(self, loss):
        return sum(x < loss for x in self.losses) / len(self.rows)

    def sha256(self):
        lines = "".join(f"{r['id']},{r[LOSS]}\n" for r in self.rows)
        return hashlib.sha256(lines.encode()).hexdigest()


FIGURES = {
    "runs": lambda g: len(g.rows),
    "finished": lambda g: len(g.finished),
    "share at accuracy 1": Group.share_right,
    "mean": Group.mean,
    "sd": Group.sd,
    "min": lambda g: g.losses[0],
    "max": lambda g: g.losses[-1],
    "sha256": Group.sha256,
}
FIGURES_OF_A_NUMBER = {
    "quantile": Group.quantile,
    "share below": Group.share_below,
}


def figure(group, column):
    if column in FIGURES:
        value = FIGURES[column](group)
    else:
        kind, number = column.rsplit(" ", 1)
        value = FIGURES_OF_A_NUMBER[kind](group, float(number))
    return value if isinstance(value, str) else repr(value)


def run(runner, config, folder):
    """The rows of summary.csv; exit 4 says that some runs diverged."""
    done = subprocess.run([runner, config, "--out", folder, "-q"],
                          capture_output=True, text=True)
    if done.returncode not in (0, 4):
        sys.exit(f"{config}: exit {done.returncode}\n{done.stderr}")
    summaries = list(pathlib.Path(folder).glob("*/summary.csv"))
    if len(summaries) != 1:
        sys.exit(f"{config}: expected one summary.csv, found {summaries}")
    with open(summaries[0], newline="") as file:
        return list(csv.DictReader(file))


def figures(rows, header):
    """The lines of figures.csv, in the order of the first column's values."""
    groups = {}
    for row in rows:
        value = row[header[0]].removesuffix(".0")
        groups.setdefault(value, []).append(row)
    return [[value] + [figure(Group(groups[value]), c) for c in header[1:]]
            for value in sorted(groups, key=float)]


def differences(path, header, expected, found):
    if len(expected) != len(found):
        yield f"{path}: expected {len(expected)} lines, found {len(found)}"
    for number, (old, new) in enumerate(zip(expected, found), 2):
        if len(old) != len(header):
            yield f"{path}:{number}: expected {len(header)} cells"
        for column, a, b in zip(header, old, new):
            if a != b:
                yield f"{path}:{number}: {column}: expected {a}, found {b}"


def main():
    runner, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    path = folder / "figures.csv"
    with open(path, newline="") as file:
        header, *expected = csv.reader(file)
    with tempfile.TemporaryDirectory() as scratch:
        rows = run(runner, folder / "config.yaml", scratch)
    found = figures(rows, header)
    if sys.argv[3:] == ["--write"]:
        with open(path, "w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header] + found)
        return
    wrong = list(differences(path, header, expected, found))
    print("\n".join(wrong) or
          f"{path}: {len(rows)} runs, {len(found)} lines as on record")
    sys.exit(bool(wrong))


main()
