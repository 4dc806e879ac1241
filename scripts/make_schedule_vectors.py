#!/usr/bin/python3
"""Writes tests/golden/schedules.csv: the lr (and momentum) of each update under torch.optim.lr_scheduler.

Lines: `case;SCHEDULE;OPTIONS;LR;UPDATES` and, after each, one per update: `LR` or `LR;MOMENTUM` as C's hex floats.
Needs Debian's python3-torch.
"""
import ast
import os
import sys
import warnings

import torch
from torch.optim import lr_scheduler

warnings.simplefilter("ignore")
SCHEDULES = {
    "step_lr": lr_scheduler.StepLR, "multi_step_lr": lr_scheduler.MultiStepLR,
    "exponential_lr": lr_scheduler.ExponentialLR, "cosine_annealing_lr": lr_scheduler.CosineAnnealingLR,
    "linear_lr": lr_scheduler.LinearLR, "one_cycle_lr": lr_scheduler.OneCycleLR}
CASES = [
    ("step_lr", "step_size=3", 0.1, 20),
    ("step_lr", "step_size=1 gamma=0.97", 0.05, 60),
    ("step_lr", "step_size=100 gamma=0.5", 0.05, 10),
    ("step_lr", "step_size=2 gamma=1.5", 0.003, 30),
    ("step_lr", "step_size=2 gamma=0.0", 0.003, 6),
    ("multi_step_lr", "milestones=[2,5,9]", 0.1, 12),
    ("multi_step_lr", "milestones=[9,5,5,2,5,0] gamma=0.7", 0.03, 12),
    ("exponential_lr", "gamma=0.99", 0.1, 80),
    ("exponential_lr", "gamma=1.0", 0.1, 3),
    ("linear_lr", "", 0.1, 12),
    ("linear_lr", "start_factor=0.1 end_factor=0.9 total_iters=17", 0.03, 30),
    ("linear_lr", "start_factor=1.0 end_factor=0.0 total_iters=10", 0.03, 15),
    ("linear_lr", "start_factor=0.5 end_factor=0.5 total_iters=3", 0.03, 6),
    ("linear_lr", "start_factor=0.25 total_iters=0", 0.03, 4),
    ("linear_lr", "start_factor=0.25 total_iters=1", 0.03, 4),
    ("cosine_annealing_lr", "", 0.1, 40),
    ("cosine_annealing_lr", "eta_min=0.01", 0.1, 33),
    ("cosine_annealing_lr", "T_max=7 eta_min=0.001", 0.1, 50),
    ("cosine_annealing_lr", "T_max=1", 0.1, 6),
    ("cosine_annealing_lr", "T_max=2 eta_min=0.2", 0.1, 9),
    ("cosine_annealing_lr", "T_max=500", 0.02, 40),
    ("one_cycle_lr", "max_lr=0.1", 0.5, 50),
    ("one_cycle_lr", "max_lr=0.1 total_steps=70", 0.5, 50),
    ("one_cycle_lr", "max_lr=0.1 anneal_strategy=linear", 0.5, 31),
    ("one_cycle_lr", "max_lr=0.1 three_phase=true", 0.5, 47),
    ("one_cycle_lr", "max_lr=0.1 three_phase=true pct_start=0.6 anneal_strategy=linear", 0.5, 20),
    ("one_cycle_lr", "max_lr=0.1 pct_start=0.0", 0.5, 10),
    ("one_cycle_lr", "max_lr=0.1 pct_start=1.0 total_steps=11", 0.5, 10),
    ("one_cycle_lr", "max_lr=0.1 pct_start=0.05", 0.5, 10),
    ("one_cycle_lr", "max_lr=0.1", 0.5, 1),
    ("one_cycle_lr", "max_lr=0.1 cycle_momentum=false div_factor=3.0 final_div_factor=7.0", 0.5, 25),
    ("one_cycle_lr", "max_lr=0.1 base_momentum=0.3 max_momentum=0.5", 0.5, 25),
]
LENGTHS = {"cosine_annealing_lr": "T_max", "one_cycle_lr": "total_steps"}


def value(text):
    text = text.replace("true", "True").replace("false", "False")
    return text if text.isalpha() and text not in ("True", "False") else ast.literal_eval(text)


def run(name, given, lr, updates):
    options = {key: value(text) for key, text in (pair.split("=") for pair in given.split())}
    if name in LENGTHS:
        options.setdefault(LENGTHS[name], updates)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    schedule = SCHEDULES[name](optimizer, **options)
    group = optimizer.param_groups[0]
    for update in range(updates):
        numbers = [float(group["lr"]).hex()]
        if options.get("cycle_momentum", name == "one_cycle_lr"):
            numbers.append(float(group["momentum"]).hex())
        yield numbers
        optimizer.step()
        if update + 1 < updates:
            schedule.step()


def main():
    path = os.path.join(os.path.dirname(__file__), "..", "tests", "golden", "schedules.csv")
    with open(path, "w", encoding="utf-8") as out:
        print(f"# torch {torch.__version__}, python {sys.version.split()[0]}; scripts/make_schedule_vectors.py",
              file=out)
        for case in CASES:
            print("case", *case, sep=";", file=out)
            for numbers in run(*case):
                print(*numbers, sep=";", file=out)


if __name__ == "__main__":
    main()
