#!/usr/bin/env python3
"""Trains random configs with the runner and with PyTorch and compares them.

scripts/try_configs.py RUNNER [COUNT] [FIRST_SEED]

The configs are random_configs.py's, PyTorch's side is ../shared/reference's
reference.py, the judge tests/golden/check_golden.py. A config counts only where
PyTorch agrees with itself: ten float32 runs with the rows of each mini-batch
permuted, which changes rounding and nothing else, stay within half the
allowance, and where one of them gives another counted metric, that metric does
not count. (Where a layer draws a number for each row, rows must stay: there the
initial weights and features are nudged as below.) Beyond the goldens, the runner must give the same digests in both
forms of its kernels, and recomputed.py must agree with scikit-learn's metrics.

A config on which the runner is out of its allowance is tried once more: PyTorch
with each initial weight, and each feature of each batch, moved by a unit in the
last place or not (embedding's whole numbers stay). If it
leaves the allowance too, a number there hangs on rounding (a gradient that is
almost nothing, divided by its own size): "out, as PyTorch is", which is told
and not counted. Look at it all the same when there are many.

Where both refuse a config, or both diverge, that is agreement too. Prints a line
a config and exits with 1 if one that counts is wrong. Needs Debian's
python3-torch, python3-sklearn, python3-pandas and python3-yaml.
"""
import collections
import hashlib
import json
import os
import pathlib
import sys
import tempfile
import warnings

# First: it ends where there is no torch.
from torch_runs import Outputs, Torch, both, check_golden, np, recomputed, reference, torch
import random_configs


def golden(theirs):
    """As scripts/make_goldens.py writes it, all initial weights included."""
    single, double, first = theirs.single, theirs.double, check_golden.FIRST
    rows = {part: np.asarray(r, "<i8") for part, r in single["split"].items()}
    is_regression = "r2" in theirs.outputs.metrics(theirs.parts)["test"]
    return {
        **({"spread": theirs.outputs.spreads(theirs.parts)} if is_regression else {}),
        "global_step": single["global_step"],
        "metrics": both(theirs.outputs.metrics(theirs.parts),
                        theirs.double_outputs.metrics(theirs.parts)),
        "margin": theirs.outputs.margins(theirs.parts),
        "split": {part: {"count": len(r), "sha256": hashlib.sha256(r.tobytes()).hexdigest()}
                  for part, r in rows.items()},
        "trace": both(single["trace"][:first], double["trace"][:first]),
        "initial": {n: np.ravel(v).tolist() for n, v in single["initial"].items()},
        "parameters": {n: both(v, double["parameters"][n]) for n, v in single["parameters"].items()},
        "buffers": {n: both(v, double["buffers"][n]) for n, v in single["buffers"].items()},
        "predictions": both(single["predictions"]["test"][:first], double["predictions"]["test"][:first])}


# ------------------------------------------------------------- the runner's runs
class Refused(Exception):
    pass


class Runner:
    def __init__(self, path, folder):
        self.path, self.folder = path, folder

    def run(self, config, name, *overrides, lanes=None, exits=(0,)):
        environment = {**os.environ, **({"RUNNER_LANES": lanes} if lanes else {})}
        done, folder = check_golden.start(self.path, config, self.folder / name, *overrides, environment=environment)
        if done.returncode not in exits:
            raise Refused(f"exit {done.returncode}: {done.stderr.strip()}")
        return done, folder


def digests(folder):
    return json.loads((folder / "run.json").read_text())["digest"]


def sklearn_agrees(run):
    """The runner's metrics, and recomputed.py's, against reference.py's of the runner's own outputs."""
    loss = run.options | {"type": run.loss}
    loss.pop("reduction", None)
    options = {k: torch.tensor(v) if isinstance(v, list) else v for k, v in loss.items() if k != "type" and v is not None}
    criterion = reference.LOSSES[run.loss](**options)
    if run.task == "regression":
        table = {tuple(a): b for a, b in zip(run.scaled_labels + run.scaled_outputs, run.labels + run.outputs)}
        out, y = torch.tensor(run.scaled_outputs), torch.tensor(run.scaled_labels)

        def restore(values):
            return np.asarray([table[tuple(row)] for row in values.tolist()])
    else:
        out, restore = torch.tensor(run.outputs), None
        y = torch.tensor([[int(v) for v in row] for row in run.labels])
        y = y[:, 0] if run.task == "classes" else y.float()
        if run.loss == "bce_with_logits":  # the float32 sigmoid is the runner's own
            run_kind, out = "bce", torch.tensor(run.probability)[:, None]
            criterion = reference.LOSSES[run_kind]()
    kind = "bce" if run.task == "binary" else run.loss
    outputs = Outputs()
    outputs.calls = [(kind, criterion, out, y, restore)]
    theirs = outputs.metrics(["test"])["test"]
    comparison = check_golden.Comparison(None, run)
    for name, value in theirs.items():
        comparison.same(f"scikit-learn's {name} of the run's outputs", run.record["metrics"]["test"][name], value)
    for name, value in recomputed.metrics(run).items():
        comparison.same(f"scikit-learn's {name}, and the recomputed one", theirs[name], value)
    return comparison.wrong


