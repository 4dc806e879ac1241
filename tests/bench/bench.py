#!/usr/bin/env python3
"""Speed as ratios taken in one run: scripts/bench.sh builds and calls this.

tests/bench/bench.py [PART ...]

A part prints a row for each thing that it measures: ours, what it is held
against, their ratio, and the bar where there is one, with "met" or "not met" (a
bar judges the ratio, or ours where there is none). All figures are medians of
repetitions in which both sides take turns.
"""
import ctypes
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, "build")
BENCH = os.path.join(ROOT, "tests", "bench")
RUNNER = os.path.join(BUILD, "runner")
NOTEBOOK = os.path.join(ROOT, "configs", "circles_adagrad.yaml")
PYTHON = sys.executable

# Which of OpenBLAS's kernels run is the machine's choice here, not the shell's.
for key in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(key, None)
ONE_THREAD = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

bars = []


def text(number):
    return "-" if number is None else f"{number:.4g}"


def row(what, ours, theirs=None, ratio=None, bar=None):
    """`bar` is (">=" or "<=", number): of the ratio, else of ours."""
    said = ""
    if bar:
        value = ours if ratio is None else ratio
        met = value >= bar[1] if bar[0] == ">=" else value <= bar[1]
        bars.append((met, what))
        said = f"{bar[0]} {bar[1]:g}: {'met' if met else 'not met'}"
    print(f"  {what:58} {text(ours):>9} {text(theirs):>9} {text(ratio):>8}  {said}".rstrip(), flush=True)


def head(what, ours="ours", theirs=""):
    print(f"  {what:58} {ours:>9} {theirs:>9} {'ratio' if theirs else '':>8}".rstrip(), flush=True)


def note(words):
    print(f"  ({words})", flush=True)


# ------------------------------------------------------------------ the machine

def busy_share():
    """Cores at work during a moment, beside this process."""
    def jiffies():
        with open("/proc/stat") as stat:
            numbers = [int(word) for word in stat.readline().split()[1:]]
        return numbers[3] + numbers[4], sum(numbers[:8])
    idle, total = jiffies()
    time.sleep(0.5)
    idle_later, total_later = jiffies()
    return (1 - (idle_later - idle) / max(total_later - total, 1)) * os.cpu_count()


def refuse_busy():
    busy = busy_share()
    if busy > 0.15 and not os.environ.get("BENCH_ANYWAY"):
        sys.exit(f"bench: the machine is busy ({busy:.2f} cores at work)")


def describe():
    with open("/proc/cpuinfo") as info:
        models = re.findall(r"^model name\s*: (.*)$", info.read(), re.M)
    print(f"machine: {models[0] if models else 'unknown'}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}")
    for line in output([RUNNER, "--version"]).splitlines():
        print(f"runner:  {line}")


def torch_refusal():
    """Why there is nothing to compare with, or None."""
    try:
        core = ctypes.CDLL("libblas.so.3").openblas_get_corename
    except (OSError, AttributeError):
        return "libblas.so.3 is not OpenBLAS (update-alternatives --config libblas.so.3-x86_64-linux-gnu)"
    if subprocess.run([PYTHON, "-c", "import torch, sklearn"], capture_output=True).returncode:
        return f"no PyTorch or scikit-learn at {PYTHON}"
    core.restype = ctypes.c_char_p
    version = output([PYTHON, "-c", "import torch; print(torch.__version__)"]).strip()
    note(f"PyTorch {version} on one thread, OpenBLAS with its kernels for {core().decode()}")
    return None


def has_torch():
    why = torch_refusal()
    if why:
        note(f"not compared with PyTorch: {why}")
    return why is None


# ---------------------------------------------------------------------- running

def output(words, env=None):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True, env=env).stdout


class Spent:
    """Wall and core seconds of a command, and its most resident memory."""

    def __init__(self, words, env=None):
        start = time.perf_counter()
        child = subprocess.Popen(words, stdout=subprocess.DEVNULL, env=env)
        _, state, usage = os.wait4(child.pid, 0)
        self.wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(state)
        if child.returncode:
            sys.exit(f"bench: {' '.join(words)}: exit status {child.returncode}")
        self.core = usage.ru_utime + usage.ru_stime
        self.memory = usage.ru_maxrss * 1024


