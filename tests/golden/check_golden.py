#!/usr/bin/env python3
"""Runs a config and holds its result against PyTorch's.

tests/golden/check_golden.py RUNNER CONFIG GOLDEN.json [DATA_FOLDER]

A golden file holds every tensor twice: PyTorch's float32 result, and the same
run in float64 from the same start. What float32 rounding costs PyTorch is the
distance between the two; a result is right when

    |runner - float64| <= 4 max|PyTorch float32 - float64| + 2e-6

for each parameter tensor and buffer, the first 20 mini-batch losses and the
first 20 test outputs. Nothing else has an allowance of its own:

* the split's row digests, the initial weights, the count of updates and the
  counters (num_batches_tracked) are exactly PyTorch's;
* the run's metrics of the test part are what recomputed.py makes of the run's
  own test outputs, all of them: |a - b| <= 1e-12 max(1, |b|);
* in every part, a counted metric (accuracy, auc, ...) is PyTorch's, to 1e-12,
  unless an output of that part lies within 1e-5 of a tie that could turn it (the
  golden's `margin`; one without it speaks of the test part alone, by the run's
  outputs);
* `loss` is `average_loss` x rows, `rmse` the root of `mse`;
* any other metric is a smooth function of the outputs. Where these are off by no
  more than what they are allowed, A, the metric is off by no more than A times
  its slope: that is the bound, a consequence and not a tolerance. It matters in
  the train and validation parts, whose outputs are not written. See `bound()`
  for the slopes; where one depends on the rows themselves (a logarithm's, the
  spread of labels), the test part's rows speak for the others, unless the
  golden has a part's own `spread`.
"""
import json
import math
import pathlib
import subprocess
import sys
import tempfile

import recomputed
from run_folder import RunFolder, f32

COUNTED = ("accuracy", "accuracy_baseline", "auc", "auc_precision_recall",
           "precision", "recall", "f1", "label/mean")
ALLOWED_TIMES, ALLOWED_MORE, TIE, SAME, FIRST = 4, 2e-6, 1e-5, 1e-12, 20
SIGMOID_ERROR = 3 * 2.0 ** -24  # of a float32 probability, engine/README.md


def flat(value):
    if isinstance(value, list):
        return [x for v in value for x in flat(v)]
    return [value]


def largest(a, b):
    return max((abs(x - y) for x, y in zip(flat(a), flat(b))), default=0.0)


def allowed(both):
    """What a tensor may be off from float64."""
    return ALLOWED_TIMES * largest(both["float32"], both["float64"]) + ALLOWED_MORE


