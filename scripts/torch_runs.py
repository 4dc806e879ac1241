"""PyTorch's runs of a config, for scripts/try_configs.py: reference.py's, in
float32, in float64, and with what changes rounding and nothing else.
"""
import copy
import importlib.util
import math
import pathlib
import sys

import random_layers

SKIPPED = 77
try:
    import numpy as np
    import torch
except ImportError:
    print("this Python has no torch, nothing to compare with")
    sys.exit(SKIPPED)

ROOT = pathlib.Path(__file__).resolve().parent.parent
REFERENCE = ROOT.parent / "shared" / "reference" / "reference.py"
sys.path.append(str(ROOT / "tests" / "golden"))
import check_golden  # noqa: E402 (tests/golden's own modules)
import recomputed  # noqa: E402

PERMUTED_RUNS, EVERY_LOSS = 10, 10**9
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
        self.rows_stay = random_layers.draws_in_training(layers)
        self.is_whole = any(kind == "embedding" for kind, _ in random_layers.kinds_of(layers))

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
