#!/bin/sh
# Measures speed as ratios taken in one run: the notebook's run as a whole
# process against PyTorch's notebook code, with start-up apart. Refuses a busy
# machine. Needs Debian's python3-torch and python3-sklearn for the ratio.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
runs=${RUNS:-40}
python=${PYTHON:-/usr/bin/python3}

"$root/scripts/build.sh" build Release
busy=$(cut -d' ' -f1 /proc/loadavg 2>/dev/null || echo 0)
running=$(awk '/procs_running/ {print $2}' /proc/stat 2>/dev/null || echo 1)
if [ "$running" -gt 2 ] && [ -z "${BENCH_ANYWAY:-}" ]; then
    echo "bench: the machine is busy ($running processes running, load $busy)" >&2
    exit 1
fi

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
timer=$root/build/time_process
config=$root/configs/circles_adagrad.yaml

echo "machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)," \
    "$(getconf _NPROCESSORS_ONLN) cores, load $busy"
"$root/build/runner" --version | sed 's/^/runner:  /'
echo "whole processes, $runs runs, milliseconds: minimum median maximum"

row() {
    label=$1
    shift
    # shellcheck disable=SC2046
    set -- $("$timer" "$runs" "$@")
    printf '  %-44s %9s %9s %9s\n' "$label" "$1" "$2" "$3"
    median=$2
}

row "start-up (runner --version)" "$root/build/runner" --version
row "circles_adagrad, fresh folder" "$root/build/runner" -q -f --out "$fresh/{}" "$config"
whole=$median
row "circles_adagrad, kept" "$root/build/runner" -q --out "$fresh/0" "$config"
sweep=$fresh/seeds.yaml
printf 'extends: %s\nname: seeds\nsweep: {parameters: {seed: {min: 1, max: 1000}}}\n' \
    "$config" >"$sweep"
runs=5
row "1,000 seeds, every core, fresh folder" "$root/build/runner" -q \
    --out "$fresh/seeds-{}" "$sweep"
each=$(awk -v m="$median" 'BEGIN { print m / 1000 }')
echo "the engine alone, core milliseconds a run (seeds and rates: full packs):"
"$root/build/time_pack" | sed 's/^/  /'

if "$python" -c 'import torch, sklearn' 2>/dev/null; then
    notebook=$("$python" "$root/tests/bench/notebook.py")
    printf '  %-44s %9s\n' "PyTorch's notebook code (no imports, no data)" "$notebook"
    awk -v n="$notebook" -v w="$whole" -v e="$each" 'BEGIN {
        printf "ratio: notebook / whole process = %.0f\n", n / w
        printf "ratio: notebook / a run of the sweep = %.0f\n", n / e
    }'
else
    echo "no PyTorch at $python: no ratio"
fi
