# SIGTERM in the middle of a block: exit 75 within two seconds, what was done is
# kept, and the same command goes on from there.
sweep() {
    exec "$RUNNER" "$ROOT/configs/minimal.yaml" --out "$1" seed=1..3000 train.steps=2000 \
        output.runs=packed -j 2
}
(sweep calm >calm.txt 2>&1)
sweep out &
until [ -n "$(find out -name '*.part' -size +40k 2>/dev/null)" ]; do sleep 0.01; done
kill -TERM $!
python3 -c 'import time; print(time.time())' > begun
wait $!
echo $?
python3 -c 'import time; print(time.time() - float(open("begun").read()) < 2)'
ls out/minimal/runs out/minimal/.work
"$RUNNER" show minimal --out out; echo $?
(sweep out >out.txt 2>counts.txt)
sed -n 's/^[0-9]* new, [0-9][0-9]* kept$/some new, some kept/p' counts.txt
diff -r -x journal.jsonl calm out && echo same
python3 - <<'P'
import re
new, kept = map(int, re.search(r"(\d+) new, (\d+) kept", open("counts.txt").read()).groups())
print(new + kept == 3000 and kept >= 10 or (new, kept))
P
ls -A out/minimal/.work