def start(runner, config, folder, *overrides, data=None, environment=None):
    """Runs the config into a folder of its own; what the process was, and the run's folder."""
    command = [runner, str(config), "--out", str(folder), "-q", *overrides]
    if data:
        command += ["--data", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    return done, next(pathlib.Path(folder).glob("*/runs/*"), None)


# ------------------------------------------------------------------ the bound
def loss_slope(run):
    """Of a row's loss in its outputs, those of a row all moving at once: how much
    average_loss moves if each output moves by one."""
    if run.loss == "cross_entropy":  # sum of |softmax - target| <= 2
        weights = [w for w in run.options.get("weight") or [] if w > 0]
        return 2 * max(weights) / min(weights) if weights else 2.0
    if run.loss == "huber":
        return run.options.get("delta", 1.0)
    return 1.0  # nll, l1, smooth_l1


def mean_slope_of_log(run):
    return recomputed.mean([1 / recomputed.clipped(row[0], p) for row, p in zip(run.labels, run.probability)])


def squares(value, off):
    """A mean of squares, each root of which moves by `off`: by the triangle's inequality."""
    return 2 * off * math.sqrt(value) + off * off


def loss_bound(run, value, off, off_scaled):
    if run.loss == "bce":
        return off * mean_slope_of_log(run)
    if run.loss == "bce_with_logits":
        return off + SIGMOID_ERROR * mean_slope_of_log(run)
    if run.loss == "mse":
        return squares(value, off_scaled)
    return loss_slope(run) * (off_scaled if run.task == "regression" else off)


def spread(values):
    middle = recomputed.mean(values)
    return recomputed.mean([(v - middle) ** 2 for v in values])


def label_spread(run, metrics):
    """The smallest of the label columns, unless `spread` says it; of a single one
    by the definition of r2."""
    if "spread" in metrics:
        return metrics["spread"]
    if len(run.targets) == 1 and metrics["r2"] < 1:
        return metrics["mse"] / (1 - metrics["r2"])
    return min(map(spread, zip(*run.labels)))


def bound(run, name, metrics, off, off_scaled):
    """What a metric that is not counted may be off from float64 where outputs are
    off by `off`; a regression's in the targets' own units, `off_scaled` in the
    network's. `metrics` are float64's."""
    value = metrics[name]
    if name == "average_loss":
        return loss_bound(run, value, off, off_scaled)
    if run.loss == "bce_with_logits":  # of the probability
        off = off / 4 + SIGMOID_ERROR
    if name == "r2":
        wide = label_spread(run, metrics)
        # Of labels that are all alike r2 is 0 or 1, and no quotient.
        return squares(metrics["mse"], off) / wide if wide else 0
    return squares(value, off) if name in ("mse", "brier") else off


# ----------------------------------------------------------------- comparison
class Comparison:
    """One run against one golden: what is wrong, and what was measured."""

    def __init__(self, golden, run):
        self.golden, self.run, self.record = golden, run, run.record
        self.wrong, self.report = [], []

    def judge(self, what, error, allowance):
        self.report.append(f"{what}: error {error:.3g}, allowed {allowance:.3g}")
        if not error <= allowance:
            self.wrong.append(self.report[-1])

    def near(self, what, ours, both):
        theirs = flat(both["float64"])
        if len(ours) < len(theirs):
            self.wrong.append(f"{what}: {len(ours)} values, expected {len(theirs)}")
            return
        self.judge(what, largest(ours[:len(theirs)], theirs), allowed(both))

    def exact(self, what, ours, theirs):
        if ours != theirs:
            self.wrong.append(f"{what}: {ours!r}, expected {theirs!r}")

    def same(self, what, ours, theirs):
        """Two ways of computing one number; not a number: there is no second way."""
        if ours is None or theirs is None:
            self.exact(what, ours, theirs)
        elif abs(ours - theirs) > SAME * max(1, abs(theirs)):
            self.wrong.append(f"{what}: {ours!r}, expected {theirs!r}")

    def check_initial(self, weights):
        for name, first in self.golden["initial"].items():
            self.exact(f"initial {name}", weights[name][:len(first)], [f32(x) for x in first])

    def check_split(self):
        for part, about in self.golden["split"].items():
            ours = self.record["data"]["parts"][part]
            self.exact(f"{part} rows", (ours["rows"], ours["sha256"]), (about["count"], about["sha256"]))

    def check_tensors(self):
        for name, both in {**self.golden["parameters"], **self.golden.get("buffers", {})}.items():
            self.near(name, self.run.weights[name], both)
        for name, count in self.golden.get("counters", {}).items():
            self.exact(name, self.run.weights[name], [count])
        self.near("first losses", self.run.losses[:FIRST], self.golden["trace"])
        self.near("first outputs", flat(self.run.outputs[:FIRST]), self.golden["predictions"])

    def check_own_metrics(self):
        """The test part's metrics, of the run's own outputs."""
        ours, again = self.record["metrics"]["test"], recomputed.metrics(self.run)
        self.exact("test metrics", sorted(ours), sorted(again))
        for name, value in again.items():
            self.same(f"test {name} of the run's outputs", ours.get(name), value)
        if self.run.task == "classes":
            hard = [row.index(max(row)) for row in self.run.outputs]
            self.exact("classes", self.run.classes, hard)

    def outputs_off(self):
        """The outputs' allowance in their own units, and in the network's."""
        both = self.golden["predictions"]
        if self.run.task != "regression":
            return allowed(both), None
        scaled = {key: [self.run.scale_unrounded(row) for row in rows] for key, rows in both.items()}
        return allowed(both), allowed(scaled)

    def margin(self, part):
        if "margin" in self.golden:
            return self.golden["margin"][part]
        run = self.run
        return recomputed.margin(run.loss, [row[0] for row in run.labels], run.outputs,
                                 getattr(run, "probability", None))

    def check_metric(self, part, name, value, off):
        ours, double = self.record["metrics"][part][name], self.golden["metrics"]["float64"][part]
        what = f"{part} {name}"
        if value is None or ours is None:
            self.exact(what, ours, value)
        elif name in COUNTED:
            if name in ("accuracy_baseline", "label/mean") or self.margin(part) >= TIE:
                self.same(what, ours, value)
        elif name != "loss":
            spread = {"spread": self.golden["spread"][part]} if "spread" in self.golden else {}
            self.judge(what, abs(ours - double[name]), bound(self.run, name, {**double, **spread}, *off))

    def check_metrics(self):
        off = self.outputs_off()
        for part, metrics in self.golden["metrics"]["float32"].items():
            ours = self.record["metrics"][part]
            self.exact(f"{part} metrics", sorted(ours), sorted(metrics))
            self.exact(f"{part} loss", ours["loss"],
                       ours["average_loss"] * self.record["data"]["parts"][part]["rows"])
            if "rmse" in ours:
                self.exact(f"{part} rmse", ours["rmse"], math.sqrt(ours["mse"]))
            for name, value in metrics.items():
                self.check_metric(part, name, value, off)

    def check(self):
        self.exact("global_step", self.record["global_step"], self.golden["global_step"])
        self.check_split()
        self.check_tensors()
        self.check_own_metrics()
        self.check_metrics()


INITIAL = ("train.optimizer.lr=0", "train.steps=1", "train.lr_schedule=null")
FULL = ("evaluate.every=1", "output.predictions=true")


def compare(golden, initial, full):
    """Of the folders of two runs, made with INITIAL and with FULL."""
    comparison = Comparison(golden, RunFolder(full))
    comparison.check_initial(RunFolder.weights_of(initial))
    comparison.check()
    return comparison


def run_or_exit(*arguments, **options):
    done, folder = start(*arguments, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, done.args))}: exit {done.returncode}\n{done.stderr}")
    return folder


def main():
    runner, config, path = sys.argv[1:4]
    data = sys.argv[4] if len(sys.argv) > 4 else None
    if not pathlib.Path(path).exists():
        print(f"{path}: not there, skipped")
        return 77
    golden = json.loads(pathlib.Path(path).read_text())
    with tempfile.TemporaryDirectory() as folder:
        initial = run_or_exit(runner, config, f"{folder}/initial", *INITIAL, data=data)
        full = run_or_exit(runner, config, f"{folder}/full", *FULL, data=data)
        comparison = compare(golden, initial, full)
    print("\n".join(comparison.report))
    print("\n".join(f"WRONG {line}" for line in comparison.wrong))
    return 1 if comparison.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
