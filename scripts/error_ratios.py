#!/usr/bin/env python3
"""How far the runner is from exact arithmetic, and how far PyTorch is.

scripts/error_ratios.py RUNNER

Runs every golden (tests/golden/cases, and those of ../shared/reference/cases
where that folder is) and prints, a line a case, the largest distance from the
float64 run over all parameters, buffers, first losses and first outputs: the
runner's, PyTorch's float32, and their ratio; then the ratios' median. Exits
with 1 if the median is above 1: the runner's float32 would be the worse one.
"""
import json
import pathlib
import statistics
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tests" / "golden"))
import check_golden  # noqa: E402 (tests/golden's own modules)
from run_folder import RunFolder  # noqa: E402

FOLDERS = (ROOT / "tests" / "golden" / "cases", ROOT.parent / "shared" / "reference" / "cases")


def pairs(golden, run):
    """(the runner's numbers, the golden's) of all that is compared."""
    for name, both in {**golden["parameters"], **golden.get("buffers", {})}.items():
        yield run.weights[name], both
    yield run.losses[:check_golden.FIRST], golden["trace"]
    yield check_golden.flat(run.outputs[:check_golden.FIRST]), golden["predictions"]


def errors(golden, run):
    """The runner's largest error, and PyTorch's."""
    ours = theirs = 0.0
    for mine, both in pairs(golden, run):
        exact = check_golden.flat(both["float64"])
        ours = max(ours, check_golden.largest(mine[:len(exact)], exact))
        theirs = max(theirs, check_golden.largest(both["float32"], exact))
    return ours, theirs


def measure(runner, path):
    golden = json.loads(path.with_suffix(".json").read_text())
    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder(check_golden.run_or_exit(runner, path, folder, *check_golden.FULL))
    return errors(golden, run)


def main():
    runner, ratios = sys.argv[1], []
    cases = [path for folder in FOLDERS for path in sorted(folder.glob("*.yaml")) if path.with_suffix(".json").exists()]
    print(f"{'case':28} {'runner':>9} {'PyTorch':>9} {'ratio':>7}")
    for path in cases:
        ours, theirs = measure(runner, path)
        ratios.append(ours / theirs)
        name = path.stem + (" *" if path.parent == FOLDERS[1] else "")
        print(f"{name:28} {ours:9.3g} {theirs:9.3g} {ratios[-1]:7.3f}")
    median = statistics.median(ratios)
    print(f"{'median of ' + str(len(ratios)):28} {'':9} {'':9} {median:7.3f}")
    return 1 if median > 1 else 0


if __name__ == "__main__":
    sys.exit(main())
