# A standard stream that is closed is nobody's file: the table is lost with exit
# 5, and no message lands in a result.
"$RUNNER" "$ROOT/configs/minimal.yaml" --out out train.epochs=1 >&-
echo $?
"$RUNNER" "$ROOT/configs/minimal.yaml" --out out train.epochs=1 -f --json <&- >&- 2>&-
echo $?
python3 -c 'import json; print(len([json.loads(line) for line in open("out/minimal/journal.jsonl")]))'
"$RUNNER" "$ROOT/configs/minimal.yaml" --out calm -q train.epochs=1
diff -r -x journal.jsonl calm out && echo same