class Folder:
    """Where results go; each run has a fresh folder, none is removed before the
    end (some file systems are slow for a while after that)."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="bench.")
        self.count = 0

    def config(self, name, lines, runs="folders"):
        path = os.path.join(self.path, f"{name}.yaml")
        with open(path, "w") as file:
            file.write(f"name: {name}\noutput: {{runs: {runs}}}\n{lines}")
        return path

    def run(self, config, threads=1, **environment):
        self.count += 1
        out = os.path.join(self.path, f"out-{self.count}")
        return Spent([RUNNER, "-q", f"-j{threads}", "--out", out, config], dict(os.environ, **environment))


def medians(repetitions, *functions):
    """The median of each function's values, which take turns."""
    values = [[] for _ in functions]
    for _ in range(repetitions):
        for function, kept in zip(functions, values):
            kept.append(function())
    return [statistics.median(kept) for kept in values]


def process_times(runs, *words):
    return float(output([os.path.join(BUILD, "time_process"), str(runs), *words]).split()[1])


def notebook_time():
    """Milliseconds of the notebook's code in PyTorch, without imports and data."""
    return statistics.median(
        float(output([PYTHON, BENCH + "/notebook.py"], ONE_THREAD)) for _ in range(3))


# ------------------------------------------------------------------------ parts

def part_process(folder):
    head("whole processes, wall ms, median of 40", "ours", "PyTorch")
    row("start-up (runner --version)", process_times(40, RUNNER, "--version"))
    fresh = process_times(40, RUNNER, "-q", "-f", "--out", folder.path + "/process-{}", NOTEBOOK)
    row("circles_adagrad, fresh folder", fresh, bar=("<=", 15))
    row("circles_adagrad, kept", process_times(40, RUNNER, "-q", "--out", folder.path + "/process-0", NOTEBOOK))
    if has_torch():
        theirs = notebook_time()
        row("the notebook's code without imports and data", fresh, theirs, theirs / fresh)


SEEDS = "sweep: {{parameters: {{seed: {{min: 1, max: {0}}}}}}}\n"
RATES = "sweep: {{parameters: {{train.optimizer.lr: {{min: 0.001, max: 1.0, num: {0}}}}}}}\n"


def sweep_config(folder, name, axis, runs, form):
    return folder.config(name, f"extends: {NOTEBOOK}\n" + axis.format(runs), form)


FILE_BYTES = {"config.yaml": 1000, "metrics.csv": 650, "history.csv": 1500, "weights.safetensors": 320, "run.json": 4300}


def bare_folders(folder, runs):
    """Core ms that the system takes for a run's folder and files alone. ext4 without
    a journal takes several times as long for five minutes after many are removed."""
    root = os.path.join(folder.path, "bare")
    os.mkdir(root)
    start = resource.getrusage(resource.RUSAGE_SELF).ru_stime
    for run in range(runs):
        work, place = f"{root}/work", f"{root}/{run * 2654435761 % 2**32:08x}"
        os.mkdir(work)
        for name, size in FILE_BYTES.items():
            file = os.open(f"{work}/{name}", os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            os.write(file, bytes(size))
            os.close(file)
        os.rename(work, place)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_stime - start) * 1e3 / runs


# What the notebook's code in PyTorch took where the bars of sweeps were set.
NOTEBOOK_MS = 1530


