#!/usr/bin/env python3
"""Makes the n-th allocation or file operation of a run fail, for every n.

tests/fault/run_faults.py [--skip REASON] RUNNER SHIM

SHIM is fail_shim.so. For each kind of fault and n = 1, 2, ... until a run is
through without meeting one, after each fault:
    - exit 0 and the results of an undisturbed run, or exit 5 and one error
      on stderr; no signal but the SIGKILL that was asked for;
    - a folder under runs/ is whole and agrees with its run.json, or is not there;
      so is a block of packed runs, with its .safetensors;
    - the next run, undisturbed, leaves the same tree as if nothing had been
      (journal.jsonl apart).
Exits 77 where it can't be tried.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CONFIG = ROOT / "configs" / "minimal.yaml"
OVERRIDES = ["train.epochs=2", "output.predictions=true"]
PACKED = ["seed=1..3", "output.runs=packed", "-j", "1"]
CHECKPOINTS = ["train.checkpoint_every=2"]
FORMS = {"packed": PACKED, "checkpoints": CHECKPOINTS,
         "packed checkpoints": PACKED + CHECKPOINTS}

# Family, how, whether it must be harmless, whether a finished run is done again
# over its folder, after which n the next run is tried (every k-th), and the form
# of the runs. That a checkpoint can't be written is a remark and harmless.
SCENARIOS = [
    ("file", "EIO", False, False, 1, ""),
    ("file", "always:ENOSPC", False, False, 1, ""),
    ("file", "kill", False, False, 1, ""),
    ("file", "EINTR", True, False, 4, ""),
    ("file", "short", True, False, 4, ""),
    ("file", "ENOSPC", False, True, 2, ""),
    ("file", "kill", False, True, 2, ""),
    ("file", "ENOSYS", False, True, 2, ""),
    ("memory", "ENOMEM", False, False, 20, ""),
    ("memory", "ENOMEM", False, True, 50, ""),
    ("file", "EIO", False, False, 1, "packed"),
    ("file", "always:ENOSPC", False, False, 1, "packed"),
    ("file", "kill", False, False, 1, "packed"),
    ("file", "EINTR", True, False, 4, "packed"),
    ("file", "short", True, False, 4, "packed"),
    ("file", "ENOSPC", False, True, 2, "packed"),
    ("file", "kill", False, True, 1, "packed"),
    ("memory", "ENOMEM", False, False, 30, "packed"),
    ("file", "EIO", False, False, 1, "checkpoints"),
    ("file", "always:ENOSPC", False, False, 1, "checkpoints"),
    ("file", "kill", False, False, 1, "checkpoints"),
    ("file", "EINTR", True, False, 4, "checkpoints"),
    ("file", "short", True, False, 4, "checkpoints"),
    ("file", "kill", False, True, 2, "checkpoints"),
    ("file", "kill", False, False, 1, "packed checkpoints"),
]
MOST = 20000  # a run that never gets through is a fault of the test


class Fault(Exception):
    pass


def expect(condition, message):
    if not condition:
        raise Fault(message)


def tree(folder):
    """Every file's bytes and every folder, by path; the journal apart."""
    return {str(path.relative_to(folder)):
            path.read_bytes() if path.is_file() else None
            for path in sorted(folder.rglob("*")) if path.name != "journal.jsonl"}


def results(found):
    return {path: data for path, data in found.items()
            if not path.startswith("minimal/.work/")}


def check_blocks(out):
    for lines in out.glob("minimal/runs/*.jsonl"):
        text = lines.read_bytes()
        header = lines.with_suffix(".safetensors").read_bytes()
        header = json.loads(header[8:8 + int.from_bytes(header[:8], "little")])
        expect(header["__metadata__"]["records_sha256"] ==
               hashlib.sha256(text).hexdigest(), f"{lines}: differs")


def check_runs(out):
    check_blocks(out)
    for folder in out.glob("minimal/runs/*"):
        if folder.suffix in (".jsonl", ".safetensors"):
            continue
        expect(re.fullmatch("[0-9a-f]{16}", folder.name), f"{folder}: no id")
        record = json.loads((folder / "run.json").read_text())
        expect(record["id"] == folder.name, f"{folder}: another run's record")
        names = sorted(["run.json"] + [row["name"] for row in record["files"]])
        expect(sorted(os.listdir(folder)) == names, f"{folder}: other files")
        for row in record["files"]:
            data = (folder / row["name"]).read_bytes()
            expect(hashlib.sha256(data).hexdigest() == row["sha256"] and
                   len(data) == row["bytes"], f"{folder}/{row['name']}: differs")


