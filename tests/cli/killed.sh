# SIGKILL loses the run in flight and nothing else; the next start makes the
# same bytes as an undisturbed one.
"$RUNNER" "$ROOT/configs/minimal.yaml" --out calm -q train.epochs=3000
for pause in 0.01 0.02 0.03 0.05 0.08; do
    "$RUNNER" "$ROOT/configs/minimal.yaml" --out out -q train.epochs=3000 &
    sleep $pause
    kill -KILL $! 2>/dev/null
    wait $!
done 2>/dev/null
"$RUNNER" "$ROOT/configs/minimal.yaml" --out out -q train.epochs=3000
diff -r -x journal.jsonl calm out && echo same
ls out/minimal/.work
