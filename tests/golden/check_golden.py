#!/usr/bin/env python3
"""Runs a config and holds its result against PyTorch's.

tests/golden/check_golden.py RUNNER CONFIG GOLDEN.json [DATA_FOLDER]

A golden file holds every tensor twice: PyTorch's float32 result, and the same
run in float64 from the same start. What float32 rounding costs PyTorch is the
distance between the two; a result is right when

    |runner - float64| <= 4 max|PyTorch float32 - float64| + 2e-6

for each parameter tensor, the first 20 mini-batch losses and the first 20 test
outputs. Counted metrics are exact unless an output lies within 1e-5 of a tie.
The split's row digests and the initial weights are exactly PyTorch's.
"""
import csv
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

COUNTED = ("accuracy", "accuracy_baseline", "auc", "auc_precision_recall",
           "precision", "recall", "f1", "label/mean")
ALLOWED_TIMES, ALLOWED_MORE, TIE = 4, 2e-6, 1e-5


def flat(value):
    if isinstance(value, list):
        return [x for v in value for x in flat(v)]
    return [value]


def read_weights(path):
    raw = path.read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + length])
    tensors = {}
    for name, about in header.items():
        start, stop = about["data_offsets"]
        part = raw[8 + length + start:8 + length + stop]
        tensors[name] = list(struct.unpack(f"<{len(part) // 4}f", part))
    return tensors


class Golden:
    """One comparison: collects what is wrong and the largest ratio seen."""

    def __init__(self, runner, config, golden, data):
        self.runner, self.config, self.data = runner, config, data
        self.golden = json.loads(pathlib.Path(golden).read_text())
        self.wrong, self.report = [], []

    def run(self, folder, *overrides):
        command = [self.runner, self.config, "--out", folder, "-q", *overrides]
        if self.data:
            command += ["--data", self.data]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
        return next(pathlib.Path(folder).glob("*/runs/*"))

    def near(self, what, ours, single, double, at_least=0.0):
        if len(ours) < len(double):
            self.wrong.append(f"{what}: {len(ours)} values, expected {len(double)}")
            return
        torch = max((abs(a - b) for a, b in zip(single, double)), default=0)
        torch = max(torch, at_least)
        mine = max((abs(a - b) for a, b in zip(ours, double)), default=0)
        allowed = ALLOWED_TIMES * torch + ALLOWED_MORE
        self.report.append(f"{what}: error {mine:.3g}, PyTorch's {torch:.3g}, allowed {allowed:.3g}")
        if not mine <= allowed:
            self.wrong.append(self.report[-1])

    def exact(self, what, ours, theirs):
        if ours != theirs:
            self.wrong.append(f"{what}: {ours!r}, expected {theirs!r}")

    def check_initial(self, folder):
        run = self.run(folder, "train.optimizer.lr=0", "train.steps=1",
                       "train.lr_schedule=null")
        weights = read_weights(run / "weights.safetensors")
        for name, first in self.golden["initial"].items():
            self.exact(f"initial {name}", weights[name][:len(first)],
                       [struct.unpack("<f", struct.pack("<f", x))[0] for x in first])

    def check_split(self, record):
        for part, about in self.golden["split"].items():
            ours = record["data"]["parts"][part]
            self.exact(f"{part} rows", (ours["rows"], ours["sha256"]),
                       (about["count"], about["sha256"]))

    def check_trace(self, run):
        rows = list(csv.DictReader((run / "history.csv").open()))
        trace = self.golden["trace"]
        self.near("first losses", [float(r["train.loss"]) for r in rows[:20]],
                  trace["float32"], trace["float64"])

    def outputs(self, run):
        rows = list(csv.DictReader((run / "predictions.csv").open()))
        skipped = ("row", "class")
        logits = rows and "logit" in rows[0]
        return [[float(v) for k, v in row.items()
                 if k not in skipped and not k.startswith("target.")
                 and not (logits and k == "probability")] for row in rows]

    def has_tie(self, outputs, task):
        if task == "regression":
            return False
        if task == "classes":
            tops = [sorted(row)[-2:] for row in outputs]
            return any(b - a < TIE for a, b in tops)
        values = sorted(row[0] for row in outputs)
        middle = 0.0 if "logit" in task else 0.5
        return any(abs(v - middle) < TIE for v in values) or \
            any(b - a < TIE for a, b in zip(values, values[1:]))

    def golden_outputs_off(self):
        """PyTorch's error of the outputs: a metric moves with them."""
        both = self.golden["predictions"]
        return max((abs(a - b) for a, b in zip(flat(both["float32"]), flat(both["float64"]))), default=0)

    def check_metrics(self, record, tie_in_test):
        for part, metrics in self.golden["metrics"]["float32"].items():
            double = self.golden["metrics"]["float64"][part]
            outputs_off = self.golden_outputs_off()
            margin = self.golden.get("margin", {}).get(part)
            tie = margin < TIE if margin is not None else tie_in_test
            for name, value in metrics.items():
                ours = record["metrics"][part][name]
                if value is None or ours is None:
                    self.exact(f"{part} {name}", ours, value)
                elif name in COUNTED and not tie:
                    if abs(ours - value) > 1e-12:
                        self.exact(f"{part} {name}", ours, value)
                elif name == "loss":
                    rows = record["data"]["parts"][part]["rows"]
                    self.exact(f"{part} loss", ours, record["metrics"][part]["average_loss"] * rows)
                elif name not in COUNTED:
                    self.near(f"{part} {name}", [ours], [value], [double[name]], outputs_off)

    def check(self):
        with tempfile.TemporaryDirectory() as folder:
            self.check_initial(folder + "/initial")
            run = self.run(folder + "/full", "evaluate.every=1", "output.predictions=true")
            record = json.loads((run / "run.json").read_text())
            weights = read_weights(run / "weights.safetensors")
            self.exact("global_step", record["global_step"], self.golden["global_step"])
            self.check_split(record)
            for name, both in self.golden["parameters"].items():
                self.near(name, weights[name], flat(both["float32"]), flat(both["float64"]))
            self.check_trace(run)
            outputs, theirs = self.outputs(run), self.golden["predictions"]
            self.near("first outputs", flat(outputs[:20]), flat(theirs["float32"]),
                      flat(theirs["float64"]))
            loss = record["config"]["train"]["loss"]
            kind = loss if isinstance(loss, str) else loss["type"]
            task = {"bce": "binary", "bce_with_logits": "binary logit", "cross_entropy": "classes",
                    "nll": "classes"}.get(kind, "regression")
            self.check_metrics(record, self.has_tie(outputs, task))
        print("\n".join(self.report))
        print("\n".join(f"WRONG {line}" for line in self.wrong))
        return 1 if self.wrong else 0


def main():
    runner, config, golden = sys.argv[1:4]
    if not pathlib.Path(golden).exists():
        print(f"{golden}: not there, skipped")
        return 77
    return Golden(runner, config, golden, sys.argv[4] if len(sys.argv) > 4 else None).check()


if __name__ == "__main__":
    sys.exit(main())
