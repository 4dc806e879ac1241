# Runs killed a dozen times with checkpoints on end with the bytes of runs that
# were left in peace and kept none: momentum and adam, shuffled, with dropout,
# batch norm, clipping, a schedule, early stopping; side by side and alone, in
# folders and packed, and beside another process.
cat > all.yaml <<Y
name: all
data:
  source: {type: make_moons, n_samples: 400, noise: 0.3}
  split: {test_size: 100, validation_size: 60}
model:
  layers:
    - {type: linear, out_features: 8}
    - batch_norm1d
    - relu
    - {type: dropout, p: 0.2}
    - {type: linear, out_features: 1}
train:
  loss: bce_with_logits
  optimizer: {type: adam, lr: 0.01}
  lr_schedule: {type: one_cycle_lr, max_lr: 0.05}
  clip_grad_norm: 1.0
  batch_size: 16
  steps: 16000
  early_stopping: {metric: validation.average_loss, patience: 14, restore_best: true}
evaluate: {every: 200}
output: {predictions: true}
sweep:
  parameters:
    seed: {min: 1, max: 18}
    train.optimizer:
      - {type: adam, lr: 0.01}
      - {type: sgd, lr: 0.05, momentum: 0.9, nesterov: true}
Y
cat > wide.yaml <<Y
name: wide
data: {source: {type: make_circles, n_samples: 300, noise: 0.1}}
model: {layers: [{type: linear, out_features: 80}, tanh, {type: linear, out_features: 60}, tanh, {type: linear, out_features: 1}]}
train:
  loss: bce_with_logits
  optimizer: {type: rmsprop, lr: 0.001}
  lr_schedule: {type: step_lr, step_size: 500}
  batch_size: 20
  steps: 3000
Y
check() { # CONFIG FORM OUT
    (exec "$RUNNER" $1.yaml -q -j 2 --out calm_$3 output.runs=$2)
    python3 "$ROOT/tests/cli/kill_at_checkpoints.py" 12 $3/$1 \
        "$RUNNER" $1.yaml -q -j 2 --out $3 output.runs=$2 train.checkpoint_every=$4 >times
    ls -A $3/$1/.work | grep -q checkpoint || echo "no checkpoint was left"
    "$RUNNER" $1.yaml -q -j 2 --out $3 output.runs=$2 train.checkpoint_every=$4
    echo $?
    diff -r -x journal.jsonl calm_$3 $3 && echo same
    ls -A $3/$1/.work
    python3 - $3/$1/journal.jsonl times <<'Q'
import json, sys
killed = int(open(sys.argv[2]).read().split()[1])
sessions = {}
for line in open(sys.argv[1]):
    try:
        event = json.loads(line)
    except ValueError:
        continue
    if event["event"] == "resumed":
        sessions.setdefault(event["session"], {})[event["id"]] = event["step"]
steps = [max(session.values()) for session in sessions.values()]
print(killed >= 8 and len(steps) >= 8 and len(set(steps)) > 4 or (killed, steps))
Q
}
check all folders folders 100
check all packed packed 100
check wide folders alone 20
both() {
    "$RUNNER" all.yaml -q -j 1 --out both train.checkpoint_every=200
    echo $?
}
both & { (exec "$RUNNER" all.yaml -q -j 1 --out both train.checkpoint_every=200) & sleep 0.1; kill -KILL $!; }
wait %1
# The one that was killed may have been the last: the next start tidies up.
both
diff -r -x journal.jsonl calm_folders both && echo same
ls -A both/all/.work
