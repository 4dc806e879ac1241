# One rate among others diverges: exit 4, ranked last, the others as they are
# without it; kept the next time, still exit 4.
cat > rates.yaml <<Y
extends: $ROOT/configs/minimal.yaml
name: rates
train: {loss: mse, optimizer: {type: sgd, lr: 0.1}}
sweep:
  parameters:
    seed: {min: 1, max: 20}
    train.optimizer.lr: [0.05, 1e30, 0.1]
Y
"$RUNNER" rates.yaml -q --out calm train.optimizer.lr=0.05,0.1
echo $?
"$RUNNER" rates.yaml --out out | head -1
"$RUNNER" rates.yaml --out out -q
echo $?
for run in calm/rates/runs/*; do diff -r "$run" "out/${run#calm/}"; done
"$RUNNER" compare out/rates --csv | cut -d, -f1,2,3,12 | tail -1
python3 - <<'P'
import csv, json
rows = list(csv.DictReader(open("out/rates/summary.csv")))
print({row["train.optimizer.lr"] for row in rows if row["status"] == "diverged"})
print({row["test.mse"] for row in rows if row["status"] == "diverged"})
groups = json.load(open("out/rates/summary.json"))["statistics"]["groups"]
print(groups[-1]["values"], groups[-1]["diverged"], groups[-1]["mean"])
P
