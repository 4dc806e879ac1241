# Products by OpenBLAS: another id, and the same result to the eye. Two
# executions on one machine give the same bytes.
config=$ROOT/configs/moons_adam.yaml
"$RUNNER" "$config" -q --out portable
"$RUNNER" "$config" -q --out fast train.numerics=fast
"$RUNNER" "$config" -q --out again train.numerics=fast
diff -r -x journal.jsonl fast again && echo same
grep numerics fast/moons_adam/runs/*/config.yaml
loss() { sed -n 's/^test,average_loss,\(0\.[0-9][0-9][0-9]\).*/\1/p' "$1"/moons_adam/runs/*/metrics.csv; }
[ "$(loss fast)" = "$(loss portable)" ] && echo close
