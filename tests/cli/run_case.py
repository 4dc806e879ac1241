#!/usr/bin/env python3
"""Runs one command-line test and compares what it printed with what is expected.

tests/cli/run_case.py [--update] RUNNER NAME

NAME.sh runs in a scratch folder of its own with RUNNER (the binary), ROOT (the
source tree) and a fixed environment. Beside it stand what it must print and
give:
    NAME.stdout, NAME.stderr    lines; `*` stands for anything within a line, a
                                line `...` for any number of lines; absent:
                                nothing may be printed
    NAME.exit                   the exit status; absent: 0
--update writes what was printed as the new expectation.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77


def run(runner, name, folder):
    environment = {"PATH": os.environ["PATH"], "HOME": folder, "LC_ALL": "C",
                   "RUNNER": str(pathlib.Path(runner).resolve()),
                   "ROOT": str(HERE.parent.parent)}
    for key in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"):
        if key in os.environ:
            environment[key] = os.environ[key]
    return subprocess.run(["sh", str(HERE / f"{name}.sh")], cwd=folder,
                          env=environment, capture_output=True, text=True,
                          timeout=300, stdin=subprocess.DEVNULL)


def line_matches(pattern, line):
    text = "".join(".*" if c == "*" else re.escape(c) for c in pattern)
    return re.fullmatch(text, line) is not None


def lines_match(patterns, lines):
    if not patterns:
        return not lines
    if patterns[0] == "...":
        return any(lines_match(patterns[1:], lines[i:]) for i in range(len(lines) + 1))
    return bool(lines) and line_matches(patterns[0], lines[0]) and \
        lines_match(patterns[1:], lines[1:])


def expected(name, what):
    path = HERE / f"{name}.{what}"
    return path.read_text() if path.exists() else ""


def update(name, found):
    for what, text in found.items():
        path = HERE / f"{name}.{what}"
        if text and not (what == "exit" and text == "0\n"):
            path.write_text(text)
        else:
            path.unlink(missing_ok=True)


def main():
    arguments = [a for a in sys.argv[1:] if a != "--update"]
    runner, name = arguments
    with tempfile.TemporaryDirectory() as folder:
        done = run(runner, name, folder)
    if done.returncode == SKIPPED:
        print(done.stdout, end="")
        return SKIPPED
    found = {"stdout": done.stdout, "stderr": done.stderr,
             "exit": f"{done.returncode}\n"}
    if "--update" in sys.argv:
        update(name, found)
        return 0
    bad = [what for what, text in found.items()
           if not lines_match((expected(name, what) or ("0" if what == "exit" else "")).splitlines(),
                              text.splitlines())]
    for what in bad:
        print(f"{name}: {what} differs\n--- expected\n{expected(name, what)}"
              f"--- found\n{found[what]}", end="")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
