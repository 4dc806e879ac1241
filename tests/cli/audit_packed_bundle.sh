# Packed runs in a bundle: their blocks whole, the same bytes each time; checked
# without running and with, and what is changed is named by its run.
"$RUNNER" "$ROOT/configs/circles_adagrad.yaml" -q name=p output.runs=packed \
    output.predictions=true train.steps=40 seed=1..20
"$RUNNER" "$ROOT/configs/minimal.yaml" -q name=q output.runs=packed \
    output.weights=false train.steps=30 seed=1..4200
"$RUNNER" "$ROOT/configs/minimal.yaml" -q name=m train.epochs=2
ask() {
    "$RUNNER" audit "$@" >out
    echo "exit $?"
    grep -v '^[^ ]*: root' out
}
ask p q m --bundle b.tar --sample 1%
"$RUNNER" audit p q m --bundle again.tar -q --sample 1% && cmp b.tar again.tar && echo same
tar tf b.tar | sed 's/runs\/.\{16\}\//runs\/ID\//'
tar xf b.tar p/runs/000000.sha256 p/runs/000000.jsonl
head -3 p/runs/000000.jsonl | tail -1 | tr -d '\n' | sha256sum | cut -c1-64 >third
sed -n 3p p/runs/000000.sha256 | grep -q -f third && echo 'the digest of the third line'
mv experiments elsewhere
ask b.tar
ask b.tar --rerun --sample 0.5%

mv elsewhere experiments
"$RUNNER" audit p --bundle b.tar -q
mv experiments elsewhere
ids=$(python3 -c "import json
print(*[r['id'] for r in json.load(open('elsewhere/p/plan.json'))['runs']])")
third=$(echo "$ids" | cut -d' ' -f3)
edit() {
    echo "== $2"
    python3 "$ROOT/tests/cli/edit_bundle.py" "$1" b.tar e.tar "$3" "$4"
    ask e.tar | sed "s/$third/THIRD/"
    ask e.tar --rerun | sed "s/$third/THIRD/" | grep -A4 THIRD | grep -v ^runs | grep -v '^  20'
}
for how in file tree; do
    edit $how "$how: a bit of a weight" .safetensors "flip(data, tensor(data, '0/0.weight') + 2 * 32)"
    edit $how "$how: a bit of a prediction" .safetensors "flip(data, tensor(data, '0/predictions') + 2 * 400)"
    edit $how "$how: a metric by 1e-12" .jsonl "line(data, 2, lambda run:
        [repr(run['metrics']['test']['average_loss'] + d) for d in (0, 1e-12)])"
    edit $how "$how: a digit of the history" .jsonl "line(data, 2, lambda run:
        [repr(run['history']['train.loss'][4])[:-1] + end for end in
         (repr(run['history']['train.loss'][4])[-1], '5')])"
    edit $how "$how: a key of the config" .jsonl "line(data, 2, lambda run:
        ('\"lr\":0.05', '\"lr\":0.06'))"
done
few() {
    ask "$@" | sed '6,$ d'
}
echo '== a block is missing'
python3 "$ROOT/tests/cli/edit_bundle.py" tree b.tar e.tar .jsonl None
few e.tar
echo '== its tensors are missing'
python3 "$ROOT/tests/cli/edit_bundle.py" tree b.tar e.tar .safetensors None
few e.tar
echo '== a block of no plan'
python3 "$ROOT/tests/cli/edit_bundle.py" tree b.tar e.tar plan.json "data.replace(b'4096', b'4097')"
few e.tar
echo '== one run'
mv elsewhere experiments
ask p/"$third" --bundle c.tar
ask m p/"$third" --bundle c.tar
"$RUNNER" diff p/"$third" m | tail -1
