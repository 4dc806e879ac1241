# SIGTERM: exit 75 within two seconds, nothing half-written; the same command
# goes on, and leaves what an undisturbed one does.
cat > long.yaml <<Y
extends: $ROOT/configs/minimal.yaml
name: long
train: {steps: 8000}
sweep: {parameters: {seed: {min: 1, max: 160}}}
Y
"$RUNNER" long.yaml -q --out calm
"$RUNNER" long.yaml --out out -j 2 &
until ls out/long/runs/* >ready 2>&1; do sleep 0.01; done
kill -TERM $!
python3 -c 'import time; print(time.time())' > begun
wait $!
echo $?
python3 -c 'import time; print(time.time() - float(open("begun").read()) < 2)'
ls out/long/.work
"$RUNNER" long.yaml -q --out out
diff -r -x journal.jsonl calm out && echo same
grep -c '"event":"kept"' out/long/journal.jsonl
