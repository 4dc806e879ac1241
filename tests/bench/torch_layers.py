#!/usr/bin/env python3
"""PyTorch's times for the cases of time_layers, and the ratios.

tests/bench/torch_layers.py TIME_LAYERS [UPDATES]

TIME_LAYERS is that program. For each of its cases an update (forward, backward,
SGD) of the same network is timed on one thread, so many of them (default 20),
and the line is printed with PyTorch's minimum and median and the ratio of the
minima. OPENBLAS_CORETYPE is to be unset: it may choose kernels that are not
this machine's.
"""
import os
import subprocess
import sys
import time

import torch
from torch import nn

torch.set_num_threads(1)

NETWORKS = {
    "lenet": (lambda: nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
        nn.Linear(84, 10)), (1, 28, 28), 10),
    "spectra": (lambda: nn.Sequential(
        nn.Conv1d(1, 8, 9, stride=2, padding=4), nn.BatchNorm1d(8), nn.ReLU(), nn.MaxPool1d(4),
        nn.Conv1d(8, 16, 5), nn.ELU(), nn.AvgPool1d(2), nn.Flatten(), nn.Linear(464, 1)), (1, 500), 0),
    "digits": (lambda: nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 8, 3), nn.ReLU(),
        nn.Flatten(), nn.Linear(32, 10)), (1, 8, 8), 10),
}


def milliseconds(name, batch, updates):
    """Minimum and median of an update."""
    make, shape, classes = NETWORKS[name]
    model = make()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    loss = nn.CrossEntropyLoss() if classes else nn.MSELoss()
    x = torch.randn(batch, *shape)
    y = torch.randint(classes, (batch,)) if classes else torch.randn(batch, 1)
    times = []
    for _ in range(updates):
        start = time.process_time()
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()
        times.append(1e3 * (time.process_time() - start))
    times.sort()
    return times[0], times[len(times) // 2]


def main():
    program, updates = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20
    if "OPENBLAS_CORETYPE" in os.environ:
        sys.exit("torch_layers: OPENBLAS_CORETYPE is set")
    lines = subprocess.run([program, str(updates)], check=True, capture_output=True, text=True).stdout
    print(f"torch {torch.__version__}, ms an update of one run: minimum median, PyTorch's, ratio of the minima")
    for line in lines.splitlines():
        name, batch, runs, minimum, median = line.split()
        theirs = milliseconds(name, int(batch), updates)
        print(f"{name:8} batch={batch} runs={runs:2}  {float(minimum):8.4f} {float(median):8.4f}  "
              f"{theirs[0]:8.3f} {theirs[1]:8.3f}  {theirs[0] / float(minimum):5.1f}")


if __name__ == "__main__":
    main()
