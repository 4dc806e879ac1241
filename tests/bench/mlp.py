"""An update of tests/bench/time_mlp.c's network as PyTorch code does it, on one
thread, for scripts/bench.sh: prints the milliseconds of one."""
import os
import time

# torch.set_num_threads() does not reach a libblas that has threads of its own.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import torch
from torch import nn

ROWS, BATCH, STEPS = 12800, 128, 200

torch.set_num_threads(1)
torch.manual_seed(1)
x = torch.rand(ROWS, 784) * 2 - 1
y = torch.randint(10, (ROWS,))
model = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(),
                      nn.Linear(512, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
criterion = nn.CrossEntropyLoss()


def train(steps):
    step = 0
    while step < steps:
        for rows in torch.randperm(ROWS).split(BATCH):
            optimizer.zero_grad()
            criterion(model(x[rows]), y[rows]).backward()
            optimizer.step()
            step += 1


best = float("inf")
train(STEPS // 4)
for _ in range(5):
    start = time.perf_counter()
    train(STEPS)
    best = min(best, (time.perf_counter() - start) / STEPS)
print(f"{1e3 * best:.4f}")