def part_sweeps(folder):
    runs, measured = 1000, []
    head(f"{runs} runs of circles_adagrad, everything recorded")
    row("a run's folder and files by themselves: core ms", bare_folders(folder, runs))
    for axis_name, axis, most in (("seeds", SEEDS, 1.5), ("rates", RATES, 1.0)):
        for form in ("packed", "folders"):
            config = sweep_config(folder, f"{axis_name}_{form}", axis, runs, form)
            core, wall = [], []
            for _ in range(5):
                core.append(folder.run(config).core * 1e3 / runs)
                wall.append(folder.run(config, 2).wall)
            measured.append((f"{axis_name}, {form}", statistics.median(core), most))
            row(f"{axis_name}, {form}: core ms a run", statistics.median(core), bar=("<=", most))
            row(f"{axis_name}, {form}: seconds on two threads", statistics.median(wall), bar=("<=", 1))
    if has_torch():
        head("the same, core ms a run", "ours", "PyTorch")
        theirs = notebook_time()
        for what, ours, most in measured:
            row(what, ours, theirs, theirs / ours, (">=", NOTEBOOK_MS / most))
    head("the engine alone, core ms a run of a full pack", "v3", "v4")
    ours = {}
    for line in output([BUILD + "/time_pack", "15"]).splitlines():
        isa, _, case, _, median, _ = line.split()
        ours[isa, case] = float(median)
    for case in ("seeds", "rates", "alone"):
        if ("v4", case) in ours:
            ratio = ours["v3", case] / ours["v4", case]
            row(f"AVX2 beside AVX-512, {case}", ours["v3", case], ours["v4", case], ratio, ("<=", 2.2))


def part_large(folder):
    head("100,000 seeds of circles_adagrad, packed, two threads", "100,000", "1,000")
    few = sweep_config(folder, "few", SEEDS, 1000, "packed")
    many = sweep_config(folder, "many", SEEDS, 100000, "packed")
    small = [folder.run(few, 2) for _ in range(5)]
    large = folder.run(many, 2)
    core = statistics.median(spent.core for spent in small)
    row("core ms a run", large.core / 100, core, large.core / 100 / core, ("<=", 1.25))
    wall = statistics.median(spent.wall for spent in small)
    row("wall ms a run", large.wall / 100, wall, large.wall / 100 / wall, ("<=", 1.25))
    row("resident memory, MiB; bar: 64 MiB + 1 KiB a run", large.memory / 2**20, bar=("<=", 64 + 100000 / 1024))


def part_threads(folder):
    head("a second thread: time on one / on two, of twice the work", "sweep", "registers")
    config = sweep_config(folder, "threads", SEEDS, 1000, "packed")
    loops, sweeps = [], []
    for _ in range(9):
        loops.append(float(output([BUILD + "/time_threads", "5"]).split()[2]))
        sweeps.append(folder.run(config, 1).wall / folder.run(config, 2).wall / 2)
    ours, theirs = statistics.median(sweeps), statistics.median(loops)
    row("1,000 seeds, packed, whole processes", ours, theirs, ours / theirs, (">=", 0.93))


# rows x outputs x inputs: bars of v4 and of v3.
PRODUCTS = {
    "128 x 512 x 784": (1.0, 0.9), "128 x 512 x 512": (1.0, 0.9), "1024 x 1024 x 1024": (0.94, 0.9),
    "128 x 10 x 512": (0.8, None),
}


def product_speeds(isa, core):
    env = dict(os.environ, OPENBLAS_CORETYPE=core) if core else None
    speeds, size = {}, None
    for line in output([BUILD + "/time_products", "15", isa], env).splitlines():
        words = line.split()
        if re.match(r"\d+ x", line):
            size = line.strip()
        elif words and words[0] in (isa, "OpenBLAS") and size:
            speeds.setdefault(size, {})[words[0]] = float(words[-1])
    return speeds


def part_products(folder):
    del folder
    copies = output([RUNNER, "--version"])
    for index, isa, core in ((0, "v4", None), (1, "v3", "Haswell")):
        if isa not in copies:
            continue
        head(f"a linear layer's three products, GFLOP/s, {isa}", "ours", core or "OpenBLAS")
        rounds = [product_speeds(isa, core) for _ in range(3)]
        for size in rounds[0]:
            if "OpenBLAS" not in rounds[0][size]:
                row(size, statistics.median(speeds[size][isa] for speeds in rounds))
                continue
            ours, theirs = (statistics.median(speeds[size][who] for speeds in rounds) for who in (isa, "OpenBLAS"))
            least = PRODUCTS.get(size, (None, None))[index]
            row(size, ours, theirs, ours / theirs, (">=", least) if least else None)


