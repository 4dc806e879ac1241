#!/usr/bin/env python3
"""PyTorch's times for the cases of time_recurrent, and the ratios.

tests/bench/torch_recurrent.py TIME_RECURRENT [UPDATES]

TIME_RECURRENT is that program. For each of its cases an update (forward,
backward, Adam) of the same network is timed on one thread, so many of them
(default 20), and the line is printed with PyTorch's minimum and median and the
ratio of the minima, both in core time. OPENBLAS_CORETYPE is to be unset: it may
choose kernels that are not this machine's.
"""
import os
import subprocess
import sys
import time

# Its BLAS has threads of its own.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
import torch  # noqa: E402
from torch import nn  # noqa: E402

torch.set_num_threads(1)


class Network(nn.Module):
    def __init__(self, kind, features, hidden):
        super().__init__()
        self.cell = getattr(nn, kind.upper())(features, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 1)

    def forward(self, x):
        return self.out(self.cell(x)[0][:, -1])


def milliseconds(kind, steps, features, hidden, batch, updates):
    """Minimum and median of an update."""
    model = Network(kind, features, hidden)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    x, y = torch.randn(batch, steps, features), torch.randn(batch, 1)
    times = []
    for _ in range(updates):
        start = time.process_time()
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
        times.append(1e3 * (time.process_time() - start))
    times.sort()
    return times[0], times[len(times) // 2]


def main():
    program, updates = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20
    if "OPENBLAS_CORETYPE" in os.environ:
        sys.exit("torch_recurrent: OPENBLAS_CORETYPE is set")
    lines = subprocess.run([program, str(updates)], check=True, capture_output=True, text=True).stdout
    print(f"torch {torch.__version__}, ms an update of one run: minimum median, PyTorch's, ratio of the minima")
    for line in lines.splitlines():
        kind, *sizes, runs, minimum, median = line.split()
        theirs = milliseconds(kind, *map(int, sizes), updates)
        print(f"{kind:4} T={sizes[0]:3} F={sizes[1]} H={sizes[2]:3} batch={sizes[3]} runs={runs:2}  "
              f"{float(minimum):8.4f} {float(median):8.4f}  {theirs[0]:8.3f} {theirs[1]:8.3f}  "
              f"{theirs[0] / float(minimum):5.1f}")


if __name__ == "__main__":
    main()
