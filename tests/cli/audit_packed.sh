# Packed runs are audited like those of folders; what is changed in a block is
# named by its run.
"$RUNNER" "$ROOT/configs/circles_adagrad.yaml" -q name=p output.runs=packed \
    output.predictions=true train.steps=40 seed=1..20
ask() {
    "$RUNNER" audit "$@"
    echo "exit $?"
}
ids=$(python3 -c "import json
print(*[r['id'] for r in json.load(open('experiments/p/plan.json'))['runs']])")
third=$(echo "$ids" | cut -d' ' -f3)
ask p
ask p p/"$third" --all --sample 10%
ask p/"$third"
cp -r experiments kept
edit() {
    echo "== $1"
    rm -r experiments && cp -r kept experiments
    (cd experiments/p/runs && python3 -c "$2")
    ask p | grep -v -e '^runs' -e '^  20'
}
lines="
lines = open('000000.jsonl').read().split('\n')
def put(i, old, new):
    assert old in lines[i]
    lines[i] = lines[i].replace(old, new, 1)
    open('000000.jsonl', 'w').write('\n'.join(lines))
import json
record = json.loads(lines[2])"
edit 'a metric' "$lines
value = record['metrics']['test']['average_loss']
put(2, repr(value), repr(value + 1e-12))"
edit 'a digit of the history' "$lines
value = record['history']['train.loss'][4]
put(2, repr(value), repr(value)[:-1] + '5' if repr(value)[-1] != '5' else repr(value)[:-1] + '6')"
edit 'a key of the config' "$lines
put(2, '\"lr\":0.05', '\"lr\":0.06')"
edit 'an id' "$lines
put(2, record['id'], '0' * 16)"
edit 'a bit of the tensors' "
data = bytearray(open('000000.safetensors', 'rb').read())
header = json = __import__('json').loads(data[8:8 + int.from_bytes(data[:8], 'little')])
start = 8 + int.from_bytes(data[:8], 'little')
for name in '0/0.weight', '0/predictions':
    first, last = header[name]['data_offsets']
    data[start + first + 2 * (last - first) // 20] ^= 1
open('000000.safetensors', 'wb').write(data)"
edit 'a block' "__import__('os').remove('000000.jsonl')" | tail -3
rm -r experiments && cp -r kept experiments
"$RUNNER" diff p/"$third" p/"$third" | tail -2
