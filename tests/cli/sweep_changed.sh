# A plan that changes: runs keep their ids, and what stays is said; a part of
# the plan leaves it as it is; axes of the command line replace and follow.
cat > plan.yaml <<Y
extends: $ROOT/configs/minimal.yaml
name: plan
sweep:
  parameters:
    train.optimizer.lr: [0.01, 0.1]
    seed: [1, 2]
Y
ids() { python3 -c 'import json
print(*[tuple(run["values"].values()) for run in json.load(open("experiments/plan/plan.json"))["runs"]])'; }
run() { echo "--- $*"; "$RUNNER" plan.yaml "$@" 2>&1 | grep -v '^  \|^more\|^best'; ids; }
run
cp -r experiments/plan first
run train.optimizer.lr=0.01,0.02,0.1
diff -r first/runs experiments/plan/runs | sed 's/: .*//' | sort | uniq -c
run seed=2
run train.optimizer.lr=0.02 seed=1
run 'seed=range(1,3)' 'train.optimizer.lr=linspace(0.1,0.2,2)' train.batch_size=5,10
run 'seed=1..2' train.optimizer.lr=0.01,0.1
diff first/plan.json experiments/plan/plan.json
cp -r experiments again
"$RUNNER" plan.yaml -f
diff -r -x journal.jsonl again experiments && echo reproduced
"$RUNNER" plan.yaml -q
