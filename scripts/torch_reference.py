"""What PyTorch, scikit-learn and numpy make of a config.

For scripts/make_goldens.py; the runner itself needs none of them.
reference(config, double) trains one run:

    double    the same run in float64 from the same float32 start: what exact
              arithmetic would give, to float32's eye

Random streams are those of a usual script: torch.manual_seed(model seed) before
the layers are built in order, torch.manual_seed(train seed) before the first
update (dropout), DataLoader(generator=Generator().manual_seed(train seed)),
numpy's RandomState in generators and splits.
"""
import copy
import pathlib
import re

import numpy as np
import torch
import yaml
from sklearn import datasets, metrics, model_selection, preprocessing
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.set_num_threads(1)
PARTS = ("train", "validation", "test")
BINARY, CLASSES = ("bce", "bce_with_logits"), ("cross_entropy", "nll")


def versions():
    import sklearn
    return f"torch {torch.__version__}, numpy {np.__version__}, scikit-learn {sklearn.__version__}"


class Loader(yaml.SafeLoader):
    """YAML 1.2's numbers and booleans: 1e-3 is a number, yes is a string."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
        ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
        ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
        ("int", r"[-+]?[0-9]+", list("-+0123456789")),
        ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+0123456789."))):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)


def read(path):
    """The config of a file; the paths of its tables lead from anywhere."""
    with open(path) as file:
        config = yaml.load(file, Loader)
    source = config["data"]["source"]
    for role in ("features", "targets"):
        if isinstance(source, dict) and role in source:
            source[role]["path"] = pathlib.Path(path).parent / source[role]["path"]
    return config


def kind_of(node):
    """A bare KIND is short for {type: KIND}; returns (kind, options)."""
    node = {"type": node} if isinstance(node, str) else dict(node)
    return node.pop("type"), node


# ------------------------------------------------------------------------ data
def load_columns(table):
    """The columns that are named, of a CSV file with a header."""
    values = np.genfromtxt(table["path"], delimiter=",", names=True)
    return np.stack([values[name] for name in table["columns"]], axis=1)


def load(source):
    kind, options = kind_of(source)
    if kind == "table":
        return load_columns(options["features"]), load_columns(options["targets"])
    scale = options.pop("scale", 1.0)
    x, y = getattr(datasets, kind)(**{"random_state": 0, **options})
    return scale * x, y.reshape(len(y), -1).astype("f8")


def cut(rows, y, size, options):
    shuffle = options.get("shuffle", True)
    return model_selection.train_test_split(
        rows, test_size=size, shuffle=shuffle,
        random_state=options.get("random_state", 0) if shuffle else None,
        stratify=y[rows, 0] if options.get("stratify") else None)


def split(y, options):
    train, test = cut(np.arange(len(y)), y, options.get("test_size", 0.25), options)
    validation = train[:0]
    if "validation_size" in options:
        train, validation = cut(train, y, options["validation_size"], options)
    return dict(zip(PARTS, (train, validation, test)))


def scale(values, train, steps):
    fitted = []
    for step in steps:
        kind, options = kind_of(step)
        scaler = {"standard_scaler": preprocessing.StandardScaler,
                  "min_max_scaler": preprocessing.MinMaxScaler}[kind]
        options = {k: tuple(v) if isinstance(v, list) else v for k, v in options.items()}
        fitted.append(scaler(**options).fit(values[train]))
        values = fitted[-1].transform(values)

    def restore(scaled):
        for scaler in reversed(fitted):
            scaled = scaler.inverse_transform(scaled)
        return scaled
    return values, restore


# --------------------------------------------------------------------- network
NAMES = {"relu": "ReLU", "leaky_relu": "LeakyReLU", "elu": "ELU", "selu": "SELU", "gelu": "GELU",
         "silu": "SiLU", "softplus": "Softplus", "softsign": "Softsign", "sigmoid": "Sigmoid",
         "tanh": "Tanh", "dropout": "Dropout", "max_pool1d": "MaxPool1d", "max_pool2d": "MaxPool2d",
         "avg_pool1d": "AvgPool1d", "avg_pool2d": "AvgPool2d"}
LOSSES = {"bce": "BCELoss", "bce_with_logits": "BCEWithLogitsLoss", "mse": "MSELoss", "l1": "L1Loss",
          "smooth_l1": "SmoothL1Loss", "huber": "HuberLoss", "cross_entropy": "CrossEntropyLoss",
          "nll": "NLLLoss"}
OPTIMIZERS = {"sgd": "SGD", "adagrad": "Adagrad", "rmsprop": "RMSprop", "adadelta": "Adadelta",
              "adam": "Adam", "adamw": "AdamW", "adamax": "Adamax", "nadam": "NAdam", "radam": "RAdam"}
SCHEDULES = {"step_lr": "StepLR", "multi_step_lr": "MultiStepLR", "exponential_lr": "ExponentialLR",
             "cosine_annealing_lr": "CosineAnnealingLR", "linear_lr": "LinearLR",
             "one_cycle_lr": "OneCycleLR"}


class Residual(nn.ModuleDict):
    """Its state_dict's names are layers.0.weight, …"""

    def __init__(self, layers):
        super().__init__({"layers": layers})

    def forward(self, x):
        return x + self["layers"](x)


