# A run that diverges is a result: exit 4, nulls, kept the next time.
"$RUNNER" "$ROOT/configs/minimal.yaml" --out out -q \
    'train.optimizer={type: sgd, lr: 1e30}' train.loss=mse
echo $?
"$RUNNER" "$ROOT/configs/minimal.yaml" --out out -q \
    'train.optimizer={type: sgd, lr: 1e30}' train.loss=mse
echo $?
python3 - <<'P'
import glob, json
record = json.load(open(glob.glob("out/minimal/runs/*/run.json")[0]))
print(record["status"], sorted(record["error"]), set(record["metrics"]["test"].values()))
P
grep -c '"event":"kept"' out/minimal/journal.jsonl
