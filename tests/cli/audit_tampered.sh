# A change of a record is named for what it is, whichever file it is in.
"$RUNNER" "$ROOT/configs/circles_adagrad.yaml" -q name=c train.steps=100 \
    evaluate.every=5 output.predictions=true
run=$(echo experiments/c/runs/*)
id=${run##*/}
cp -r experiments kept
edit() {
    echo "== $1"
    rm -r experiments && cp -r kept experiments
    (cd "$run" && sh -c "$2")
    "$RUNNER" audit c > out
    echo "exit $?"
    grep -v '^runs' out | grep -v '^  *1  '
}
# So that the list in run.json agrees with the file again.
relist() {
    echo "python3 - $1 <<'P'
import hashlib, json, sys
name, record = sys.argv[1], json.load(open('run.json'))
data = open(name, 'rb').read()
text = open('run.json').read()
for entry in record['files']:
    if entry['name'] == name:
        text = text.replace(entry['sha256'], hashlib.sha256(data).hexdigest())
        text = text.replace('\"bytes\": %d' % entry['bytes'],
                            '\"bytes\": %d' % len(data))
open('run.json', 'w').write(text)
P"
}
flip="python3 -c \"
data = bytearray(open('weights.safetensors', 'rb').read())
data[-3] ^= 1
open('weights.safetensors', 'wb').write(data)\""
edit 'a bit of a weight' "$flip"
edit 'a bit of a weight, and the list' "$flip; $(relist weights.safetensors)"
edit 'a metric by 1e-12' "python3 -c \"
import json
text = open('run.json').read()
value = json.loads(text)['metrics']['test']['average_loss']
open('run.json', 'w').write(text.replace(repr(value), repr(value + 1e-12)))\""
edit 'a digit of the history, and the list' "sed -i '4s/,0[.]7/,0.8/' history.csv
$(relist history.csv)"
edit 'a row of the history' "sed -i 4d history.csv"
edit 'a prediction' "sed -i '2s/0[.]4/0.5/' predictions.csv"
edit 'metrics.csv' "sed -i '2s/,[0-9.]*$/,0.125/' metrics.csv"
edit 'a key of the config' "sed -i 's/lr: 0.05/lr: 0.06/' config.yaml"
edit 'a key of the config everywhere' "sed -i 's/lr: 0.05/lr: 0.06/' config.yaml
sed -i 's/\"lr\": 0.05/\"lr\": 0.06/' run.json; $(relist config.yaml)"
edit "a key of run.json's config" "sed -i 's/\"lr\": 0.05/\"lr\": 0.06/' run.json"
edit 'no such key' "sed -i 's/lr: 0.05/lrr: 0.05/' config.yaml"
edit 'a comment in the config' "echo '# fine' >> config.yaml"
edit 'a comment in the config, and the list' "echo '# fine' >> config.yaml
$(relist config.yaml)"
edit 'the id' "sed -i 's/\"id\": \"../\"id\": \"zz/' run.json"
edit 'the folder' "cd ..; mv $id 0123456789abcdef; sed -i s/$id/0123456789abcdef/ ../plan.json"
edit 'a digest of the history' "python3 -c \"
import json
text = open('run.json').read()
entry = json.loads(text)['digest']['history'][3]
open('run.json', 'w').write(text.replace(entry, '0' * 16))\""
edit 'the status' "sed -i 's/\"finished\"/\"diverged\"/' run.json"
edit 'a blank' "sed -i 's/\"seed\": 123,$/\"seed\":  123,/' run.json"
edit 'not JSON' "echo '{' > run.json"
edit 'a metric that is not JSON' "sed -i 's/\"accuracy\": [0-9.]*/&.0/' run.json"
edit 'a number of the config that is not JSON' "sed -i 's/\"lr\": 0.05/&.1/' run.json"
edit 'no run.json' "rm run.json"
edit 'a missing file' "rm history.csv"
edit 'a missing file, and the list' "rm history.csv
python3 -c \"
import json, re
text = open('run.json').read()
open('run.json', 'w').write(re.sub(r'  {\\s*.name.: .history[^}]*},\\n', '', text))\""
edit 'a link' "mv metrics.csv ../m; ln -s ../m metrics.csv"
edit 'another file' "touch notes.txt"
edit 'the folder is gone' "cd ..; rm -r $id"
edit 'of another numerics' "sed -i 's/\"numerics\": [0-9]*$/\"numerics\": 9/' run.json"
edit 'of another format' "sed -i 's/\"format\": 1/\"format\": 9/' run.json"
# An option that came later: nothing of the record is wrong.
edit 'of before an option' "sed -i '/clip_grad_norm/d' config.yaml
sed -i '/clip_grad_norm/d' run.json; $(relist config.yaml)"
# With a row an update, the update itself.
"$RUNNER" "$ROOT/configs/circles_adagrad.yaml" -q name=e train.steps=10 \
    evaluate.every=1
sed -i "$(grep -n '"history"' experiments/e/runs/*/run.json |
    awk -F: '{print $1 + 5}')s/\"[0-9a-f]/\"x/" experiments/e/runs/*/run.json
"$RUNNER" audit e | grep part
