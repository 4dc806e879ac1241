# Lists in the place of numbers: swept as values, read back from a run's own
# config.yaml, and the rows that they ask for.
cat > lists.yaml <<'Y'
seed: 4
data:
  source: {type: make_blobs, n_samples: 60, cluster_std: 0.5}
model: {layers: [{type: linear, out_features: 4}]}
train: {loss: cross_entropy, optimizer: adam, batch_size: 10, steps: 20}
sweep:
  parameters:
    data.source.centers: [3, [[0, 0], [4, 0], [0, 4]], [[1], [2], [3], [4]]]
Y
"$RUNNER" lists.yaml -q
"$RUNNER" lists.yaml name=counts '~sweep' 'data.source.n_samples=[30,0,31],[5,60]' -q
python3 - <<'P'
import csv, json, pathlib
for name in ("lists", "counts"):
    for row in csv.reader(open(f"experiments/{name}/summary.csv")):
        print(row[1:3])
    for run in json.load(open(f"experiments/{name}/plan.json"))["runs"]:
        record = json.load(open(f"experiments/{name}/runs/{run['id']}/run.json"))
        source = record["config"]["data"]["source"]
        print(record["data"]["rows"], {k: source.get(k) for k in ("n_samples", "centers", "cluster_std")})
        print(run["id"] == record["id"])
P
for folder in experiments/*/runs/*; do
    "$RUNNER" "$folder/config.yaml" --out again -q
done
for name in lists counts; do
    diff -r "experiments/$name/runs" "again/$name/runs" && echo "same $name"
done
"$RUNNER" plan lists.yaml '~sweep' 'data.source.n_samples=[5,6]' data.source.centers=2
