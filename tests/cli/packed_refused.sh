# What is packed stays as it is: another plan, or another form, needs a new name.
run() {
    "$RUNNER" "$ROOT/configs/minimal.yaml" -q --out out train.steps=3 "$@"
    echo $?
}
run output.runs=packed seed=1..5
cp -r out before
run output.runs=packed seed=1..6
run output.runs=packed seed=1..4
run output.runs=packed seed=1..5 train.optimizer.lr=0.5
run seed=1..5
"$RUNNER" plan "$ROOT/configs/minimal.yaml" --out out train.steps=3 output.runs=packed seed=1..6
echo $?
diff -r out before
run output.runs=packed seed=1..6 name=other
run seed=7 name=folders
run output.runs=packed seed=7 name=folders
"$RUNNER" plan "$ROOT/configs/minimal.yaml" --out out train.steps=3 output.runs=packed seed=1..5 | grep finished
ls out/minimal/runs out/other/runs
# The same runs as before, asked for otherwise: weights no more, outputs too.
run output.runs=packed seed=1..5 output.weights=false -j 1
cmp out/minimal/runs/000000.safetensors before/minimal/runs/000000.safetensors && echo kept
run output.runs=packed seed=1..5 output.predictions=true
cmp -s out/minimal/runs/000000.jsonl before/minimal/runs/000000.jsonl || echo other
"$RUNNER" "$ROOT/configs/minimal.yaml" -q --out none train.steps=3 output.runs=packed seed=1..5 output.weights=false
"$RUNNER" show minimal --out none --all | grep weights | sort | uniq -c
# Done again it must come out the same, else nothing is replaced.
cp -r out before_again
run output.runs=packed seed=1..5 output.predictions=true -f
diff -r -x journal.jsonl out before_again
sed -i '3s/"weights":"[0-9a-f]/"weights":"x/' out/minimal/runs/000000.jsonl
cp out/minimal/runs/000000.jsonl edited
run output.runs=packed seed=1..5 output.predictions=true -f
cmp edited out/minimal/runs/000000.jsonl
ls -A out/minimal/.work
# After a session without an end the digests are looked at.
sed -i '/"event":"end"/d' out/minimal/journal.jsonl
run output.runs=packed seed=1..5 output.predictions=true
cp before_again/minimal/runs/* out/minimal/runs
size=$(wc -c < out/minimal/runs/000000.safetensors)
printf x | dd of=out/minimal/runs/000000.safetensors bs=1 seek=$((size - 30)) conv=notrunc 2>/dev/null
cmp -s out/minimal/runs/000000.safetensors before_again/minimal/runs/000000.safetensors || echo damaged
run output.runs=packed seed=1..5 output.predictions=true
diff -r -x journal.jsonl out before_again
