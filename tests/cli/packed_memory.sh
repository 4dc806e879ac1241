# Memory grows by less than 100 bytes a packed run, and by less than 1 KiB a run
# in a folder, also while a sweep is gone on with and compared.
cat > tiny.yaml <<'Y'
name: tiny
data: {source: {type: make_circles, n_samples: 20}, split: {test_size: 4}}
model: {layers: [{type: linear, out_features: 1}, sigmoid]}
train: {loss: bce, optimizer: {type: sgd, lr: 0.1}, batch_size: 8, steps: 1}
sweep: {parameters: {train.optimizer.lr: [0.1, 0.2]}}
Y
cat > measure.py <<'P'
import os, subprocess, sys

runner = os.environ["RUNNER"]

def peak(*arguments):
    process = subprocess.Popen([runner, *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, arguments
    return usage.ru_maxrss * 1024

if peak("--version") > 20e6:
    print("skipped: a build that measures no memory")
    sys.exit(77)

def peaks(form, seeds):
    out = f"{form}{seeds}"
    sweep = ["tiny.yaml", "-q", "--out", out, f"seed=1..{seeds}", f"output.runs={form}"]
    return [peak(*sweep), peak(*sweep), peak("compare", f"{out}/tiny")]

for form, few, many, limit in ("packed", 2000, 10000, 100), ("folders", 50, 600, 1024):
    for name, a, b in zip(("run", "again", "compare"), peaks(form, few), peaks(form, many)):
        growth = (b - a) / (2 * (many - few))
        print(form, name, "good" if growth < limit else growth)
P
python3 measure.py
