# A random sweep draws what numpy's RandomState(random_state) gives; seeds are
# crossed with the draws; more runs leave those there were.
cat > random.yaml <<'Y'
extends: ROOT/configs/minimal.yaml
name: random
sweep:
  method: random
  max_runs: 5
  random_state: 7
  parameters:
    train.optimizer.lr: {distribution: log_uniform_values, min: 0.001, max: 0.1}
    train.batch_size: [5, 10, 20]
    seed: [1, 2]
    data.source.noise: {min: 0.0, max: 0.2}
    data.split.random_state: {min: 3, max: 9}
Y
sed -i "s|ROOT|$ROOT|" random.yaml
"$RUNNER" random.yaml -q
cp experiments/random/plan.json five.json
"$RUNNER" random.yaml -q sweep.max_runs=8
python3 - <<'P'
import json, math, random

def random_state(seed):
    """numpy's legacy generator in Python's own twister."""
    key = [seed]
    for i in range(1, 624):
        key.append((1812433253 * (key[-1] ^ key[-1] >> 30) + i) % 2**32)
    made = random.Random()
    made.setstate((3, tuple(key + [624]), None))
    return made

def randint(state, low, high):
    """low to high, both included."""
    while True:
        number = state.getrandbits(32) & 2 ** (high - low).bit_length() - 1
        if number <= high - low:
            return low + number

def draws(count):
    state = random_state(7)
    for _ in range(count):
        low, high = math.log(0.001), math.log(0.1)
        yield (math.exp(low + (high - low) * state.random()),
               [5, 10, 20][randint(state, 0, 2)], 0.2 * state.random(),
               randint(state, 3, 9))

for name, count in ("five.json", 5), ("experiments/random/plan.json", 8):
    runs = json.load(open(name))["runs"]
    wanted = [(seed, *draw) for seed in (1, 2) for draw in draws(count)]
    found = [tuple(run["values"].values()) for run in runs]
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted):
        assert all(math.isclose(x, y, rel_tol=1e-15) for x, y in zip(a, b)), (a, b)
five, eight = (json.load(open(name))["runs"]
               for name in ("five.json", "experiments/random/plan.json"))
ids = [run["id"] for run in eight]
print(all(run["id"] in ids for run in five), len(five), len(ids))
P
grep -c '"event":"run"' experiments/random/journal.jsonl
