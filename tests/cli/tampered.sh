# A run done again must reproduce the digests it had; a folder of a session
# that never ended is checked against its own list.
"$RUNNER" "$ROOT/configs/minimal.yaml" --out out -q train.epochs=2
run=$(echo out/minimal/runs/*)
sed -i '/"event":"end"/d' out/minimal/journal.jsonl
printf x >> "$run/metrics.csv"
"$RUNNER" "$ROOT/configs/minimal.yaml" --out out -q train.epochs=2
tail -c 1 "$run/metrics.csv" | od -An -c
cp -r out/minimal before
sed -i 's/"weights": "[0-9a-f]/"weights": "x/' "$run/run.json"
cp "$run/run.json" edited.json
"$RUNNER" "$ROOT/configs/minimal.yaml" --out out -q -f train.epochs=2
status=$?
cmp edited.json "$run/run.json" && echo untouched
exit $status
