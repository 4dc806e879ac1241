#!/bin/sh
# scripts/build.sh FOLDER TYPE [cmake options]: sets up what is missing and
# builds into FOLDER, relative to the project. Quiet unless something fails.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
[ $# -ge 2 ] || { echo "usage: build.sh FOLDER TYPE [cmake options]" >&2; exit 2; }
case $1 in
    /*) folder=$1 ;;
    *) folder=$root/$1 ;;
esac
type=$2
shift 2
"$root/scripts/setup.sh"
mkdir -p "$folder"
log=$folder/build.log
cache=$folder/CMakeCache.txt

# Two that are started at once build one after the other.
if command -v flock >/dev/null; then
    exec 9>"$folder/.lock"
    flock 9 || true
fi

# What CMake remembers of another place or generator is of no use here.
forget() {
    rm -rf "$cache" "$folder/CMakeFiles"
}
if [ -f "$cache" ] &&
    ! { grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$cache" &&
        grep -qxF "CMAKE_GENERATOR:INTERNAL=Ninja" "$cache"; }; then
    forget
fi

configure() {
    cmake -S "$root" -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE="$type" "$@"
}
build() {
    configure "$@" || { forget && configure "$@"; } || return 1
    cmake --build "$folder"
}
if ! build "$@" >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi
