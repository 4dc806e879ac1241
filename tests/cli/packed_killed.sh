# A packed sweep killed a dozen times and gone on with, two processes at once on
# one folder, and one of two killed, leave what one left in peace does; a kill
# costs the runs in flight, not the block.
sweep() {
    exec "$RUNNER" "$ROOT/configs/minimal.yaml" -q -j 2 --out "$1" seed=1..2200 train.steps=400 \
        'train.optimizer.lr=0.01,0.02' output.runs=packed
}
(sweep calm)
python3 "$ROOT/tests/cli/kill_often.py" 400000 out "$RUNNER" "$ROOT/configs/minimal.yaml" -q -j 2 --out out \
    seed=1..2200 train.steps=400 'train.optimizer.lr=0.01,0.02' output.runs=packed
(sweep out)
echo $?
diff -r -x journal.jsonl calm out && echo same
ls -A out/minimal/.work
sweep both & (sweep both)
echo $?
wait $!
echo $?
diff -r -x journal.jsonl calm both && echo same
ls -A both/minimal/.work
sweep half & { sweep half & sleep 0.5; kill -KILL $!; }
wait %1
echo $?
(sweep half) # clears what is left where the kill came last
diff -r -x journal.jsonl calm half && echo same
ls -A half/minimal/.work
python3 - <<'P'
import json
def events(out):
    for line in open(f"{out}/minimal/journal.jsonl"):
        try:
            yield json.loads(line)
        except ValueError:
            pass
kept, session = [], None
for event in events("out"):
    if event["event"] == "kept":
        if event["session"] == session:
            kept[-1] += event["count"]
        else:
            kept.append(event["count"])
        session = event["session"]
print(len(kept) > 5 and kept[-1] > 500 or kept)
blocks = [event["block"] for event in events("both") if event["event"] == "block"]
print(sorted(blocks))
P
