#!/bin/sh
# Installs what building and testing need: packages on Debian and Ubuntu, a list
# of names elsewhere. Does nothing where everything is there already.
set -eu

DEBIAN="gcc libc6-dev cmake ninja-build pkg-config libyaml-dev libhdf5-dev
libopenblas-dev
libjansson-dev nettle-dev libcmocka-dev libgomp1 python3"
FEDORA="gcc cmake ninja-build pkgconf-pkg-config libyaml-devel hdf5-devel openblas-devel
jansson-devel nettle-devel libcmocka-devel libgomp python3"
HOMEBREW="cmake ninja pkg-config libyaml hdf5 openblas jansson nettle cmocka
libomp python3"

have_all() {
    command -v cmake >/dev/null && command -v ninja >/dev/null &&
        command -v pkg-config >/dev/null && command -v python3 >/dev/null &&
        command -v cc >/dev/null &&
        pkg-config --exists yaml-0.1 jansson nettle cmocka openblas &&
        { [ -n "$(find /usr/include /usr/local/include /opt/homebrew/include \
            -name hdf5.h 2>/dev/null | head -n 1)" ]; }
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "setup: not root and no sudo; ask an administrator to run: $*" >&2
        exit 1
    fi
}

# What it prints is shown if it fails.
quietly() {
    said=$("$@" 2>&1) && return 0
    status=$?
    printf '%s\n' "$said" >&2
    return $status
}

# clang brings its OpenMP apart.
case "$(${CC:-cc} --version 2>/dev/null | head -n 1)" in
*clang*) DEBIAN="$DEBIAN libomp-dev" FEDORA="$FEDORA libomp-devel" ;;
esac

words() {
    echo "$1" | tr '\n' ' '
}

if have_all; then
    exit 0
fi
if command -v apt-get >/dev/null; then
    echo "setup: installing what building needs" >&2
    quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    # shellcheck disable=SC2046
    quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends $(words "$DEBIAN")
elif command -v dnf >/dev/null; then
    echo "setup: please run: sudo dnf install $(words "$FEDORA")" >&2
    exit 1
elif command -v brew >/dev/null; then
    echo "setup: please run: brew install $(words "$HOMEBREW")" >&2
    exit 1
else
    echo "setup: install these packages (Debian's names): $(words "$DEBIAN")" >&2
    exit 1
fi
have_all || { echo "setup: something is still missing" >&2; exit 1; }
