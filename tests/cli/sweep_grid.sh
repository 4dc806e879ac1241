# A grid: seeds outermost, then axes in file order, the last fastest, in
# plan.json and in summary.csv; duplicates run once; the best are shown.
cat > grid.yaml <<'Y'
extends: ROOT/configs/minimal.yaml
name: grid
seed: 9
sweep:
  metric: {name: test.accuracy, goal: maximize}
  parameters:
    train.optimizer: [{type: adam, lr: 1E-2}, {type: sgd, lr: +.1}, {type: adam, lr: 0.01}]
    seed: {min: 1, max: 2}
    model.layers.0.out_features: [2, 3]
Y
sed -i "s|ROOT|$ROOT|" grid.yaml
"$RUNNER" plan grid.yaml
"$RUNNER" grid.yaml -n --json | python3 -c 'import json, sys
plan = json.load(sys.stdin)
print(plan["combinations"], plan["duplicates"], plan["runs"], plan["finished"])'
ls
"$RUNNER" grid.yaml | sed 's/^  [0-9.]* *[0-9a-f]* /  VALUE ID/'
python3 - <<'P'
import csv, json
plan = json.load(open("experiments/grid/plan.json"))
rows = list(csv.reader(open("experiments/grid/summary.csv")))
summary = json.load(open("experiments/grid/summary.json"))
print(rows[0][:6])
for run, row, entry in zip(plan["runs"], rows[1:], summary["runs"], strict=True):
    assert row[0] == run["id"] == entry["id"]
    assert entry["values"] == run["values"]
    print(row[1:5], run.get("same_as", ""))
statistics = summary["statistics"]
print(statistics["metric"], statistics["by"])
print([group["n"] for group in statistics["groups"]])
P
"$RUNNER" compare experiments/grid --json > compared.json
python3 -c 'import json
a = json.load(open("compared.json"))
b = json.load(open("experiments/grid/summary.json"))["statistics"]
print(a == b)'
"$RUNNER" show experiments/grid | head -1
"$RUNNER" show experiments/grid --all | grep -c 'experiments/grid/runs/.*finished'
"$RUNNER" show experiments/grid --json | python3 -c 'import json, sys
print(len(json.load(sys.stdin)))'
