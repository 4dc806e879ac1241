#!/bin/sh
# What a machine can judge without building: format, includes, shell scripts, the
# length of functions, and one static analyser. scripts/check.sh [CHECK ...]: all
# of them, or these. What is not installed is left out, and said.
set -eu
cd "$(dirname "$0")/.."
limit=80
failed=

c_files() {
    find engine runner tests -name '*.[ch]' | LC_ALL=C sort
}

have() {
    command -v "$1" >/dev/null && return 0
    echo "check: $2: no $1 here, left out"
    return 1
}

# The pinned version: another one formats otherwise.
check_format() {
    have clang-format-14 format || return 0
    c_files | xargs clang-format-14 --dry-run -Werror
}

check_includes() {
    python3 scripts/check_includes.py
}

check_shell() {
    have shellcheck shell || return 0
    shellcheck scripts/*.sh .ci/run
}

# ctags knows where a function ends if it is Universal Ctags.
check_length() {
    have ctags length || return 0
    if ! ctags --version | grep -q 'Universal Ctags'; then
        echo "check: length: not Universal Ctags, left out"
        return 0
    fi
    c_files | ctags -L - --languages=C --langmap=C:.c.h --c-kinds=f \
        --fields=+ne -o - | awk -F '\t' -v limit="$limit" '
        {
            line = end = 0
            for (i = 4; i <= NF; i++) {
                if ($i ~ /^line:/) line = substr($i, 6)
                if ($i ~ /^end:/) end = substr($i, 5)
            }
            if (end - line + 1 > limit) {
                printf "%s:%d: %s: %d lines, more than %d\n", $2, line, $1,
                    end - line + 1, limit
                bad = 1
            }
        }
        END { exit bad }'
}

# Suppressed: what the compilers judge better (unknown headers and macros), and
# an array that is filled by a loop over lanes, of which there is always one.
check_analysis() {
    have cppcheck analysis || return 0
    cppcheck --quiet --error-exitcode=1 --std=c11 --language=c -I . \
        -j "$(getconf _NPROCESSORS_ONLN)" --inline-suppr \
        --enable=warning,performance,portability \
        -DKERNEL_ISA=scalar -DKERNEL_WIDTH=1 -D_GNU_SOURCE \
        '-DRUNNER_VERSION="0"' -U__clang__ \
        --suppress=missingIncludeSystem --suppress=unknownMacro \
        --suppress=normalCheckLevelMaxBranches \
        --suppress=uninitvar:engine/nn/loss_elementwise.c \
        engine runner
}

for check in "${@:-format includes shell length analysis}"; do
    # One word a check, also where all of them are meant.
    for name in $check; do
        case $name in
        format | includes | shell | length | analysis) ;;
        *)
            echo "check: no '$name'; there are format, includes, shell," \
                "length, analysis" >&2
            exit 2
            ;;
        esac
        "check_$name" || failed="$failed $name"
    done
done
if [ -n "$failed" ]; then
    echo "check: wrong:$failed" >&2
    exit 1
fi
echo "check: all right"
