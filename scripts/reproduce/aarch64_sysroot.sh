#!/bin/sh
# aarch64_sysroot.sh FOLDER: Debian's arm64 libraries, unpacked into FOLDER/root.
# Nothing is installed: installing libhdf5-dev:arm64 would remove the amd64 one.
# apt works on a state of its own, in which no package is installed, and so
# fetches all that the libraries need.
set -eu
mkdir -p "$1"
folder=$(CDPATH='' cd -- "$1" && pwd -P)
[ ! -e "$folder/complete" ] || exit 0
rm -rf "$folder/root"
mkdir -p "$folder/root" "$folder/state/lists/partial" "$folder/cache/archives/partial"
: >"$folder/state/status"

apt() {
    apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 \
        -o Dir::State="$folder/state" -o Dir::State::status="$folder/state/status" \
        -o Dir::Cache="$folder/cache" -o APT::Sandbox::User=root "$@"
}
apt update
apt install -y --download-only --no-install-recommends libc6-dev libyaml-dev \
    libjansson-dev nettle-dev libhdf5-dev libgomp1 libcmocka-dev libopenblas-dev
for package in "$folder"/cache/archives/*.deb; do
    dpkg -x "$package" "$folder/root"
done
: >"$folder/complete"