def is_clean(lines):
    """One error, which may have the config's line and a caret below it."""
    return len(lines) in (1, 3) and "error: " in lines[0] and \
        not any("error: " in line for line in lines[1:])


class Trial:
    """One scenario: the same run again and again, the fault one call later."""

    def __init__(self, runner, shim, scratch, scenario, number):
        self.runner, self.shim = runner, shim
        self.family, self.how, self.harmless, self.again, self.step, form = scenario
        self.form = FORMS.get(form, [])
        self.name = " ".join([self.family, self.how] + ["again"] * self.again +
                             [form] * bool(form))
        self.folder = scratch / str(number)
        self.folder.mkdir()
        self.report = self.folder / "report"
        self.calm = self.folder / "calm"
        self.out = self.folder / "out"
        done = self.run(self.calm)
        expect(done.returncode == 0, f"undisturbed: {done.stderr}")
        self.expected = tree(self.calm)

    def run(self, out, at=0):
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
        if at:
            environment.update(LD_PRELOAD=str(self.shim), FAIL_AT=str(at),
                               FAIL_FAMILY=self.family, FAIL_HOW=self.how,
                               FAIL_REPORT=str(self.report))
        command = [str(self.runner), str(CONFIG), *OVERRIDES, *self.form, "-q",
                   "--out", str(out)]
        if at and self.again:
            command.append("-f")
        return subprocess.run(command, env=environment, capture_output=True,
                              text=True, timeout=60, stdin=subprocess.DEVNULL)

    def prepare(self):
        shutil.rmtree(self.out, ignore_errors=True)
        if self.again:
            shutil.copytree(self.calm, self.out)

    def check_end(self, done):
        lines = [line for line in done.stderr.splitlines()
                 if "without this checkpoint" not in line]
        if self.how == "kill":
            expect(done.returncode == -signal.SIGKILL, f"exit {done.returncode}")
        elif done.returncode == 5 and not self.harmless:
            expect(is_clean(lines), f"stderr: {lines}")
        else:
            expect(done.returncode == 0, f"exit {done.returncode}: {lines}")
            expect(not lines, f"exit 0, but stderr: {lines}")
            expect(results(tree(self.out)) == self.expected, "exit 0, other results")
        expect(not done.stdout, f"stdout: {done.stdout}")

    def check_next(self):
        done = self.run(self.out)
        lines = [line for line in done.stderr.splitlines() if "remark" not in line]
        expect(done.returncode == 0 and not lines,
               f"next run: exit {done.returncode}: {lines}")
        found = tree(self.out)
        differing = [path for path in sorted(set(found) | set(self.expected))
                     if found.get(path, 0) != self.expected.get(path, 0)]
        expect(not differing, f"next run: differs in {differing}")

    def fail_at(self, n):
        """False if the run had fewer calls."""
        self.prepare()
        done = self.run(self.out, n)
        call = self.report.read_text()
        if not call:
            expect(done.returncode == 0, f"no fault, exit {done.returncode}")
            return False
        try:
            self.check_end(done)
            check_runs(self.out)
            if n % self.step == 0:
                self.check_next()
        except (Fault, OSError, ValueError, KeyError) as fault:
            raise Fault(f"{self.name}, call {n} ({call}): {fault}") from fault
        return True


def try_scenario(arguments):
    trial, failures, n = Trial(*arguments), [], 1
    while n < MOST and len(failures) < 5:
        try:
            if not trial.fail_at(n):
                return trial.name, n - 1, failures
        except Fault as fault:
            failures.append(str(fault))
        n += 1
    return trial.name, n - 1, failures or ["never through"]


def main():
    arguments = sys.argv[1:]
    if "--skip" in arguments:
        print("skipped:", arguments[arguments.index("--skip") + 1])
        return 77
    runner, shim = (pathlib.Path(a).resolve() for a in arguments[-2:])
    if not sys.platform.startswith("linux"):
        print("skipped: LD_PRELOAD and renameat2() are Linux'")
        return 77
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    wrong = 0
    with tempfile.TemporaryDirectory(dir=memory) as scratch, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        # LD_PRELOAD is cut at blanks, which the build folder's name may have.
        shim = shutil.copy(shim, scratch)
        work = [(runner, shim, pathlib.Path(scratch), scenario, number)
                for number, scenario in enumerate(SCENARIOS)]
        # The longest first.
        for name, count, failures in pool.map(try_scenario, reversed(work)):
            print(f"{name}: {count} calls, {len(failures)} wrong", flush=True)
            print("".join(f"  {failure}\n" for failure in failures), end="")
            wrong += bool(failures) or count == 0
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
