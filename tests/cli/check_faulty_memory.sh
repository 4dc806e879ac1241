# Combinations that are all faulty have data of their own, which are held one at
# a time.
cat > faulty.yaml <<'Y'
name: faulty
data:
  source: {type: make_blobs, n_samples: 100000, n_features: 8, centers: 2}
  split: {test_size: 100}
model: {layers: [{type: linear, out_features: 1}, sigmoid]}
train: {loss: bce, optimizer: {type: sgd, lr: 0.1}, batch_size: 8, steps: 1}
sweep: {parameters: {data.split.test_size: {min: 200001, max: 200040}}}
Y
cat > measure.py <<'P'
import os, subprocess, sys

def peak(*arguments):
    process = subprocess.Popen([os.environ["RUNNER"], *arguments],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024

if peak("--version")[1] > 20e6:
    print("skipped: a build that measures no memory")
    sys.exit(77)
status, most = peak("check", "faulty.yaml")
print("exit", status, "good" if most < 100e6 else most)
P
python3 measure.py
