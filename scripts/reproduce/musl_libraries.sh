#!/bin/sh
# musl_libraries.sh FOLDER: the libraries that the engine and its tests need,
# built with musl-gcc from Debian's sources into FOLDER/prefix. libgmp and the
# public-key half of nettle are left out.
set -eu
mkdir -p "$1"
folder=$(CDPATH='' cd -- "$1" && pwd -P)
[ ! -e "$folder/complete" ] || exit 0
mkdir -p "$folder/state/lists/partial" "$folder/cache/archives/partial" \
    "$folder/lists" "$folder/sources"
cd "$folder/sources"

# The same places that binary packages come from, asked for sources.
for list in /etc/apt/sources.list.d/*.sources; do
    [ ! -e "$list" ] || sed 's/^Types:.*/Types: deb-src/' "$list" \
        >"$folder/lists/$(basename "$list")"
done
for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ ! -s "$list" ] || sed -n 's/^deb /deb-src /p' "$list" \
        >"$folder/lists/$(basename "$list")"
done
apt() {
    apt-get -qq -o Dir::State="$folder/state" \
        -o Dir::State::status=/var/lib/dpkg/status -o Dir::Cache="$folder/cache" \
        -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$folder/lists" \
        -o APT::Sandbox::User=root "$@"
}
apt update
apt source --download-only cmocka jansson nettle
for name in cmocka jansson nettle; do
    rm -rf "$name"
    mkdir "$name"
    tar -xf "$(ls ${name}_*.orig.tar.?z)" -C "$name" --strip-components=1
done

by_cmake() {
    name=$1
    shift
    cmake -G Ninja -S "$name" -B "$name/build" -DCMAKE_C_COMPILER=musl-gcc \
        -DCMAKE_INSTALL_PREFIX="$folder/prefix" -DCMAKE_INSTALL_LIBDIR=lib "$@"
    ninja -C "$name/build" install
}
by_cmake cmocka -DWITH_EXAMPLES=OFF
by_cmake jansson -DJANSSON_BUILD_SHARED_LIBS=ON -DJANSSON_BUILD_DOCS=OFF \
    -DJANSSON_EXAMPLES=OFF -DJANSSON_WITHOUT_TESTS=ON
cd nettle
CC=musl-gcc ./configure -q --disable-static --disable-assembler \
    --disable-public-key --disable-documentation --disable-openssl \
    --prefix="$folder/prefix" --libdir="$folder/prefix/lib"
make -s libnettle.so
make -s install-headers install-shared-nettle nettle.pc
mkdir -p "$folder/prefix/lib/pkgconfig"
cp nettle.pc "$folder/prefix/lib/pkgconfig/"
: >"$folder/complete"
