#!/bin/sh
# Sets up what is missing, builds, and runs every test through ctest.
# scripts/test.sh [ctest options]
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
options=
[ -n "${CI:-}" ] && options=-DRUNNER_WERROR=ON
# shellcheck disable=SC2086
"$root/scripts/build.sh" build Release $options
cd "$root/build"
exec ctest --output-on-failure -j "$(getconf _NPROCESSORS_ONLN)" "$@"
