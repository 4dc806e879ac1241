# Shapes, depths, data, losses and optimizers mixed in one sweep: the same bytes
# whatever the threads and lanes, and of a run alone. Zips, conditions and
# references.
cat > mixed.yaml <<'Y'
name: mixed
data:
  source: {type: make_moons, n_samples: 60, noise: 0.1}
  split: {test_size: 20, validation_size: 10}
  preprocess: [standard_scaler]
model:
  layers:
    - {type: linear, out_features: 3, name: hidden}
    - tanh
    - {type: linear, out_features: 1}
    - sigmoid
train:
  loss: bce
  optimizer: {type: sgd, lr: 0.05}
  lr_schedule: {type: step_lr, step_size: "${train.batch_size} * 2"}
  batch_size: 10
  epochs: 4
sweep:
  parameters:
    seed: [0, 1, 2]
    model.layers:
      - [{type: linear, out_features: 2}, tanh, {type: linear, out_features: 1}, sigmoid]
      - [{type: linear, out_features: 5}, relu, {type: linear, out_features: 3},
         elu, {type: linear, out_features: 1}, sigmoid]
    train.loss: [bce, mse]
    train.optimizer: [{type: adam}, {type: sgd, lr: 0.1, momentum: 0.5}]
    train.batch_size: [5, 10]
    data.source.random_state: [4, 5]
  zip: [[train.batch_size, data.source.random_state]]
  where: "not (train.loss == 'mse' and seed > 1) and train.batch_size * model.layers.0.out_features < 50"
Y
"$RUNNER" mixed.yaml -q --out one -j 1
"$RUNNER" mixed.yaml -q --out two -j 2
"$RUNNER" mixed.yaml -q --out five -j 5
OMP_NUM_THREADS=3,2 "$RUNNER" mixed.yaml -q --out environment
OMP_DYNAMIC=true OMP_THREAD_LIMIT=1 "$RUNNER" mixed.yaml -q --out limited -j 4
RUNNER_LANES=1 "$RUNNER" mixed.yaml -q --out lane
for out in two five environment limited lane; do
    diff -r -x journal.jsonl one $out || echo "$out differs"
done
ls one/mixed/runs | wc -l
python3 - <<'P'
import collections, json, re
runs = json.load(open("one/mixed/plan.json"))["runs"]
print(collections.Counter((run["values"]["train.batch_size"],
                           run["values"]["data.source.random_state"])
                          for run in runs))
for run in runs:
    text = open(f"one/mixed/runs/{run['id']}/config.yaml").read()
    size = int(re.search(r"step_size: (.*)", text)[1])
    assert size == 2 * run["values"]["train.batch_size"]
    assert not (run["values"]["train.loss"] == "mse" and run["values"]["seed"] == 2)
P
for id in $(ls one/mixed/runs | sed -n '1p;17p;30p'); do
    "$RUNNER" "one/mixed/runs/$id/config.yaml" -q --out alone
    diff -r "one/mixed/runs/$id" "alone/mixed/runs/$id"
done
"$RUNNER" mixed.yaml -q --out alone seed=2 train.loss=bce 'train.optimizer={type: adam}' \
    'model.layers=[{type: linear, out_features: 2}, tanh, {type: linear, out_features: 1}, sigmoid]'
ls alone/mixed/runs | wc -l
for id in $(ls alone/mixed/runs); do diff -r "alone/mixed/runs/$id" "one/mixed/runs/$id"; done
