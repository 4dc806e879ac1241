#!/usr/bin/python3
"""Writes tests/golden/metrics.csv: outputs, labels and what scikit-learn makes of them.

Lines: `case;TASK;ROWS;UNITS`, then `y;…` and `t;…` (the outputs and labels, row by row, as repr of float32), then
`METRIC;VALUE` with the metric's repr, or `null`. Needs Debian's python3-sklearn.
`long` cases hold no numbers: the test draws them as draw() below does.
"""
import os
import sys
import warnings

import numpy as np
import sklearn
from sklearn import metrics as sk

warnings.simplefilter("ignore")


def draw(count, seed):
    """whole numbers in [0, 2^23), the same in the test"""
    state, numbers = seed, np.empty(count)
    for i in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        numbers[i] = state // 2**8
    return numbers


def binary(p, t):
    p, t = p.astype("f8").ravel(), t.astype("f8").ravel()
    hard, both = (p >= 0.5).astype("f8"), len(np.unique(t)) == 2
    c = np.clip(p, 1e-7, 1 - 1e-7)
    loss = float(-np.mean(t * np.log(c) + (1 - t) * np.log(1 - c)))
    return {
        "accuracy": sk.accuracy_score(t, hard), "accuracy_baseline": max(t.mean(), 1 - t.mean()),
        "auc": sk.roc_auc_score(t, p) if both else None,
        "auc_precision_recall": sk.average_precision_score(t, p) if both else None,
        "average_loss": loss, "label/mean": t.mean(), "loss": loss * len(t),
        "precision": sk.precision_score(t, hard, zero_division=0), "prediction/mean": p.mean(),
        "recall": sk.recall_score(t, hard, zero_division=0), "f1": sk.f1_score(t, hard, zero_division=0),
        "brier": sk.brier_score_loss(t, p, pos_label=1)}


def classes(y, t):
    """the loss is the mean of the labels' outputs, negative: a log-likelihood"""
    t = t.ravel().astype(int)
    hard = y.argmax(1)
    loss = float(-np.mean(y.astype("f8")[np.arange(len(t)), t]))
    macro = {"average": "macro", "zero_division": 0}
    return {
        "average_loss": loss, "loss": loss * len(t), "accuracy": sk.accuracy_score(t, hard),
        "accuracy_baseline": np.bincount(t).max() / len(t), "precision": sk.precision_score(t, hard, **macro),
        "recall": sk.recall_score(t, hard, **macro), "f1": sk.f1_score(t, hard, **macro)}


def regression(y, t):
    """the loss is of what the network sees, the rest of targets in own units: x (column + 2) - 3"""
    loss = float(np.mean((y.astype("f8") - t.astype("f8"))**2))
    factor = np.arange(y.shape[1]) + 2.0
    p, t = y.astype("f8") * factor - 3, t.astype("f8") * factor - 3
    return {
        "average_loss": loss, "loss": loss * len(t), "mse": sk.mean_squared_error(t, p),
        "rmse": np.sqrt(sk.mean_squared_error(t, p)), "mae": sk.mean_absolute_error(t, p),
        "r2": sk.r2_score(t, p) if len(t) > 1 else None, "label/mean": t.mean(), "prediction/mean": p.mean()}


def binary_cases(rng):
    yield np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1])
    for rows in (1, 2, 3, 7, 50, 129, 400):
        yield rng.random(rows), rng.integers(0, 2, rows)
        yield np.round(rng.random(rows) * 5) / 5, rng.integers(0, 2, rows)      # ties, 0, 0.5 and 1
        labels = rng.integers(0, 2, rows)
        yield np.clip(0.3 * labels + 0.7 * rng.random(rows), 0, 1), labels
    yield np.full(40, 0.3), rng.integers(0, 2, 40)                              # constant predictions
    yield np.full(40, 0.5), rng.integers(0, 2, 40)
    yield rng.random(20), np.zeros(20)                                          # one class only
    yield rng.random(20), np.ones(20)
    yield np.r_[np.zeros(10), np.ones(10)], np.r_[np.ones(10), np.zeros(10)]    # certain and wrong
    yield np.r_[np.zeros(10), np.ones(10)], np.r_[np.zeros(10), np.ones(10)]    # certain and right
    yield rng.random(60)**30, rng.random(60) < 0.1                              # rare, tiny probabilities


def classes_cases(rng):
    for rows, units in ((1, 2), (5, 3), (60, 3), (200, 10), (30, 25), (64, 2)):
        yield rng.standard_normal((rows, units)) - 2, rng.integers(0, units, rows)
        yield np.round(rng.standard_normal((rows, units))), rng.integers(0, units, rows)    # equal largest
        yield rng.standard_normal((rows, units)), rng.integers(0, (units + 1) // 2, rows)   # classes that are missing
    yield np.zeros((12, 4)), rng.integers(0, 4, 12)
    yield np.eye(4)[np.full(12, 2)], np.full(12, 1)


def regression_cases(rng):
    for rows, units in ((1, 1), (2, 1), (3, 2), (100, 1), (150, 3), (300, 1), (40, 9)):
        t = rng.standard_normal((rows, units))
        yield t + 0.3 * rng.standard_normal((rows, units)), t
        yield 1e3 * rng.standard_normal((rows, units)) + 2e3, 1e3 * t + 2e3
    t = rng.standard_normal((30, 3))
    t[:, 1] = 0.75
    yield t + 0.1, t                                                            # a constant column, missed
    yield np.where([True, True, False], t, t + 0.1), t                          # and met
    yield t, t
    yield np.zeros((25, 1)), rng.standard_normal((25, 1))                       # constant predictions


def long_cases():
    rows = 100000
    p, t = np.floor(draw(rows, 1) / 2**7) / 2**16, draw(rows, 2) < 2**21
    yield "binary", rows, 1, binary(p.astype("f4"), t)
    y, t = draw(rows * 2, 3).reshape(-1, 2) / 2**20, draw(rows * 2, 4).reshape(-1, 2) / 2**20
    yield "regression", rows, 2, regression(y.astype("f4"), t.astype("f4"))
    y, t = draw(rows, 5).reshape(-1, 1) / 2**20, draw(rows, 6).reshape(-1, 1) / 2**20
    yield "regression", rows, 1, regression(y.astype("f4"), t.astype("f4"))


def write_metrics(out, values):
    for name, number in values.items():
        print(name, "null" if number is None else repr(float(number)), sep=";", file=out)


def main():
    rng = np.random.default_rng(20240229)
    path = os.path.join(os.path.dirname(__file__), "..", "tests", "golden", "metrics.csv")
    with open(path, "w", encoding="utf-8") as out:
        print(f"# scikit-learn {sklearn.__version__}, numpy {np.__version__}, python {sys.version.split()[0]}; "
              "scripts/make_metric_vectors.py", file=out)
        for task, cases in ((binary, binary_cases), (classes, classes_cases), (regression, regression_cases)):
            for y, t in cases(rng):
                y = np.asarray(y, "f4").reshape(len(y), -1)
                t = np.asarray(t, "f4").reshape(len(y), -1)
                print("case", task.__name__, *y.shape, sep=";", file=out)
                print("y", *map(str, y.ravel()), sep=";", file=out)
                print("t", *map(str, t.ravel()), sep=";", file=out)
                write_metrics(out, task(y, t))
        for task, rows, units, values in long_cases():
            print("long", task, rows, units, sep=";", file=out)
            write_metrics(out, values)


if __name__ == "__main__":
    main()
