#!/usr/bin/env python3
"""Trains random configs with the runner and with PyTorch and compares them.

scripts/try_configs.py RUNNER [COUNT] [FIRST_SEED]

A config counts only where PyTorch agrees with itself: ten float32 runs with the
rows of each mini-batch permuted stay within half the allowance of
tests/golden/check_golden.py. Prints a line a config and exits 1 if one that
counts is out of its allowance. Needs what scripts/make_goldens.py needs.
"""
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import numpy as np

import make_goldens
import torch_reference

CHECK = make_goldens.CASES.parent / "check_golden.py"
ACTIVATIONS = ["sigmoid", "tanh", "relu", "leaky_relu", {"type": "leaky_relu", "negative_slope": 0.2},
               "elu", {"type": "elu", "alpha": 0.5}, "selu", "gelu", {"type": "gelu", "approximate": "tanh"},
               "silu", "softplus", {"type": "softplus", "beta": 2.0, "threshold": 5.0}, "softsign",
               "softmax", "log_softmax"]
OPTIMIZERS = [
    {"type": "sgd", "lr": 0.1}, {"type": "sgd", "lr": 0.05, "momentum": 0.9},
    {"type": "sgd", "lr": 0.05, "momentum": 0.8, "dampening": 0.3, "weight_decay": 1e-3},
    {"type": "sgd", "lr": 0.02, "momentum": 0.9, "nesterov": True},
    {"type": "adagrad", "lr": 0.05}, {"type": "adagrad", "lr": 0.1, "lr_decay": 0.01, "weight_decay": 0.01},
    {"type": "adagrad", "lr": 0.05, "initial_accumulator_value": 0.1},
    "rmsprop", {"type": "rmsprop", "lr": 0.002, "centered": True, "momentum": 0.5},
    "adadelta", {"type": "adadelta", "lr": 0.5, "rho": 0.8, "weight_decay": 1e-3},
    "adam", {"type": "adam", "lr": 0.01, "amsgrad": True}, {"type": "adam", "lr": 0.003, "weight_decay": 0.01},
    "adamw", {"type": "adamw", "lr": 0.01, "betas": [0.8, 0.99]}, "adamax", "nadam", "radam",
    {"type": "nadam", "lr": 0.005, "momentum_decay": 0.01}]
SCHEDULES = [None, None, {"type": "step_lr", "step_size": 20, "gamma": 0.5},
             {"type": "multi_step_lr", "milestones": [10, 30, 30, 60]},
             {"type": "exponential_lr", "gamma": 0.99}, "cosine_annealing_lr",
             {"type": "cosine_annealing_lr", "T_max": 17, "eta_min": 1e-4},
             {"type": "linear_lr", "total_iters": 15}, {"type": "one_cycle_lr", "max_lr": 0.05},
             {"type": "one_cycle_lr", "max_lr": 0.02, "anneal_strategy": "linear", "three_phase": True}]


def draw_data(pick, task):
    n = pick.choice([40, 97, 200, 333, 600])
    source = {"type": pick.choice(["make_circles", "make_moons"]), "n_samples": n, "noise": 0.1,
              "random_state": pick.randrange(1000)}
    if task == "classes" or pick.random() < 0.3:
        source = {"type": "make_blobs", "n_samples": n, "n_features": pick.choice([1, 3, 8, 20, 300]),
                  "centers": pick.choice([3, 5]) if task != "binary" else 2, "cluster_std": 2.0,
                  "random_state": pick.randrange(1000)}
    split = {"test_size": pick.choice([0.25, 0.4, 10]), "random_state": pick.randrange(100)}
    if pick.random() < 0.4:
        split["validation_size"] = pick.choice([0.2, 8])
    if pick.random() < 0.3:
        split["stratify"] = True
    scalers = [pick.choice(["standard_scaler", {"type": "min_max_scaler", "feature_range": [-1.0, 1.0]}])]
    preprocess = {"features": scalers}
    if task == "regression" and pick.random() < 0.5:
        preprocess["targets"] = ["standard_scaler"]
    return {"source": source, "split": split, "preprocess": preprocess}


