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
import copy
import hashlib
import importlib.util
import json
import math
import os
import pathlib
import sys
import tempfile
import warnings

import numpy as np
import torch

import random_configs

ROOT = pathlib.Path(__file__).resolve().parent.parent
REFERENCE = ROOT.parent / "shared" / "reference" / "reference.py"
sys.path.append(str(ROOT / "tests" / "golden"))
import check_golden  # noqa: E402 (tests/golden's own modules)
import recomputed  # noqa: E402

PERMUTED_RUNS, SKIPPED, EVERY_LOSS = 10, 77, 10**9
PARTS = ("train", "validation", "test")


def load_reference():
    if not REFERENCE.exists():
        print(f"{REFERENCE}: not there, nothing to compare with")
        sys.exit(SKIPPED)
    spec = importlib.util.spec_from_file_location("reference", REFERENCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reference = load_reference()


# -------------------------------------------------------------- PyTorch's runs
class Batches:
    """Stands for DataLoader in reference.run(). The first run goes through the
    real one and its batches' row positions are kept; later runs get the same
    rows, each batch in another order if `permute` is a random state. Where rows
    must not be moved, or a batch of one row has no other order, its features
    move by a unit in the last place, but for those that are whole numbers by
    meaning."""

    real = reference.DataLoader

    def __init__(self, layers):
        self.epochs, self.permute, self.nudge = None, None, False
        self.rows_stay = random_configs.draws_in_training(layers)
        self.is_whole = any(kind == "embedding" for kind, _ in random_configs.kinds_of(layers))

    def __call__(self, dataset, **options):
        self.tensors = dataset.tensors
        if self.epochs is None:
            self.kept = []
            rows = torch.arange(len(dataset))
            self.loader = self.real(reference.TensorDataset(rows), **options)
        self.epoch = 0
        return self

    def __len__(self):
        return len(self.loader)

    def indices(self):
        if self.epochs is not None:
            return self.epochs[self.epoch]
        self.kept.append([rows for (rows,) in self.loader])
        return self.kept[-1]

    def __iter__(self):
        for rows in self.indices():
            if self.permute is not None and not self.rows_stay:
                rows = rows[torch.from_numpy(self.permute.permutation(len(rows)))]
            x, y = (tensor[rows] for tensor in self.tensors)
            if self.permute is not None and not self.is_whole and (self.moves() or len(rows) == 1):
                x = self.nudged(x)
            yield x, y
        self.epoch += 1

    def moves(self):
        return self.nudge or self.rows_stay

    def initialize(self, layers, model):
        """Stands for initialize(), which calls itself."""
        reference.initialize = self.real_initialize
        self.real_initialize(layers, model)
        reference.initialize = self.initialize
        if self.permute is not None and (self.moves() or self.is_whole):
            with torch.no_grad():
                for weight in model.parameters():
                    weight.copy_(self.nudged(weight))

    real_initialize = staticmethod(reference.initialize)

    def nudged(self, x):
        """Each number or its neighbour above or below."""
        way = torch.from_numpy(self.permute.randint(-1, 2, size=x.shape)).float()
        return torch.where(way == 0, x, torch.nextafter(x, way * math.inf))

    def keep(self):
        """After the first run: its batches are everyone's."""
        self.epochs = self.epochs or self.kept


class Given(torch.nn.Module):
    """A model that has its outputs already."""

    def __init__(self, out):
        super().__init__()
        self.out = out

    def forward(self, _):
        return self.out


class Outputs:
    """Stands for evaluate(): keeps each part's outputs, and computes metrics when
    they are asked for. Parts come in reference.py's order."""

    real = staticmethod(reference.evaluate)

    def __init__(self):
        self.calls, self.found = [], None

    def __call__(self, kind, model, criterion, x, y, restore):
        model.eval()
        with torch.no_grad():
            out = model(x)
        self.calls.append((kind, criterion, out, y, restore))
        return None

    def metrics(self, parts):
        if self.found is None:
            self.found = {part: self.real(kind, Given(out), criterion, out, y, restore)
                          for part, (kind, criterion, out, y, restore) in zip(parts, self.calls)}
        return self.found

    def spreads(self, parts):
        """Of each part's labels, in the targets' own units: the smallest of the columns."""
        return {part: float(np.var(restore(y.numpy().astype("f8")), axis=0).min())
                for part, (_, _, _, y, restore) in zip(parts, self.calls)}

    def margins(self, parts):
        found = {}
        for part, (kind, _, out, y, _) in zip(parts, self.calls):
            p = torch.sigmoid(out).ravel().tolist() if kind == "bce_with_logits" else None
            found[part] = recomputed.margin(kind, y.ravel().tolist(), out.tolist(), p)
        return found


def completed(config):
    """A schedule's length written out, as reference.py has it."""
    config = copy.deepcopy(config)
    train = config["train"]
    schedule = train.get("lr_schedule")
    kind = schedule if isinstance(schedule, str) else (schedule or {}).get("type")
    key = {"cosine_annealing_lr": "T_max", "one_cycle_lr": "total_steps"}.get(kind)
    if key:
        train["lr_schedule"] = {key: None, **reference.tagged(schedule)}
        if train["lr_schedule"][key] is None:
            train["lr_schedule"][key] = train["steps"] if "steps" in train else updates(config)
    return config


def updates(config):
    """Of a config with epochs: a run of one step says how many batches there are."""
    probe = copy.deepcopy(config)
    probe["train"].pop("lr_schedule")
    epochs = probe["train"].pop("epochs")
    probe["train"]["steps"] = 1
    batches = Batches(config["model"]["layers"])
    patched(probe, batches, False)
    return epochs * len(batches)


def patched(config, batches, double):
    """reference.run() of the config, whose tables lie in the working directory."""
    outputs = Outputs()
    reference.DataLoader, reference.evaluate = batches, outputs
    reference.initialize = batches.initialize
    result = reference.run(config, ".", trace=EVERY_LOSS, double=double)
    return result, outputs


class Torch:
    """A config's float32 run, its float64 run, and permuted ones when asked for."""

    def __init__(self, config):
        self.config, self.batches = completed(config), Batches(config["model"]["layers"])
        self.single, self.outputs = patched(self.config, self.batches, False)
        self.parts = [part for part in PARTS if part in self.single["split"]]
        self.batches.keep()
        self.double, self.double_outputs = patched(self.config, self.batches, True)
        self.is_finite, self.double_is_finite = is_finite(self.single), is_finite(self.double)

    def permuted(self, nudge=False):
        self.batches.nudge = nudge
        for seed in range(PERMUTED_RUNS):
            self.batches.permute = np.random.RandomState(seed)
            yield patched(self.config, self.batches, False)
        self.batches.permute = None

    def is_within(self, result, share):
        """Whether all of it stays within that share of the allowance."""
        single, double, other = judged(self.single), judged(self.double), judged(result)
        return all(check_golden.largest(other[n], double[n]) <= share * check_golden.allowed(both(single[n], double[n]))
                   for n in double)

    def agrees_with_itself(self):
        """And what the permuted runs' outputs were."""
        self.others = []
        for result, outputs in self.permuted():
            if not self.is_within(result, 0.5):
                return False
            self.others.append(outputs)
        return True

    def is_out_when_nudged(self):
        return not all(self.is_within(result, 1) for result, _ in self.permuted(nudge=True))

    def is_shaky(self, part, name, value):
        """Whether a permuted run gives another value than PyTorch's first."""
        return any(outputs.metrics(self.parts)[part][name] != value for outputs in self.others)


def is_finite(result):
    numbers = [*result["parameters"].values(), result["trace"], result["predictions"]["test"]]
    return all(map(math.isfinite, check_golden.flat(numbers)))


def judged(result):
    """What the allowance is applied to."""
    first = check_golden.FIRST
    return {**result["parameters"], **result["buffers"], "losses": result["trace"][:first],
            "outputs": result["predictions"]["test"][:first]}


def both(single, double):
    return {"float32": single, "float64": double}


def golden(torch_runs):
    """As scripts/make_goldens.py writes it, all initial weights included."""
    single, double, first = torch_runs.single, torch_runs.double, check_golden.FIRST
    rows = {part: np.asarray(r, "<i8") for part, r in single["split"].items()}
    is_regression = "r2" in torch_runs.outputs.metrics(torch_runs.parts)["test"]
    return {
        **({"spread": torch_runs.outputs.spreads(torch_runs.parts)} if is_regression else {}),
        "global_step": single["global_step"],
        "metrics": both(torch_runs.outputs.metrics(torch_runs.parts),
                        torch_runs.double_outputs.metrics(torch_runs.parts)),
        "margin": torch_runs.outputs.margins(torch_runs.parts),
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
def excused(torch_runs, line):
    """A counted metric on which PyTorch's permuted runs differ, or another that
    PyTorch itself has outside the bound: where a sigmoid is all but 1, rounding
    it moves a logarithm more than the test part's rows let expect."""
    what, _, rest = line.partition(":")
    part, _, name = what.partition(" ")
    metrics = torch_runs.outputs.metrics(torch_runs.parts)
    if part not in metrics or name not in metrics[part]:
        return False
    if name in check_golden.COUNTED:
        return torch_runs.is_shaky(part, name, metrics[part][name])
    exact = torch_runs.double_outputs.metrics(torch_runs.parts)[part][name]
    _, is_bound, bound = rest.partition(", allowed ")
    return is_bound and abs(metrics[part][name] - exact) > float(bound)


def compare(torch_runs, runner, path):
    """What is wrong with the runner's run of the config."""
    _, initial = runner.run(path, "initial", *check_golden.INITIAL)
    _, rows = runner.run(path, "rows", *check_golden.FULL, lanes="1")
    _, lanes = runner.run(path, "lanes", *check_golden.FULL, lanes="full")
    comparison = check_golden.compare(golden(torch_runs), initial, rows)
    for name, digest in digests(lanes).items():
        comparison.exact(f"{name} in the lanes form", digest[-1:], digests(rows)[name][-1:])
    wrong = [line for line in comparison.wrong if not excused(torch_runs, line)]
    return wrong + sklearn_agrees(comparison.run)


def judge(config, runner, path):
    """(verdict, lines that say why); the config is reference.py's, the path's the runner's"""
    try:
        torch_runs = Torch(config)
    except (ValueError, RuntimeError, ZeroDivisionError, SystemExit) as error:
        done, _ = runner.run(path, "refused", exits=(0, 2, 4))
        said = [f"PyTorch: {error}".splitlines()[0], *done.stderr.splitlines()[:1]]
        return ("both refuse" if done.returncode == 2 else "wrong"), said
    if not torch_runs.is_finite or not torch_runs.double_is_finite:
        done, _ = runner.run(path, "diverged", exits=(0, 4))
        diverges = [not torch_runs.is_finite, not torch_runs.double_is_finite, done.returncode == 4]
        return ("both diverge" if all(diverges) else "skipped" if not all(diverges[:2]) else "wrong"), [
            "PyTorch diverges in float32, in float64, the runner: " + ", ".join(map(str, diverges))]
    if not torch_runs.agrees_with_itself():
        runner.run(path, "skipped", exits=(0, 4))
        return "skipped", ["PyTorch does not agree with itself"]
    wrong = compare(torch_runs, runner, path)
    only_allowances = all(", allowed " in line for line in wrong)
    if wrong and only_allowances and torch_runs.is_out_when_nudged():
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
