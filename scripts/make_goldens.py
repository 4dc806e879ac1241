#!/usr/bin/env python3
"""Writes CASE.json beside each tests/golden/cases/CASE.yaml: what PyTorch makes
of it, small enough to keep.

scripts/make_goldens.py [CASE.yaml ...]

Writes tests/golden/words.csv too, the table of whole numbers that some read.
Needs Debian's python3-torch, python3-sklearn and python3-yaml. Every tensor
stands twice: `float32` is PyTorch's own result, `float64` the same run in double
precision from the same start; tests/golden/check_golden.py says how near a
result must come.
"""
import hashlib
import json
import pathlib
import sys

import numpy as np
import torch

import torch_reference

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden"
CASES = GOLDEN / "cases"
sys.path.append(str(GOLDEN))
import recomputed  # noqa: E402 (tests/golden's own module)

TRACE = ROWS = 20


def write_words():
    """Four words of twelve a row, and whether they ask for something: by rules with noise."""
    random = np.random.RandomState(0)
    words = random.randint(0, 12, size=(160, 4))
    label = (words == 3).sum(axis=1) + (words[:, 0] > 5) + random.random_sample(160) / 2 > 1
    rows = np.column_stack([words, label])
    lines = [",".join(map(str, row)) for row in [["w0", "w1", "w2", "w3", "label"], *rows]]
    (GOLDEN / "words.csv").write_text("\n".join(lines) + "\n")


def part(rows):
    return {"count": len(rows), "sha256": hashlib.sha256(np.asarray(rows, "<i8").tobytes()).hexdigest()}


def both(single, double):
    return {"float32": np.asarray(single).tolist(), "float64": np.asarray(double).tolist()}


def margin(config, single, name):
    """How far the part's outputs stay from a tie that could turn a counted metric."""
    out, label = single["outputs"][name], single["labels"][name]
    kind = torch_reference.kind_of(config["train"]["loss"])[0]
    probability = torch.sigmoid(torch.from_numpy(out)).numpy().ravel() if kind == "bce_with_logits" else None
    found = recomputed.margin(kind, label.ravel().tolist(), out.tolist(),
                              None if probability is None else probability.tolist())
    return min(found, 1.0)


def golden(config):
    single = torch_reference.reference(config)
    double = torch_reference.reference(config, double=True)
    return {
        "made": "scripts/make_goldens.py with " + torch_reference.versions(),
        "global_step": single["global_step"],
        "metrics": {"float32": single["metrics"], "float64": double["metrics"]},
        "margin": {name: margin(config, single, name) for name, rows in single["split"].items() if len(rows)},
        "split": {name: part(rows) for name, rows in single["split"].items() if len(rows)},
        "trace": both(single["trace"][:TRACE], double["trace"][:TRACE]),
        "initial": {n: v.ravel()[:ROWS].tolist() for n, v in single["initial"].items()},
        "parameters": {n: both(v, double["parameters"][n]) for n, v in single["parameters"].items()},
        "buffers": {n: both(v, double["buffers"][n]) for n, v in single["buffers"].items()},
        "counters": single["counters"],
        "predictions": both(single["predictions"][:ROWS], double["predictions"][:ROWS])}


def write(path):
    text = json.dumps(golden(torch_reference.read(path)))
    made, rest = text.split(", \"global_step\"", 1)
    path.with_suffix(".json").write_text(f"{made},\n\"global_step\"{rest}\n")
    print(path.stem)


if __name__ == "__main__":
    write_words()
    for case in map(pathlib.Path, sys.argv[1:] or sorted(CASES.glob("*.yaml"))):
        write(case)
