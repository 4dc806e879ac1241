#!/usr/bin/python3
"""Writes tests/golden/data_*.json: what scikit-learn makes, cuts and scales.

Usage: make_data_vectors.py [FOLDER]        (default: tests/golden)

Each file names the libraries' versions in its first line. Rows of a split stand
as the SHA-256 of their numbers as little-endian int64, small ones in full too.
"""
import hashlib
import json
import os
import sys

import numpy as np
import sklearn
from sklearn import datasets, model_selection, preprocessing

SEEDS = (0, 1, 42, 123)


def write(folder, name, cases):
    versions = f"numpy {np.__version__}, scikit-learn {sklearn.__version__}"
    lines = ",\n".join(json.dumps(case) for case in cases)
    path = os.path.join(folder, f"data_{name}.json")
    with open(path, "w") as file:
        file.write(f'{{"made_by": "{versions}", "cases": [\n{lines}\n]}}\n')


def generator_case(kind, **options):
    x, y = getattr(datasets, kind)(**options)
    return {"type": kind, **options, "x": x.T.ravel().tolist(),
            "y": y.tolist()}


def generator_cases():
    for seed in SEEDS:
        for kind, factor in (("make_circles", {"factor": 0.3}),
                             ("make_moons", {})):
            yield generator_case(kind, n_samples=41, shuffle=True, noise=0.05,
                                 random_state=seed, **factor)
            yield generator_case(kind, n_samples=16, shuffle=seed != 1,
                                 noise=None if seed else 0.0,
                                 random_state=seed, **factor)
        yield generator_case("make_blobs", n_samples=37, n_features=3,
                             centers=4, cluster_std=0.7,
                             center_box=(-3.0, 5.5), shuffle=True,
                             random_state=seed)
        yield generator_case("make_blobs", n_samples=20, n_features=2,
                             centers=3, cluster_std=1.0,
                             center_box=(-10.0, 10.0), shuffle=seed != 42,
                             random_state=seed)
    for kind in ("make_circles", "make_moons"):
        for n in (1, 2, 3):
            yield generator_case(kind, n_samples=n, shuffle=True, noise=0.1,
                                 random_state=n)
    yield generator_case("make_blobs", n_samples=3, n_features=1, centers=5,
                         cluster_std=0.0, center_box=(0.0, 1.0), shuffle=True,
                         random_state=9)
    yield from list_cases()


def list_cases():
    """Lists in the place of numbers: counts, centres, deviations."""
    points = [[-4.0, 0.5], [3.25, 3.0], [1e-3, -7.0]]
    for seed in SEEDS:
        for kind in ("make_circles", "make_moons"):
            for each in ([13, 20], [20, 7], [0, 5], [1, 1], [4, 0]):
                yield generator_case(kind, n_samples=each, noise=0.1,
                                     shuffle=seed != 42, random_state=seed)
        box = {"center_box": (-2.0, 3.0), "random_state": seed,
               "shuffle": seed != 1}
        yield generator_case("make_blobs", n_samples=[7, 0, 11, 2],
                             n_features=3, **box)
        yield generator_case("make_blobs", n_samples=[9], **box)
        yield generator_case("make_blobs", n_samples=[5, 9, 1],
                             centers=points, cluster_std=[0.5, 0.0, 2.5],
                             **box)
        yield generator_case("make_blobs", n_samples=20, n_features=9,
                             centers=points, cluster_std=0.25, **box)
        yield generator_case("make_blobs", n_samples=11,
                             centers=[[0.0], [5.0], [-5.0], [7.5]],
                             cluster_std=[1.0, 0.5, 2.0, 0.1], **box)
        yield generator_case("make_blobs", n_samples=14, n_features=1,
                             centers=4, cluster_std=[1.0, 0.5, 2.0, 0.1],
                             **box)
        yield generator_case("make_blobs", n_samples=14, n_features=4, **box)


def digest(rows):
    return hashlib.sha256(np.asarray(rows, "<i8").tobytes()).hexdigest()


def classes_of(n, classes):
    """Labels that a test can make by itself; unevenly many of each."""
    i = np.arange(n)
    return (i * i + 3 * i) % 11 % classes


def split_case(n, classes, test_size, validation_size, shuffle, seed):
    y = classes_of(n, classes) if classes else None

    def cut(rows, size):
        return model_selection.train_test_split(
            rows, test_size=size, random_state=seed if shuffle else None,
            shuffle=shuffle, stratify=None if y is None else y[rows])

    train, test = cut(np.arange(n), test_size)
    validation = []
    if validation_size is not None:
        train, validation = cut(train, validation_size)
    parts = {"train": train, "validation": validation, "test": test}
    case = {"n": n, "classes": classes, "test_size": test_size,
            "validation_size": validation_size, "shuffle": shuffle,
            "random_state": seed}
    for name, rows in parts.items():
        case[name] = {"rows": len(rows), "sha256": digest(rows)}
        if n <= 20:
            case[name]["row"] = [int(row) for row in rows]
    return case