# The first words of a line of torch_layers.py or torch_recurrent.py, and its bar.
NETWORKS = {
    "lenet batch=50 runs=1": 3, "spectra batch=50 runs=1": 3,
    "lstm T=140 F=1 H=128 batch=50 runs=1": 2.2, "gru T=140 F=1 H=128 batch=50 runs=1": 2.2,
}


def network_times(rounds, program):
    times = {}
    for _ in range(rounds):
        script = program.replace("time_", "torch_") + ".py"
        for line in output([PYTHON, f"{BENCH}/{script}", f"{BUILD}/{program}", "20"], ONE_THREAD).splitlines()[1:]:
            *label, ours, _, theirs, _, _ = line.split()
            times.setdefault(" ".join(label), []).append((float(ours), float(theirs)))
    return times


def part_networks(folder):
    del folder
    if not has_torch():
        return
    head("an update of one run, ms", "ours", "PyTorch")
    ours, theirs = medians(
        3, lambda: float(output([BUILD + "/time_mlp", "3"])),
        lambda: float(output([PYTHON, BENCH + "/mlp.py"], ONE_THREAD)))
    row("784-512-512-10 batch=128", ours, theirs, theirs / ours, (">=", 1.1))
    for program in ("time_layers", "time_recurrent"):
        for label, pairs in network_times(3, program).items():
            ours, theirs = (statistics.median(values) for values in zip(*pairs))
            bar = NETWORKS.get(label)
            row(label, ours, theirs, theirs / ours, (">=", bar) if bar else None)


# torch_packs.py has the same networks, rows, batches and steps.
PACKS = {
    "cnn": (64, """\
    - {type: reshape, shape: [1, 8, 8]}
    - {type: conv2d, out_channels: 4, kernel_size: 3, padding: 1}
    - relu
    - {type: max_pool2d, kernel_size: 2}
    - flatten
"""),
    "lstm": (20, """\
    - {type: reshape, shape: [10, 2]}
    - {type: lstm, hidden_size: 12}
    - last_step
"""),
}
PACK_CONFIG = """\
data:
  source: {{type: make_blobs, n_samples: 500, n_features: {0}, centers: 4, cluster_std: 8.0, random_state: 1}}
  split: {{test_size: 100, random_state: 1}}
model:
  layers:
{1}    - {{type: linear, out_features: 4}}
train:
  loss: cross_entropy
  optimizer: {{type: adam, lr: 0.01}}
  batch_size: 32
  steps: 500
sweep: {{parameters: {{seed: {{min: 1, max: 200}}}}}}
"""


def part_packs(folder):
    if not has_torch():
        return
    head("sweeps of 200 seeds, ms a run, one core each", "ours", "PyTorch")
    note("ours: whole processes, everything recorded; PyTorch's: the median of 3 runs without imports and data")
    for name, (features, layers) in PACKS.items():
        config = folder.config(name, PACK_CONFIG.format(features, layers))
        ours, theirs = medians(
            3, lambda config=config: folder.run(config).wall * 1e3 / 200,
            lambda name=name: float(output([PYTHON, BENCH + "/torch_packs.py", name], ONE_THREAD)))
        row(f"small {name}s, 500 updates of 32 rows", ours, theirs, theirs / ours, (">=", 10))


PARTS = {
    "process": part_process, "sweeps": part_sweeps, "large": part_large, "threads": part_threads,
    "products": part_products, "networks": part_networks, "packs": part_packs,
}


def main():
    names = sys.argv[1:] or list(PARTS)
    for name in names:
        if name not in PARTS:
            sys.exit(f"bench: no part '{name}'; there are {', '.join(PARTS)}")
    refuse_busy()
    describe()
    for name in names:
        refuse_busy()
        print(f"{name}:")
        folder = Folder()
        try:
            PARTS[name](folder)
        finally:
            shutil.rmtree(folder.path)
    print(f"bars: {sum(met for met, _ in bars)} of {len(bars)} met")
    for met, what in bars:
        if not met:
            print(f"  not met: {what}")


if __name__ == "__main__":
    main()
