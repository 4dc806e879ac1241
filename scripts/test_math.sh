#!/bin/sh
# Every elementary function on all 2^32 floats.
# usage: scripts/test_math.sh BUILD_DIR [SLOW_STEP]   (built with cmake before)
# SLOW_STEP 1 (the default) compares all copies everywhere, an hour of work; with
# n, the copies that emulate fused multiply-add only in every n-th 16,384 floats.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
build=${1:?usage: scripts/test_math.sh BUILD_DIR [SLOW_STEP]}
slow_step=${2:-1}
parts=$(getconf _NPROCESSORS_ONLN)
program="$build/whole_range"

${CC:-cc} -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -I"$root" \
    "$root/tests/math/whole_range.c" "$build/engine/libengine.a" \
    -lm -o "$program"

part=0
workers=
while [ "$part" -lt "$parts" ]; do
    nice -n 19 "$program" "$parts" "$part" "$slow_step" \
        >"$program.$part.txt" &
    workers="$workers $!"
    part=$((part + 1))
done
status=0
for worker in $workers; do
    wait "$worker" || status=1
done

# Of the parts' lines of a function, that with the largest error; any part's
# failure shows.
awk 'FNR == 1 { if (!header++) print; next }
     !($1 in worst) { order[++count] = $1 }
     $2 + 0 > worst[$1] + 0 || !($1 in worst) { worst[$1] = $2; line[$1] = $0 }
     /FAILED|copies differ/ { failure = failure $0 "\n" }
     END { for (i = 1; i <= count; i++) print line[order[i]]
           printf "%s", failure }' "$program".*.txt
exit $status
