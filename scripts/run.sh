#!/bin/sh
# scripts/run.sh CONFIG [PATH=VALUE ...] [options]: sets up what is missing,
# builds build/runner, and runs it with these arguments.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
"$root/scripts/build.sh" build Release
exec "$root/build/runner" "$@"
