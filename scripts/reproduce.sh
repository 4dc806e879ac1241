#!/bin/sh
# scripts/reproduce.sh [--all | --list | CELL …]: runs the experiments of
# experiments/reference once in each cell (an instruction set, a compiler, a
# number of threads, an environment) and compares every byte under runs/, and
# plan and summaries, with the committed records. Prints a table; exit 1 if a
# cell differs. Without arguments: the cells that need no build of their own.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
records=$root/experiments/reference
work=$root/build/reproduce
# What a cell does not set is as in a plain terminal.
unset RUNNER_ISA RUNNER_LANES OMP_NUM_THREADS
export LC_ALL=C

# name, kind, what the kind takes
cells() {
    cat <<'LIST'
scalar             isa     scalar
x86-64-v2          isa     v2
x86-64-v3          isa     v3
x86-64-v4          isa     v4
one-lane           plain   env RUNNER_LANES=1
full-lanes         plain   env RUNNER_LANES=full
1-thread           threads 1
2-threads          threads 2
7-threads          threads 7
german             locale  de_DE
turkish            locale  tr_TR
time-zone          plain   env TZ=Pacific/Kiritimati
umask              umask   077
path               path    a folder with spaces, and dots.
environment        plain   env -i OMP_NUM_THREADS=3 OMP_DYNAMIC=true
no-fma             plain   env GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX512F
gcc-O0             build   gcc -O0
gcc-O2             build   gcc -O2
gcc-O3             build   gcc -O3
clang-O0           build   clang -O0
clang-O2           build   clang -O2
clang-O3           build   clang -O3
aarch64            aarch64 neon
aarch64-scalar     aarch64 scalar
musl               musl    -
LIST
}

said=
skip() {
    said="skipped: $*"
    return 2
}

# run_all OUT COMMAND …: every experiment by that command.
run_all() {
    out=$1
    shift
    for config in "$records"/*/config.yaml; do
        "$@" "$config" -q --out "$out" >>"$log" 2>&1 || return 1
    done
}

# Every record of the cell against the committed one.
compare() {
    for folder in "$records"/*/; do
        made=$1/$(basename "$folder")
        diff -r -x journal.jsonl -x .work -x config.yaml "$folder" "$made" \
            >>"$log" 2>&1 || return 1
        diff -r "$folder/runs" "$made/runs" >>"$log" 2>&1 || return 1
    done
}

cell_plain() {
    run_all "$out" "$@" "$root/build/runner" && compare "$out"
}

cell_isa() {
    "$root/build/runner" --version | grep -Eq "[ (]$1[ )]" ||
        skip "this machine lacks it" || return
    cell_plain env RUNNER_ISA="$1"
}

cell_threads() {
    for config in "$records"/*/config.yaml; do
        "$root/build/runner" "$config" -q -j "$1" --out "$out" >>"$log" 2>&1 ||
            return 1
    done
    compare "$out"
}

cell_locale() {
    mkdir -p "$work/locales"
    [ -d "$work/locales/$1.UTF-8" ] ||
        localedef -i "$1" -f UTF-8 "$work/locales/$1.UTF-8" >>"$log" 2>&1 ||
        skip "needs Debian's locales" || return
    cell_plain env LOCPATH="$work/locales" LC_ALL="$1.UTF-8" LANG="$1.UTF-8"
}

cell_umask() {
    (umask "$1" && cell_plain env)
}

cell_path() {
    there="$out/$*"
    mkdir -p "$there"
    cp "$root/build/runner" "$there/" && cp -r "$root/configs" "$records" "$there/"
    (cd "$there" && for config in reference/*/config.yaml; do
        sed -i 's,\.\./\.\./\.\./configs,../../configs,' "$config"
        ./runner "$config" -q --out "results of today" >>"$log" 2>&1 || exit 1
    done) && compare "$there/results of today"
}

