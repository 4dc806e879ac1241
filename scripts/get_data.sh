#!/bin/sh
# Fetches the course's data files into data/ and checks them.
# scripts/get_data.sh [NAME ...]: all of them, or these.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
source=https://raw.githubusercontent.com/illinois-ipaml/MachineLearningForPhysics/main/data
sums='
d4a8f6dbb2c34e6ef76abe9a2489f62d108765f9769a6e3c93d51ef3337fb84e  blobs_data.hf5
714b04d6d66843fdbe4b19a40bb53463b087927300a1b8fa0522d7a0e0add9f7  blobs_targets.hf5
522bd033602e713a6ff4a6414c9793dfbf6bebb4e408742263874ac5d0b97217  circles_data.hf5
ae281b00c0b18b4bfa86d1be8172c3de8182a589c7931ac9077897d5425fec5f  circles_targets.hf5
efed5e5a7fd4978d686acaeaf722d60013d1178f2a698afa8cf89d7179716c6b  cluster_3d_data.hf5
a89a630b4a57601c36e2c67e43e3ac9932614d7d56122da35b031dd480e3a7a5  cluster_3d_targets.hf5
ed284355920eb06ae055c248a9db9f9414875de336e1fdfb312c9b8df3f0dbe8  cosmo_data.hf5
d6dc23fb65f9aa98ecdb34e569e5542c2a44ad22dba7f9531f4e8db5451bd8ab  cosmo_targets.hf5
2031fd9221e9776617f7b811ded95784782c5d314773ac10b796f8599ff6a1e5  ess_data.hf5
ad8615efbe4d9168bc1d02e9b5d778825123ef39e9665e4fcbb3c3a9f91954f0  ess_targets.hf5
d0e05fcdff1cfae379b2fef107f411055c0aea950e6f29ba267c097a7b7b2f35  photoz_data.hf5
53af3df3dc4dda07031d9b3614c25b84ba076ca31c5a0a43744df03e5da44f85  photoz_targets.hf5
539ce0bb79e45f74691c7aa956fd43124b2bf6af578d521363d796dc9af94aae  pong_data.hf5
4e7c811b5797f4e043f07a3f5426bf0a81e3f4b6ef765882d0edce2095401908  pong_targets.hf5
7a1ffb06ea7866bcc169fea2fa28a77f15e94e60334da620bf7c60aaa7d0aff7  spectra_data.hf5
13afe6641fc3a90459fb8773ba90d4cfabd953b631aa0f7ded412123bbab472e  spectra_targets.hf5
355c90d912ebcacbe76254cb16fc4ab2584183f0b2385a1b82ba539d32aec881  line_data.csv
3da67b82827eb992bfabb4af46c3b3de3d8464f603b18599e98c9b1ca9f5239d  line_targets.csv
'
for name; do
    case "$sums" in
        *"  $name
"*) ;;
        *)
            echo "get_data: there is no file '$name'; there are:" >&2
            echo "$sums" | sed -n 's/.*  /  /p' >&2
            exit 2
            ;;
    esac
done
mkdir -p "$root/data"
cd "$root/data"

fetch() {
    if command -v curl >/dev/null; then
        curl -fsSL -o "$2" "$1"
    elif command -v wget >/dev/null; then
        wget -q -O "$2" "$1"
    else
        echo "get_data: install curl or wget first" >&2
        return 1
    fi
}

wanted() {
    [ $# -gt 1 ] || return 0
    name=$1
    shift
    for each; do
        [ "$each" = "$name" ] && return 0
    done
    return 1
}

is_right() {
    [ -f "$1" ] && echo "$2  $1" | sha256sum -c --status
}

echo "$sums" | while read -r sum name; do
    [ -n "$sum" ] || continue
    wanted "$name" "$@" || continue
    if is_right "$name" "$sum"; then
        echo "data/$name: there"
        continue
    fi
    fetch "$source/$name" "$name.part"
    if ! is_right "$name.part" "$sum"; then
        rm -f "$name.part"
        echo "data/$name: what came is not the file that is expected" >&2
        exit 1
    fi
    mv "$name.part" "$name"
    echo "data/$name: fetched"
done