def split_cases():
    sizes = ((2, 1, None), (3, 0.25, 1), (20, 0.25, None), (20, 5, 0.2),
             (20, 0.1, 3), (21, 0.5, 0.5), (36, 0.25, None), (97, 0.3, 0.15),
             (500, 100, None), (500, 100, 80), (1000, 0.33, 0.1),
             (4096, 0.25, 0.25), (10007, 1, 1))
    for number, (n, test, validation) in enumerate(sizes):
        for seed in SEEDS:
            yield split_case(n, 0, test, validation, True, seed)
        yield split_case(n, 0, test, validation, False, 0)
    stratified = ((20, 2, 0.25, None), (36, 3, 0.25, None), (36, 3, 9, 7),
                  (60, 4, 0.3, 0.3), (97, 5, 0.3, 0.25), (500, 2, 100, 80),
                  (500, 11, 0.11, 0.13), (1000, 7, 333, 0.1),
                  (2003, 10, 0.25, 0.25), (4096, 6, 6, 6))
    for n, classes, test, validation in stratified:
        for seed in SEEDS:
            yield split_case(n, classes, test, validation, True, seed)


def columns(random, n):
    """Columns that are easy, and those that scalers have rules for."""
    spread = random.randn(n)
    nearly = np.ones(n)
    nearly[::3] = np.nextafter(1.0, 2.0)
    return {
        "easy": spread * 3.0 + 5.0,
        "whole": np.floor(random.rand(n) * 100),
        "zero": np.zeros(n),
        "constant": np.full(n, 0.1),
        "large_constant": np.full(n, 123456789.123),
        "nearly_constant": nearly,
        "tiny_range": random.rand(n) * 1e-16,
        "small_range": random.rand(n) * 1e-14,
        "tiny": spread * 1e-200,
        "huge": spread * 1e30,
        "offset": 1e4 + spread,
        "large_offset": 1e9 + spread,
        "skewed": np.exp(4.0 * spread),
    }


def fit_chain(table, train, chain):
    """The table scaled, what each scaler fitted, and the way back."""
    scalers, fitted = [], []
    for kind, span in chain:
        scaler = (preprocessing.StandardScaler() if span is None else
                  preprocessing.MinMaxScaler(feature_range=span))
        table = scaler.fit(table[train]).transform(table)
        names = (("mean_", "var_", "scale_") if span is None else
                 ("data_min_", "data_max_", "scale_", "min_"))
        scalers.insert(0, scaler)
        fitted.append({name: getattr(scaler, name).tolist()
                       for name in names})
    back = table
    for scaler in scalers:
        back = scaler.inverse_transform(back)
    return table, fitted, back


def scaler_case(table, train, chain):
    scaled, fitted, back = fit_chain(table, train, chain)
    return {"columns": table.shape[1],
            "scalers": [{"type": k, "feature_range": s} for k, s in chain],
            "train": train.tolist(), "values": table.T.ravel().tolist(),
            "fitted": fitted, "scaled": scaled.T.ravel().tolist(),
            "restored": back.T.ravel().tolist()}


def long_case(n, columns, seed):
    """Sums of many rows, as digests: values are a formula of the row."""
    i = np.arange(n * columns, dtype="f8")
    table = (7.0 + 1.0 / (1.0 + (i * 37.0) % 1009.0)).reshape(columns, n).T
    train = np.random.RandomState(seed).permutation(n)[:n * 3 // 4]
    scaled, fitted, _ = fit_chain(table, train, [("standard_scaler", None)])
    bytes_ = np.ascontiguousarray(scaled.T, "<f8").tobytes()
    return {"long": n, "columns": columns, "random_state": seed,
            "fitted": fitted, "sha256": hashlib.sha256(bytes_).hexdigest()}


def scaler_cases():
    kinds = (
        [("standard_scaler", None)],
        [("min_max_scaler", (0.0, 1.0))],
        [("min_max_scaler", (-1.5, 2.25))],
        [("standard_scaler", None), ("min_max_scaler", (-1.0, 1.0))],
    )
    for seed, chain in enumerate(kinds):
        random = np.random.RandomState(seed)
        train = random.permutation(15)[:11]
        table = np.stack(list(columns(random, 15).values()), axis=1)
        yield scaler_case(table, train, chain)
        for column in (0, 3, 11, 12) if seed in (0, 3) else (5,):
            yield scaler_case(table[:, column:column + 1], train, chain)
    for n in (5, 11, 100, 171, 172, 173, 1000, 4099, 20011):
        for width in (1, 3):
            yield long_case(n, width, n)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    folder = (sys.argv[1:] or [os.path.join(here, "..", "tests", "golden")])[0]
    os.makedirs(folder, exist_ok=True)
    write(folder, "generators", generator_cases())
    write(folder, "splits", split_cases())
    write(folder, "scalers", scaler_cases())


if __name__ == "__main__":
    main()
