"""Metrics of a run's test part, by their definitions, from the outputs that the
run itself wrote; plain Python, sums correctly rounded.

The contract: what scikit-learn also computes equals it on the same outputs,
|a - b| <= 1e-12 max(1, |b|). These functions agree with scikit-learn so
(scripts/try_configs.py holds them against it).
"""
import itertools
import math

from run_folder import f32

CLIP = 1e-7


def share(part, whole):
    return part / whole if whole else 0.0


def mean(values):
    return math.fsum(values) / len(values)


def clipped(label, probability):
    """The probability of the row's own class as average_loss takes it."""
    p = min(max(probability, CLIP), 1 - CLIP)
    return p if label else 1 - p


# ---------------------------------------------------------------------- binary
def auc(labels, p):
    """The share of pairs (a 0, a 1) that p puts in order; equal ones count half."""
    ones = sum(labels)
    pairs = ones * (len(labels) - ones)
    if not pairs:
        return None
    right, below = 0.0, 0
    for _, equal in itertools.groupby(sorted(zip(p, labels)), key=lambda pair: pair[0]):
        equal = [label for _, label in equal]
        zeros = len(equal) - sum(equal)
        right += sum(equal) * (below + zeros / 2)
        below += zeros
    return right / pairs


def average_precision(labels, p):
    """The sum over thresholds, from high to low, of recall gained x precision."""
    ones = sum(labels)
    if not 0 < ones < len(labels):
        return None
    order = sorted(range(len(p)), key=p.__getitem__, reverse=True)
    terms, found, before = [], 0, 0
    for at, row in enumerate(order):
        found += labels[row]
        if at + 1 == len(order) or p[order[at + 1]] != p[row]:
            terms.append((found - before) / ones * (found / (at + 1)))
            before = found
    return math.fsum(terms)


def binary(run):
    labels, p = [int(row[0]) for row in run.labels], run.probability
    hard = [int(v >= 0.5) for v in p]
    true = sum(a and b for a, b in zip(labels, hard))
    precision, recall = share(true, sum(hard)), share(true, sum(labels))
    loss = mean([-math.log(clipped(t, v)) for t, v in zip(labels, p)])
    positive = mean(labels)
    return {"accuracy": mean([a == b for a, b in zip(labels, hard)]),
            "accuracy_baseline": max(positive, 1 - positive), "auc": auc(labels, p),
            "auc_precision_recall": average_precision(labels, p), "average_loss": loss,
            "label/mean": positive, "loss": loss * len(p), "precision": precision,
            "prediction/mean": mean(p), "recall": recall,
            "f1": share(2 * true, sum(hard) + sum(labels)),
            "brier": mean([(v - t) ** 2 for t, v in zip(labels, p)])}


# --------------------------------------------------------------------- classes
def log_softmax(row):
    top = max(row)
    total = math.log(math.fsum(math.exp(v - top) for v in row))
    return [v - top - total for v in row]


def class_loss(run, labels):
    """The training loss with its options; weights are float32 numbers."""
    options, units = run.options, len(run.outputs[0])
    weights = [f32(v) for v in options.get("weight") or [1.0] * units]
    smoothing = options.get("label_smoothing", 0.0)
    rows = [(t, row) for t, row in zip(labels, run.outputs) if t != options.get("ignore_index", -100)]
    if run.loss == "cross_entropy":
        rows = [(t, log_softmax(row)) for t, row in rows]
    total = math.fsum(weights[t] for t, _ in rows)
    own = -math.fsum(weights[t] * row[t] for t, row in rows)
    if not smoothing:
        return share(own, total)
    every = -math.fsum(w * v for _, row in rows for w, v in zip(weights, row))
    return share((1 - smoothing) * own + smoothing / units * every, total)


def macro(labels, hard):
    scores = []
    for name in set(labels) | set(hard):
        true = sum(a == b == name for a, b in zip(labels, hard))
        said, there = hard.count(name), labels.count(name)
        scores.append((share(true, said), share(true, there), share(2 * true, said + there)))
    return [mean(column) for column in zip(*scores)]


def classes(run):
    labels = [int(row[0]) for row in run.labels]
    hard = [row.index(max(row)) for row in run.outputs]
    precision, recall, f1 = macro(labels, hard)
    loss = class_loss(run, labels)
    return {"average_loss": loss, "loss": loss * len(labels),
            "accuracy": mean([a == b for a, b in zip(labels, hard)]),
            "accuracy_baseline": max(map(labels.count, set(labels))) / len(labels),
            "precision": precision, "recall": recall, "f1": f1}


# ------------------------------------------------------------------ regression
def distance_loss(kind, options):
    def smooth_l1(d, beta=options.get("beta", 1.0)):
        return d - beta / 2 if d >= beta else d * d / 2 / beta

    def huber(d, delta=options.get("delta", 1.0)):
        return delta * (d - delta / 2) if d > delta else d * d / 2
    return {"mse": lambda d: d * d, "l1": lambda d: d, "smooth_l1": smooth_l1, "huber": huber}[kind]


def r2_of(labels, outputs):
    """Not a number where all labels are equal: there the rounding of their mean decides."""
    if min(labels) == max(labels):
        return math.nan
    middle = mean(labels)
    left = math.fsum((t - v) ** 2 for t, v in zip(labels, outputs))
    return 1 - left / math.fsum((t - middle) ** 2 for t in labels)


def regression(run):
    def every(function, labels, outputs):
        return [function(abs(t - v)) for a, b in zip(labels, outputs) for t, v in zip(a, b)]
    loss = mean(every(distance_loss(run.loss, run.options), run.scaled_labels, run.scaled_outputs))
    mse = mean(every(lambda d: d * d, run.labels, run.outputs))
    pairs = zip(zip(*run.labels), zip(*run.outputs))
    return {"average_loss": loss, "loss": loss * len(run.labels), "mse": mse, "rmse": math.sqrt(mse),
            "mae": mean(every(lambda d: d, run.labels, run.outputs)),
            "r2": mean([r2_of(t, v) for t, v in pairs]) if len(run.labels) > 1 else None,
            "label/mean": mean([v for row in run.labels for v in row]),
            "prediction/mean": mean([v for row in run.outputs for v in row])}


def metrics(run):
    return {"binary": binary, "classes": classes, "regression": regression}[run.task](run)


# ------------------------------------------------------------------------ ties
def nearest_pair(labels, values):
    """The smallest distance between values of rows whose labels differ."""
    order = sorted(range(len(values)), key=values.__getitem__)
    return min((values[b] - values[a] for a, b in zip(order, order[1:]) if labels[a] != labels[b]),
               default=math.inf)


def margin(loss, labels, outputs, probability=None):
    """How far the outputs are from a tie that could turn a counted metric: of the
    two largest outputs (classes), of a threshold, of a 0's and a 1's probability."""
    if loss in ("cross_entropy", "nll"):
        tops = [sorted(row)[-2:] for row in outputs]
        return min(row[1] - row[0] if len(row) > 1 else math.inf for row in tops)
    if loss not in ("bce", "bce_with_logits"):
        return math.inf
    values = [row[0] for row in outputs]
    middle = 0.5 if loss == "bce" else 0.0
    return min(min(abs(v - middle) for v in values), nearest_pair(labels, probability or values))
