"""The course notebook's classifier as its PyTorch code trains it, for
scripts/bench.sh: prints the milliseconds of training and metrics, imports and
data apart."""
import time

import torch
from sklearn import datasets, metrics, model_selection
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.set_num_threads(1)
x, y = datasets.make_circles(500, noise=0.05, factor=0.3, random_state=123)
x_train, x_test, y_train, y_test = model_selection.train_test_split(
    2 * x, y.reshape(-1, 1), test_size=100, random_state=123)
x_train, x_test, y_train, y_test = (
    torch.from_numpy(v.astype("float32")) for v in (x_train, x_test, y_train, y_test))

start = time.perf_counter()
torch.manual_seed(123)
model = nn.Sequential(nn.Linear(2, 4), nn.Sigmoid(), nn.Linear(4, 1), nn.Sigmoid())
optimizer = torch.optim.Adagrad(model.parameters(), lr=0.05,
                                initial_accumulator_value=0.1, eps=1e-10)
criterion = nn.BCELoss()
loader = DataLoader(TensorDataset(x_train, y_train), batch_size=50, shuffle=True,
                    generator=torch.Generator().manual_seed(123))
step = 0
while step < 5000:
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        step += 1
        if step == 5000:
            break
with torch.no_grad():
    p = model(x_test).numpy().ravel()
t = y_test.numpy().ravel()
hard = (p >= 0.5).astype("f4")
result = [metrics.accuracy_score(t, hard), max(t.mean(), 1 - t.mean()),
          metrics.roc_auc_score(t, p), metrics.average_precision_score(t, p),
          metrics.log_loss(t, p), t.mean(), metrics.log_loss(t, p, normalize=False),
          metrics.precision_score(t, hard), p.mean(), metrics.recall_score(t, hard), step]
print(f"{1e3 * (time.perf_counter() - start):.1f}")