class Reshape(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape

    def forward(self, x):
        return x.reshape(len(x), *self.shape)


class Transpose(nn.Module):
    def forward(self, x):
        return x.transpose(1, 2)


class LastStep(nn.Module):
    def forward(self, x):
        return x[:, -1]


class Embedding(nn.Embedding):
    """Of whole numbers that stand in floats."""

    def forward(self, x):
        return super().forward(x.long())


def sequence(module):
    """Makes its class hand on the whole sequence and no state."""
    class Sequence(module):
        def forward(self, x):
            return super().forward(x)[0]
    return lambda shape, options: Sequence(shape[-1], batch_first=True, **options)


def of_channels(module):
    return lambda shape, options: module(shape[0], **options)


def of_features(module):
    return lambda shape, options: module(shape[-1], **options)


# What needs more than its options: functions of one sample's shape and the options.
MAKERS = {
    "linear": of_features(nn.Linear), "layer_norm": of_features(nn.LayerNorm),
    "batch_norm1d": of_channels(nn.BatchNorm1d), "batch_norm2d": of_channels(nn.BatchNorm2d),
    "conv1d": of_channels(nn.Conv1d), "conv2d": of_channels(nn.Conv2d),
    "conv_transpose1d": of_channels(nn.ConvTranspose1d),
    "rnn": sequence(nn.RNN), "lstm": sequence(nn.LSTM), "gru": sequence(nn.GRU),
    "softmax": lambda shape, options: nn.Softmax(options.get("dim", 1)),
    "log_softmax": lambda shape, options: nn.LogSoftmax(options.get("dim", 1)),
    "residual": lambda shape, options: Residual(build(options["layers"], shape)),
    "flatten": lambda shape, options: nn.Flatten(),
    "reshape": lambda shape, options: Reshape(**options),
    "transpose": lambda shape, options: Transpose(),
    "last_step": lambda shape, options: LastStep(),
    "embedding": lambda shape, options: Embedding(**options)}
INITIALIZERS = ("weight_init", "weight"), ("bias_init", "bias")


def make_layer(layer, shape):
    kind, options = kind_of(layer)
    for key in ("name", "weight_init", "bias_init"):
        options.pop(key, None)
    return MAKERS[kind](shape, options) if kind in MAKERS else getattr(nn, NAMES[kind])(**options)


def output_shape(module, shape):
    """What one sample becomes; nothing is drawn, counted or trained."""
    with torch.no_grad():
        return tuple(module.eval()(torch.zeros(2, *shape)).shape[1:])


def build(layers, shape):
    modules = []
    for layer in layers:
        modules.append(make_layer(layer, shape))
        shape = output_shape(modules[-1], shape)
    return nn.Sequential(*modules).train()


def initialize(layers, modules):
    """weight_init and bias_init: in order, a residual's layers before itself."""
    for layer, module in zip(layers, modules):
        kind, options = kind_of(layer)
        if kind == "residual":
            initialize(options["layers"], module["layers"])
        for key, word in INITIALIZERS:
            if key not in options:
                continue
            name, arguments = kind_of(options[key])
            for path, parameter in module.named_parameters():
                if word in path.rsplit(".", 1)[-1]:
                    getattr(nn.init, name + "_")(parameter, **arguments)


def make_schedule(node, optimizer, steps):
    kind, options = kind_of(node)
    if kind == "cosine_annealing_lr":
        options.setdefault("T_max", steps)
    if kind == "one_cycle_lr":
        options.setdefault("total_steps", steps)
    return getattr(torch.optim.lr_scheduler, SCHEDULES[kind])(optimizer, **options)


# --------------------------------------------------------------------- metrics
def binary_metrics(t, p):
    hard = (p >= 0.5).astype("f8")
    both = 0 < t.sum() < len(t)
    c = np.clip(p, 1e-7, 1 - 1e-7)
    loss = float(-np.mean(t * np.log(c) + (1 - t) * np.log(1 - c)))
    return {"accuracy": metrics.accuracy_score(t, hard),
            "accuracy_baseline": max(t.mean(), 1 - t.mean()),
            "auc": metrics.roc_auc_score(t, p) if both else None,
            "auc_precision_recall": metrics.average_precision_score(t, p) if both else None,
            "average_loss": loss, "label/mean": t.mean(), "loss": loss * len(t),
            "precision": metrics.precision_score(t, hard, zero_division=0),
            "prediction/mean": p.mean(), "recall": metrics.recall_score(t, hard, zero_division=0),
            "f1": metrics.f1_score(t, hard, zero_division=0), "brier": np.mean((p - t) ** 2)}


def class_metrics(t, out, loss):
    hard = out.argmax(1)
    macro = {"average": "macro", "zero_division": 0}
    return {"average_loss": loss, "loss": loss * len(t), "accuracy": metrics.accuracy_score(t, hard),
            "accuracy_baseline": np.bincount(t).max() / len(t),
            "precision": metrics.precision_score(t, hard, **macro),
            "recall": metrics.recall_score(t, hard, **macro),
            "f1": metrics.f1_score(t, hard, **macro)}


def regression_metrics(t, p, loss):
    mse = metrics.mean_squared_error(t, p)
    return {"average_loss": loss, "loss": loss * len(t), "mse": mse, "rmse": np.sqrt(mse),
            "mae": metrics.mean_absolute_error(t, p),
            "r2": metrics.r2_score(t, p) if len(t) > 1 else None,
            "label/mean": t.mean(), "prediction/mean": p.mean()}


def evaluate(kind, criterion, out, y, restore):
    criterion = copy.deepcopy(criterion).double()
    criterion.reduction = "mean"
    loss = float(criterion(out.double(), y if kind in CLASSES else y.double()))
    if kind in BINARY:
        p = torch.sigmoid(out) if kind == "bce_with_logits" else out
        found = binary_metrics(y.numpy().ravel().astype("f8"), p.numpy().ravel().astype("f8"))
    elif kind in CLASSES:
        found = class_metrics(y.numpy(), out.numpy(), loss)
    else:
        found = regression_metrics(restore(y.numpy().astype("f8")), restore(out.numpy().astype("f8")), loss)
    return {k: None if v is None else float(v) for k, v in found.items()}


# -------------------------------------------------------------------- training
def batches(loader, steps):
    made = 0
    while True:
        for x, y in loader:
            yield x, y
            made += 1
            if made == steps:
                return


def fit(model, optimizer, schedule, criterion, stream, clip):
    losses = []
    for x, y in stream:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        if schedule:
            schedule.step()
        losses.append(float(loss))
    return losses


def reference(config, double=False):
    train, seed = config["train"], config.get("seed", 0)
    x, y = load(config["data"]["source"])
    rows = split(y, config["data"].get("split", {}))
    steps = config["data"].get("preprocess", [])
    steps = steps if isinstance(steps, dict) else {"features": steps}
    x, _ = scale(x, rows["train"], steps.get("features", []))
    y, restore = scale(y, rows["train"], steps.get("targets", []))
    kind, options = kind_of(train["loss"])
    x = torch.from_numpy(x.astype("f4"))
    y = torch.from_numpy(y[:, 0].astype("i8") if kind in CLASSES else y.astype("f4"))

    torch.manual_seed(config["model"].get("seed", seed))
    model = build(config["model"]["layers"], tuple(x.shape[1:]))
    initialize(config["model"]["layers"], model)
    initial = {n: p.detach().numpy().copy() for n, p in model.named_parameters()}
    if double:
        model, x = model.double(), x.double()
        y = y if kind in CLASSES else y.double()
    options = {k: torch.tensor(v, dtype=x.dtype) if isinstance(v, list) else v for k, v in options.items()}
    criterion = getattr(nn, LOSSES[kind])(**options)

    torch.manual_seed(train.get("seed", seed))
    loader = DataLoader(
        TensorDataset(x[rows["train"]], y[rows["train"]]), train["batch_size"],
        shuffle=train.get("shuffle", True), drop_last=train.get("drop_last", False),
        generator=torch.Generator().manual_seed(train.get("seed", seed)))
    updates = train["steps"] if "steps" in train else train["epochs"] * len(loader)
    name, options = kind_of(train["optimizer"])
    optimizer = getattr(torch.optim, OPTIMIZERS[name])(model.parameters(), **options)
    schedule = make_schedule(train["lr_schedule"], optimizer, updates) if "lr_schedule" in train else None
    losses = fit(model, optimizer, schedule, criterion, batches(loader, updates),
                 train.get("clip_grad_norm"))
    model.eval()
    with torch.no_grad():
        out = {part: model(x[r]) for part, r in rows.items() if len(r)}
    shown = out["test"].numpy()
    return {"global_step": updates, "split": rows, "initial": initial, "trace": losses,
            "parameters": {n: p.detach().numpy() for n, p in model.named_parameters()},
            "buffers": {n: b.numpy() for n, b in model.named_buffers() if b.dim()},
            "counters": {n: int(b) for n, b in model.named_buffers() if not b.dim()},
            "outputs": {part: out[part].numpy() for part in out},
            "labels": {part: y[rows[part]].numpy() for part in out},
            "predictions": shown if kind in BINARY + CLASSES else restore(shown.astype("f8")),
            "metrics": {part: evaluate(kind, criterion, out[part], y[rows[part]], restore) for part in out}}
