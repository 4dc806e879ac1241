# Packed runs: the same bytes whatever threads and lanes, and what the same
# sweep leaves in folders: summaries to the byte, records but for their files,
# tensors, and what show and compare print.
cat > mixed.yaml <<'Y'
name: mixed
description: "several shapes: 'quoted' # and more"
data:
  source: {type: make_moons, n_samples: 40, noise: 0.1}
  split: {test_size: 10, validation_size: 10}
  preprocess: [standard_scaler]
model:
  layers: [{type: linear, out_features: 3, name: hidden}, tanh, {type: linear, out_features: 1}]
train:
  loss: mse
  optimizer: {type: sgd, lr: 0.05}
  lr_schedule: {type: step_lr, step_size: 2}
  batch_size: 10
  steps: 4
output: {predictions: true}
sweep:
  parameters:
    seed: {min: 1, max: 240}
    model.layers.hidden.out_features: [2, 3, 5]
    train.optimizer: [{type: adam}, {type: sgd, lr: 1e30}, {type: sgd, lr: 0.1}]
    train.batch_size: [10, 5]
  where: "seed < 220 or train.batch_size == 5"
Y
run() {
    out=$1
    shift
    "$RUNNER" mixed.yaml -q --out $out "$@"
    echo "$out: $?"
}
run one -j 1 output.runs=packed
run five -j 5 output.runs=packed
RUNNER_LANES=1 run lane -j 2 output.runs=packed
for out in five lane; do
    diff -r -x journal.jsonl one $out || echo "$out differs"
done
ls one/mixed/runs
run packed output.runs=packed seed=1..14
run folders seed=1..14
for name in summary.csv summary.json; do
    cmp packed/mixed/$name folders/mixed/$name
done
for out in packed folders; do
    "$RUNNER" compare mixed --out $out --top 3 > $out.compare
    "$RUNNER" compare mixed --out $out --where 'seed < 9 and train.batch_size == 5' \
        --by train.optimizer.type >> $out.compare
    for id in $(cut -d, -f1 packed/mixed/summary.csv | sed -n '2p;5p;7p;$p'); do
        "$RUNNER" show mixed/$id --out $out | sed 1d
        "$RUNNER" show mixed/$id --out $out --json | python3 -c '
import json, sys
print(json.load(sys.stdin)["weights"])'
    done > $out.show
done
cmp packed.compare folders.compare
cmp packed.show folders.show
wc -l < packed.show
cat > check.py <<'P'
"""Every line and tensor of the blocks against the folder of the same run."""
import hashlib, json, pathlib, struct, sys

def read(path):
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header, values = json.loads(data[8:8 + length]), data[8 + length:]
    end = 0
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, stop = entry["data_offsets"]
        assert start == end and start % (8 if entry["dtype"] == "I64" else 4) == 0, name
        end = stop
    assert end == len(values)
    return header, values

def bytes_of(header, values, name):
    start, stop = header[name]["data_offsets"]
    return values[start:stop]

planned = [run["id"] for run in json.load(open("packed/mixed/plan.json"))["runs"]]
assert json.load(open("packed/mixed/plan.json"))["packed"] == 4096
found = 0
for block in sorted(pathlib.Path("packed/mixed/runs").glob("*.jsonl")):
    header, values = read(block.with_suffix(".safetensors"))
    text = block.read_bytes()
    lines = text.decode().splitlines()
    assert header["__metadata__"] == {
        "runs": str(len(lines)), "records_bytes": str(len(text)),
        "records_sha256": hashlib.sha256(text).hexdigest()}
    places = {}
    for name in header:
        if name.endswith("/runs"):
            numbers = struct.unpack("<%dq" % header[name]["shape"][0],
                                    bytes_of(header, values, name))
            assert list(numbers) == sorted(numbers)
            for row, line in enumerate(numbers):
                assert places.setdefault(line, (name[:-4], row)) == (name[:-4], row)
    for number, line in enumerate(lines):
        record = json.loads(line)
        assert record["id"] == planned[found]
        found += 1
        folder = pathlib.Path("folders/mixed/runs") / record["id"]
        other = json.loads((folder / "run.json").read_text())
        history = record.pop("history")
        assert record.pop("files") == [] and len(other.pop("files")) == 5
        assert list(record.items()) == list(other.items())
        csv = [row.split(",") for row in (folder / "history.csv").read_text().split()]
        assert list(history) == csv[0]
        rows = list(zip(*history.values()))
        assert [[("" if x is None else repr(x)) for x in row] for row in rows] == csv[1:]
        group, row = places[number]
        weights, floats = read(folder / "weights.safetensors")
        for name, entry in weights.items():
            packed = header[group + name]
            size = len(bytes_of(weights, floats, name))
            assert packed["shape"][1:] == entry["shape"], name
            assert bytes_of(header, values, group + name)[row * size:(row + 1) * size] == \
                bytes_of(weights, floats, name)
        outputs = bytes_of(header, values, group + "predictions")
        outputs = outputs[row * 40:(row + 1) * 40]
        assert header[group + "predictions"]["shape"][1:] == [10, 1]
        assert hashlib.sha256(outputs).hexdigest() == record["digest"]["predictions"]
assert found == len(planned)
print(found, "runs alike")
P
python3 check.py