cell_build() {
    command -v "$1" >/dev/null || skip "no $1" || return
    CC=$1 "$root/scripts/build.sh" "build/reproduce/$1$2" None \
        -DCMAKE_C_FLAGS="$2" -DCMAKE_C_COMPILER="$1" -DBUILD_TESTING=OFF >>"$log" 2>&1 || return 1
    run_all "$out" "$work/$1$2/runner" && compare "$out"
}

cell_aarch64() {
    command -v qemu-aarch64 >/dev/null && command -v aarch64-linux-gnu-gcc >/dev/null ||
        skip "needs qemu-user and gcc-aarch64-linux-gnu" || return
    "$root/scripts/reproduce/aarch64_sysroot.sh" "$work/sysroot" >>"$log" 2>&1 || return 1
    RUNNER_SYSROOT=$work/sysroot/root
    export RUNNER_SYSROOT
    "$root/scripts/build.sh" build/reproduce/aarch64 Release -DBUILD_TESTING=OFF \
        -DCMAKE_TOOLCHAIN_FILE="$root/scripts/reproduce/aarch64.cmake" >>"$log" 2>&1 || return 1
    run_all "$out" env RUNNER_ISA="$1" qemu-aarch64 -L "$RUNNER_SYSROOT" \
        "$work/aarch64/runner" && compare "$out"
}

# The engine and its tests alone; time_pack's digests of weights and histories
# stand for the records.
cell_musl() {
    command -v musl-gcc >/dev/null || skip "needs musl-tools" || return
    "$root/scripts/reproduce/musl_libraries.sh" "$work/musl_libraries" >>"$log" 2>&1 || return 1
    RUNNER_PREFIX=$work/musl_libraries/prefix
    export RUNNER_PREFIX
    "$root/scripts/build.sh" build/reproduce/musl Release -DRUNNER_ENGINE_ONLY=ON \
        -DCMAKE_TOOLCHAIN_FILE="$root/scripts/reproduce/musl.cmake" >>"$log" 2>&1 || return 1
    (cd "$work/musl" && ctest -j 2) >>"$log" 2>&1 || return 1
    "$root/build/time_pack" 1 | awk '{ print $1, $2, $3, $NF }' >"$out/here"
    "$work/musl/time_pack" 1 | awk '{ print $1, $2, $3, $NF }' >"$out/musl"
    diff "$out/here" "$out/musl" >>"$log" 2>&1
}

passed=0 failed=0 skipped=0
# run_cell NAME KIND WORDS …
run_cell() {
    name=$1 kind=$2
    shift 2
    out=$work/results/$name log=$work/$name.log said=
    rm -rf "$out"
    mkdir -p "$out"
    : >"$log"
    begun=$(date +%s)
    status=0
    "cell_$kind" "$@" || status=$?
    case $status in
    0) verdict=same passed=$((passed + 1)) ;;
    2) verdict=$said skipped=$((skipped + 1)) ;;
    *) verdict=DIFFERS failed=$((failed + 1)) ;;
    esac
    printf '%-16s %5d s  %s\n' "$name" $(($(date +%s) - begun)) "$verdict"
    [ "$status" -eq 0 ] || [ "$status" -eq 2 ] || tail -n 5 "$log" >&2
    rm -rf "$out"
}

wanted() {
    case $1 in
    --all) cells ;;
    '') cells | grep -Ev '^[^ ]+ +(build|aarch64|musl) ' ;;
    *) for name in "$@"; do
        cells | grep -E "^$name " ||
            { echo "reproduce: no cell '$name'; see --list" >&2; exit 2; }
    done ;;
    esac
}

[ "${1:-}" != --list ] || { cells; exit 0; }
list=$(wanted "${@:-}")
"$root/scripts/build.sh" build Release
mkdir -p "$work"
while read -r name kind words; do
    # shellcheck disable=SC2086
    run_cell "$name" "$kind" $words </dev/null
done <<LIST
$list
LIST
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
