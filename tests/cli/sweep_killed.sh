# A sweep killed again and again and gone on with, and two processes at once on
# one folder, leave what one left in peace does.
sweep() {
    exec "$RUNNER" "$ROOT/configs/minimal.yaml" -q -j 2 --out "$1" seed=1..60 train.steps=12000 \
        'train.optimizer.lr=0.01,0.02'
}
starts() {
    grep -c '"start"' out/minimal/journal.jsonl 2>/dev/null
}
(sweep calm)
# Some while they start, the others so long after they are at work, however long
# this build takes to begin.
for pause in 0.002 0.01 0.02 0.03 0.04 0.05 0.06 0.07 0.08; do
    before=$(starts)
    sweep out &
    while [ $pause != 0.002 ] && [ "$(starts)" = "$before" ] && kill -0 $!; do
        sleep 0.002
    done
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
