#!/bin/sh
# Writes, kills, goes on with and compares a million packed runs, and holds each
# command's peak of resident memory against 64 MiB + 100 bytes a run. Each run
# is a group of its own, which is the most that compare can be asked to hold.
# Takes some five minutes and 2 GB. scripts/test_million.sh [runs]
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
runs=${1:-1000000}
"$root/scripts/build.sh" build Release
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
cd "$fresh"

cat >million.yaml <<Y
name: million
data: {source: {type: make_circles, n_samples: 20}, split: {test_size: 4}}
model: {layers: [{type: linear, out_features: 1}, sigmoid]}
train: {loss: bce, optimizer: {type: sgd, lr: 0.1}, batch_size: 8, steps: 1}
output: {runs: packed}
sweep:
  method: random
  max_runs: $runs
  random_state: 1
  parameters: {train.optimizer.lr: {distribution: log_uniform_values, min: 1.0e-6, max: 1}}
Y

cat >measure.py <<'P'
import os, signal, subprocess, sys, time

runner, runs = sys.argv[1], int(sys.argv[2])
limit = (64 << 20) + 100 * runs
failed = False

def measure(name, arguments, kill_after=None, expected=0):
    global failed
    begun = time.monotonic()
    process = subprocess.Popen([runner, *arguments], stdout=subprocess.DEVNULL)
    if kill_after:
        time.sleep(kill_after)
        os.kill(process.pid, signal.SIGKILL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begun
    peak = usage.ru_maxrss << 10
    held = peak <= limit and os.waitstatus_to_exitcode(status) == expected
    failed = failed or not held
    core = usage.ru_utime + usage.ru_stime
    print(f"{name:<24} {seconds:8.1f} s {core:8.1f} core s {peak / 2**20:8.1f} MiB"
          f"  {'' if held else 'NOT HELD'}", flush=True)

print(f"{runs} packed runs; each command may hold {limit / 2**20:.1f} MiB")
train = ["-q", "--out", "out", "million.yaml"]
measure("begun and killed", train, kill_after=20 * runs / 1e6, expected=-signal.SIGKILL)
measure("gone on with", train)
measure("again, nothing missing", train)
measure("compare", ["compare", "out/million"])
measure("show", ["show", "out/million"])
sys.exit(failed)
P
exec python3 measure.py "$root/build/runner" "$runs"
