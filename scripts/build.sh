#!/bin/sh
# scripts/build.sh FOLDER TYPE [cmake options]: sets up what is missing and
# builds into FOLDER. Quiet unless something fails.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$root/$1
type=$2
shift 2
"$root/scripts/setup.sh"
mkdir -p "$folder"
log=$folder/build.log
generator=
[ -f "$folder/CMakeCache.txt" ] || generator="-G Ninja"
# shellcheck disable=SC2086
if ! { cmake -S "$root" -B "$folder" $generator -DCMAKE_BUILD_TYPE="$type" "$@" &&
    cmake --build "$folder"; } >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi
