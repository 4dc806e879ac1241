"""One run of each sweep of scripts/bench.sh's part `packs` as PyTorch code does
it, on one thread: prints the milliseconds of training and of the losses and
accuracies that the history and the end record, imports and data apart.

tests/bench/torch_packs.py cnn|lstm [RUNS]

The median of RUNS (default 3) runs, each with its own seed, one after another.
"""
import os
import sys
import time

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
import torch  # noqa: E402
from torch import nn  # noqa: E402

torch.set_num_threads(1)
ROWS, TEST, BATCH, STEPS, EVERY = 500, 100, 32, 500, 250


class LastStep(nn.Module):
    def __init__(self, features, hidden):
        super().__init__()
        self.cell = nn.LSTM(features, hidden, batch_first=True)

    def forward(self, x):
        return self.cell(x)[0][:, -1]


NETWORKS = {
    "cnn": ((1, 8, 8), lambda: nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 4))),
    "lstm": ((10, 2), lambda: nn.Sequential(LastStep(2, 12), nn.Linear(12, 4))),
}


def evaluate(model, parts):
    with torch.no_grad():
        for x, y in parts:
            out = model(x)
            nn.functional.cross_entropy(out, y).item()
            (out.argmax(1) == y).float().mean().item()


def run(name, seed):
    shape, make = NETWORKS[name]
    x, y = torch.randn(ROWS, *shape), torch.randint(4, (ROWS,))
    parts = ((x[TEST:], y[TEST:]), (x[:TEST], y[:TEST]))
    start = time.perf_counter()
    torch.manual_seed(seed)
    model = make()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    criterion = nn.CrossEntropyLoss()
    step = 0
    while step < STEPS:
        for rows in torch.randperm(ROWS - TEST).split(BATCH):
            optimizer.zero_grad()
            criterion(model(parts[0][0][rows]), parts[0][1][rows]).backward()
            optimizer.step()
            step += 1
            if step % EVERY == 0:
                evaluate(model, parts)
            if step == STEPS:
                break
    evaluate(model, parts)
    return 1e3 * (time.perf_counter() - start)


def main():
    name, runs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
    run(name, 0)
    print(f"{sorted(run(name, 1 + i) for i in range(runs))[runs // 2]:.3f}")


if __name__ == "__main__":
    main()