def draw_loss(pick, task):
    return pick.choice({
        "binary": ["bce", "bce_with_logits", {"type": "bce_with_logits", "pos_weight": [2.5]},
                   {"type": "bce", "weight": [0.5]}, {"type": "bce", "reduction": "sum"}],
        "classes": ["cross_entropy", {"type": "cross_entropy", "label_smoothing": 0.1}, "nll",
                    {"type": "cross_entropy", "weight": [1.0, 2.0, 0.5, 1.5, 1.0]},
                    {"type": "nll", "weight": [1.0, 2.0, 0.5, 1.5, 1.0]},
                    {"type": "cross_entropy", "weight": [1.0, 2.0, 0.5, 1.5, 1.0], "label_smoothing": 0.2},
                    {"type": "cross_entropy", "ignore_index": 1}],
        "regression": ["mse", "l1", "smooth_l1", {"type": "smooth_l1", "beta": 0.3},
                       {"type": "huber", "delta": 0.7}, {"type": "mse", "reduction": "sum"}]}[task])


def draw(seed):
    pick = random.Random(seed)
    task = pick.choice(["binary", "classes", "regression"])
    loss = draw_loss(pick, task)
    kind = torch_reference.kind_of(loss)[0]
    layers = []
    for _ in range(pick.choice([0, 1, 1, 2, 2, 3])):
        linear = {"type": "linear", "out_features": pick.choice([1, 2, 5, 16, 33, 70])}
        if pick.random() < 0.2:
            linear["bias"] = False
        layers += [linear, pick.choice(ACTIVATIONS)]
    layers.append({"type": "linear", "out_features": 5 if task == "classes" else 1})
    layers += {"bce": ["sigmoid"], "nll": ["log_softmax"]}.get(kind, [])
    train = {"loss": loss, "optimizer": pick.choice(OPTIMIZERS), "batch_size": pick.choice([1, 7, 16, 50, 128, 1000]),
             "steps": pick.choice([30, 100, 300])}
    schedule = pick.choice(SCHEDULES)
    if schedule and not ("adagrad" in str(train["optimizer"]) or "adadelta" in str(train["optimizer"])) \
            or schedule and "one_cycle" not in str(schedule):
        train["lr_schedule"] = schedule
    if pick.random() < 0.2:
        train["clip_grad_norm"] = pick.choice([0.1, 1.0])
    if pick.random() < 0.2:
        train["shuffle"] = False
    return {"name": f"case_{seed}", "seed": pick.randrange(2**32), "data": draw_data(pick, task),
            "model": {"layers": layers}, "train": train}



def judged(run):
    """What the allowance is applied to: each parameter, the first outputs."""
    return {**run["parameters"], "outputs": run["predictions"][:make_goldens.ROWS],
            "losses": run["trace"][:make_goldens.TRACE]}


def largest(a, b):
    return np.abs(np.asarray(a, "f8") - np.asarray(b, "f8")).max()


def agrees_with_itself(config):
    double = judged(torch_reference.reference(config, double=True))
    single = judged(torch_reference.reference(config))
    allowed = {name: 4 * largest(single[name], double[name]) + 2e-6 for name in double}
    for permute in range(10):
        other = judged(torch_reference.reference(config, permute=permute))
        if not all(largest(other[name], double[name]) <= allowed[name] / 2 for name in double):
            return False
    return True


def flat_parameters(golden):
    return np.concatenate([np.ravel(both["float32"]) for both in golden["parameters"].values()])


def main():
    runner = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    wrong = counted = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + count):
            path = pathlib.Path(folder) / f"case_{seed}.yaml"
            config = draw(seed)
            path.write_text(json.dumps(config, indent=1))  # JSON is YAML
            try:
                good = agrees_with_itself(config)
                golden = make_goldens.golden(config)
            except (ValueError, RuntimeError, IndexError) as error:
                print(f"{seed}: PyTorch refuses: {str(error).splitlines()[0]}")
                continue
            if not np.isfinite(flat_parameters(golden)).all():
                print(f"{seed}: PyTorch diverges")
                continue
            path.with_suffix(".json").write_text(json.dumps(golden))
            done = subprocess.run([sys.executable, CHECK, runner, path, path.with_suffix(".json")],
                                  capture_output=True, text=True)
            counted += good
            wrong += good and done.returncode != 0
            state = "right" if done.returncode == 0 else "WRONG" if good else "out, as PyTorch's own"
            print(f"{seed}: {state}", flush=True)
            if done.returncode != 0 and good:
                print(path.read_text() + "\n".join(
                    line for line in (done.stdout + done.stderr).splitlines() if "WRONG" in line or "error" in line))
    print(f"{counted} counted, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
