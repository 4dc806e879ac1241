#!/bin/sh
# Measures speed as ratios taken in one run, beside what each is meant to reach:
# scripts/bench.sh [PART ...], all parts or these (tests/bench/bench.py names
# them). Refuses a busy machine; BENCH_ANYWAY=1 measures all the same. Ratios to
# PyTorch need Debian's python3-torch and python3-sklearn, and libblas.so.3 to be
# OpenBLAS.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
"$root/scripts/build.sh" build Release
exec "${PYTHON:-/usr/bin/python3}" "$root/tests/bench/bench.py" "$@"
