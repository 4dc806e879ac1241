# A sweep killed a dozen times and gone on with, and two processes at once on
# one folder, leave what one left in peace does.
sweep() {
    exec "$RUNNER" "$ROOT/configs/minimal.yaml" -q -j 2 --out "$1" seed=1..60 train.steps=12000 \
        'train.optimizer.lr=0.01,0.02'
}
(sweep calm)
for pause in 0.01 0.02 0.03 0.04 0.05 0.06 0.07 0.08 0.09 0.10 0.11 0.12; do
    sweep out &
    sleep $pause
    kill -KILL $! 2>/dev/null
    wait $!
done 2>/dev/null
(sweep out)
echo $?
diff -r -x journal.jsonl calm out && echo same
ls out/minimal/.work
sweep both & (sweep both)
wait $!
echo $?
diff -r -x journal.jsonl calm both && echo same
ls both/minimal/.work
python3 - <<'P'
import json
killed = 0
for out in "out", "both":
    for line in open(f"{out}/minimal/journal.jsonl"):
        try:
            event = json.loads(line)["event"]
            killed += out == "out" and (event == "start") - (event == "end")
        except ValueError:
            print(repr(line))
print(killed >= 5 or f"only {killed} were killed at work")
P
