# bce_with_logits: predictions.csv has the logit and its float32 probability.
"$RUNNER" "$ROOT/configs/minimal.yaml" --out out -q train.epochs=40 output.predictions=true
python3 - <<'P'
import csv, glob, math
rows = list(csv.DictReader(open(glob.glob("out/minimal/runs/*/predictions.csv")[0])))
print(list(rows[0]), len(rows))
print(max(abs(1 / (1 + math.exp(-float(r["logit"]))) - float(r["probability"])) for r in rows) < 1e-7)
P
