#!/usr/bin/python3
"""Writes tests/golden/optimizers.csv: torch.optim's parameters after some of 50 updates with fixed gradients.

Lines: `power;BASE;EXPONENT;POWER` with Python's power; `case;OPTIMIZER;OPTIONS;SCHEDULE;SCHEDULE OPTIONS` and, after
each, `UPDATE;ELEMENT;FLOAT64;FLOAT32`: the parameter of a run in float64 and of one in float32, all as repr. Needs
Debian's python3-torch.
"""
import ast
import os
import sys

import torch

UPDATES, ELEMENTS = 50, 12
SHOWN = (1, 2, 5, 6, 20, 50)
OPTIMIZERS = {
    "sgd": torch.optim.SGD, "adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop,
    "adadelta": torch.optim.Adadelta, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW,
    "adamax": torch.optim.Adamax, "nadam": torch.optim.NAdam, "radam": torch.optim.RAdam}
SCHEDULES = {"one_cycle_lr": torch.optim.lr_scheduler.OneCycleLR, "step_lr": torch.optim.lr_scheduler.StepLR}
CASES = [
    ("sgd", "lr=0.1"),
    ("sgd", "lr=0.1 weight_decay=0.05 maximize=true"),
    ("sgd", "lr=0.1 momentum=0.9"),
    ("sgd", "lr=0.1 momentum=0.9 dampening=0.3 weight_decay=0.01"),
    ("sgd", "lr=0.1 momentum=0.9 dampening=0.3 weight_decay=0.01 maximize=true"),
    ("sgd", "lr=0.1 momentum=0.8 nesterov=true"),
    ("sgd", "lr=0.1 momentum=0.8 nesterov=true weight_decay=0.02 maximize=true"),
    ("sgd", "lr=0.1", "one_cycle_lr", "max_lr=0.2 total_steps=50"),
    ("sgd", "lr=0.1 momentum=0.5 nesterov=true", "one_cycle_lr", "max_lr=0.2 total_steps=60 three_phase=true"),
    ("sgd", "lr=0.1 momentum=0.5", "one_cycle_lr", "max_lr=0.2 total_steps=60 cycle_momentum=false"),
    ("sgd", "lr=0.1", "step_lr", "step_size=7 gamma=0.5"),
    ("adagrad", ""),
    ("adagrad", "lr=0.1 lr_decay=0.01 weight_decay=0.02 initial_accumulator_value=0.1 eps=1e-8"),
    ("adagrad", "lr=0.1 weight_decay=0.02 maximize=true"),
    ("rmsprop", ""),
    ("rmsprop", "lr=0.02 alpha=0.9 eps=1e-4 weight_decay=0.03 maximize=true"),
    ("rmsprop", "momentum=0.9"),
    ("rmsprop", "centered=true eps=1e-3"),
    ("rmsprop", "centered=true momentum=0.7 eps=1e-3 weight_decay=0.01 maximize=true"),
    ("rmsprop", "", "one_cycle_lr", "max_lr=0.02 total_steps=50"),
    ("adadelta", ""),
    ("adadelta", "lr=0.5 rho=0.8 eps=1e-4 weight_decay=0.02 maximize=true"),
    ("adam", ""),
    ("adam", "lr=0.02 betas=[0.8,0.99] eps=1e-6 weight_decay=0.02 maximize=true"),
    ("adam", "lr=0.02 amsgrad=true betas=[0.9,0.9]"),
    ("adam", "lr=0.02 betas=[0.0,0.0]"),
    ("adam", "", "one_cycle_lr", "max_lr=0.02 total_steps=50"),
    ("adamw", ""),
    ("adamw", "lr=0.02 weight_decay=0.3 maximize=true"),
    ("adamw", "lr=0.02 amsgrad=true betas=[0.9,0.9] weight_decay=0.1"),
    ("adamax", ""),
    ("adamax", "lr=0.02 betas=[0.8,0.9] weight_decay=0.02 maximize=true"),
    ("nadam", ""),
    ("nadam", "lr=0.02 betas=[0.8,0.99] weight_decay=0.02 momentum_decay=0.05"),
    ("nadam", "", "one_cycle_lr", "max_lr=0.02 total_steps=50"),
    ("radam", ""),
    ("radam", "lr=0.02 betas=[0.8,0.95] weight_decay=0.02"),
    ("radam", "lr=0.02 betas=[0.8,0.5]"),
]


def gradients():
    """[update][element], exact in float32: sizes from 1 to 2^-8, and an element that never has any"""
    state, rows = 12345, []
    for _ in range(UPDATES):
        row = []
        for element in range(ELEMENTS):
            state = (state * 1103515245 + 12345) % 2**31
            row.append(0.0 if element == 0 else (state // 2**8 / 2**22 - 1) / 2**(element % 5 * 2))
        rows.append(row)
    return rows


def options(text):
    pairs = (pair.split("=") for pair in text.split())
    return {key: ast.literal_eval(value.replace("true", "True").replace("false", "False")) for key, value in pairs}


def run(case, dtype):
    name, given, schedule, schedule_given = case
    start = [(element - 5) / 4 for element in range(ELEMENTS)]
    parameter = torch.nn.Parameter(torch.tensor(start, dtype=dtype))
    optimizer = OPTIMIZERS[name]([parameter], **options(given))
    scheduler = SCHEDULES[schedule](optimizer, **options(schedule_given)) if schedule else None
    shown = []
    for update, gradient in enumerate(gradients(), 1):
        parameter.grad = torch.tensor(gradient, dtype=dtype)
        optimizer.step()
        if scheduler:
            scheduler.step()
        if update in SHOWN:
            shown.append(parameter.detach().numpy().copy())
    return shown


def main():
    path = os.path.join(os.path.dirname(__file__), "..", "tests", "golden", "optimizers.csv")
    with open(path, "w", encoding="utf-8") as out:
        print(f"# torch {torch.__version__}, python {sys.version.split()[0]}; scripts/make_optimizer_vectors.py",
              file=out)
        for base in (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999, 1.5):
            for exponent in (0, 1, 2, 3, 7, 10, 99, 255, 1000, 5000, 100000):
                if base < 1 or exponent < 1000:
                    print("power", base, exponent, repr(base**exponent), sep=";", file=out)
        for case in CASES:
            case = (*case, "", "")[:4]
            print("case", *case, sep=";", file=out)
            exact, single = run(case, torch.float64), run(case, torch.float32)
            for update, row, row32 in zip(SHOWN, exact, single):
                for element, (value, value32) in enumerate(zip(row, row32)):
                    print(update, element, repr(float(value)), str(value32), sep=";", file=out)


if __name__ == "__main__":
    main()