# --------------------------------------------------------------------- a config
def excused(theirs, line):
    """A counted metric on which PyTorch's permuted runs differ, or another that
    PyTorch itself has outside the bound: where a sigmoid is all but 1, rounding
    it moves a logarithm more than the test part's rows let expect."""
    what, _, rest = line.partition(":")
    part, _, name = what.partition(" ")
    metrics = theirs.outputs.metrics(theirs.parts)
    if part not in metrics or name not in metrics[part]:
        return False
    if name in check_golden.COUNTED:
        return theirs.is_shaky(part, name, metrics[part][name])
    exact = theirs.double_outputs.metrics(theirs.parts)[part][name]
    _, is_bound, bound = rest.partition(", allowed ")
    return is_bound and abs(metrics[part][name] - exact) > float(bound)


def compare(theirs, runner, path):
    """What is wrong with the runner's run of the config."""
    _, initial = runner.run(path, "initial", *check_golden.INITIAL)
    _, rows = runner.run(path, "rows", *check_golden.FULL, lanes="1")
    _, lanes = runner.run(path, "lanes", *check_golden.FULL, lanes="full")
    comparison = check_golden.compare(golden(theirs), initial, rows)
    for name, digest in digests(lanes).items():
        comparison.exact(f"{name} in the lanes form", digest[-1:], digests(rows)[name][-1:])
    wrong = [line for line in comparison.wrong if not excused(theirs, line)]
    return wrong + sklearn_agrees(comparison.run)


def judge(config, runner, path):
    """(verdict, lines that say why); the config is reference.py's, the path's the runner's"""
    try:
        theirs = Torch(config)
    except (ValueError, RuntimeError, ZeroDivisionError, SystemExit) as error:
        done, _ = runner.run(path, "refused", exits=(0, 2, 4))
        said = [f"PyTorch: {error}".splitlines()[0], *done.stderr.splitlines()[:1]]
        return ("both refuse" if done.returncode == 2 else "wrong"), said
    if not theirs.is_finite or not theirs.double_is_finite:
        done, _ = runner.run(path, "diverged", exits=(0, 4))
        diverges = [not theirs.is_finite, not theirs.double_is_finite, done.returncode == 4]
        return ("both diverge" if all(diverges) else "skipped" if not all(diverges[:2]) else "wrong"), [
            "PyTorch diverges in float32, in float64, the runner: " + ", ".join(map(str, diverges))]
    if not theirs.agrees_with_itself():
        runner.run(path, "skipped", exits=(0, 4))
        return "skipped", ["PyTorch does not agree with itself"]
    wrong = compare(theirs, runner, path)
    only_allowances = all(", allowed " in line for line in wrong)
    if wrong and only_allowances and theirs.is_out_when_nudged():
        return "out, as PyTorch is", wrong
    return ("wrong" if wrong else "right"), wrong


def tried(seed, path):
    with tempfile.TemporaryDirectory() as folder:
        config, theirs = random_configs.draw(seed, folder)
        file = pathlib.Path(folder) / f"case_{seed}.yaml"
        file.write_text(json.dumps(config, indent=1))  # JSON is YAML
        home = os.getcwd()
        os.chdir(folder)
        try:
            verdict, lines = judge(theirs, Runner(path, pathlib.Path(folder)), file)
        except Refused as error:
            verdict, lines = "wrong", [str(error)]
        finally:
            os.chdir(home)
    print(f"{seed}: {verdict}", *(line[:300] for line in lines[:8]), sep="\n  ", flush=True)
    if verdict == "wrong":
        print(json.dumps(config), flush=True)
    return verdict


def main():
    path = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    warnings.filterwarnings("ignore")
    verdicts = collections.Counter(tried(seed, path) for seed in range(first, first + count))
    print(", ".join(f"{n} {verdict}" for verdict, n in sorted(verdicts.items())))
    return 1 if verdicts["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
