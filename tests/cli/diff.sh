# What differs between two runs, and the update at which they part.
base=$ROOT/configs/circles_adagrad.yaml
run() {
    "$RUNNER" "$base" -q train.steps=30 "$@" || exit
}
run name=a
run name=b seed=7 data.split.random_state=5
run name=c train.lr_schedule='{type: step_lr, step_size: 9}'
run name=d train.optimizer.eps=1e-11
run name=e '+model.layers=sigmoid'
run name=f train.steps=20
ask() {
    "$RUNNER" diff "$@"
    echo "exit $?"
}
ask a b
for other in a c d e f; do
    ask a $other/ | grep -v '^  [tm][er][sai]'
done
ask a c --json > out
python3 - <<'P'
import json
found = json.loads(open("out").read().rsplit("\n", 2)[0])
print(found["parting"]["update"], found["updates_alike"], len(found["metrics"]),
      [row["path"] for row in found["config"]])
P
sed -i 's/"seed": 123/"seed": 124/' experiments/c/runs/*/run.json
ask a c | tail -2
mv experiments/c/runs/*/run.json x
ask a c
ask a nothing
ask a
"$RUNNER" "$base" -q name=g train.steps=5 'seed=1..2'
ask a g
