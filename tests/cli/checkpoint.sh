# What a checkpoint is, and when it is not used: a run goes on from it, and from
# where a signal stopped it; one that is damaged or another run's is passed over;
# -f begins anew; the id and the record know nothing of it.
run() {
    (exec "$RUNNER" "$ROOT/configs/minimal.yaml" -q --out "$@")
}
stop() { # OUT EVERY: killed behind a checkpoint
    python3 "$ROOT/tests/cli/kill_at_checkpoints.py" 1 $1/minimal "$RUNNER" \
        "$ROOT/configs/minimal.yaml" -q --out $1 train.epochs=20000 train.checkpoint_every=$2
}
steps() {
    sed -n 's/.*"event":"resumed".*"step":\([0-9]*\).*/\1/p' $1/minimal/journal.jsonl
}
end() { # OUT
    diff -r -x journal.jsonl calm $1 && echo same
    ls -A $1/minimal/.work
}
run calm train.epochs=20000
id=$(ls calm/minimal/runs)
echo killed
stop out 500
cp -r out copy
run out train.epochs=20000 train.checkpoint_every=500; echo $?
[ $(steps out) -gt 0 ] && [ $(($(steps out) % 500)) = 0 ] && echo from a checkpoint
end out
echo with words
mkdir said && cp -r copy/minimal said
"$RUNNER" "$ROOT/configs/minimal.yaml" --out said train.epochs=20000 train.checkpoint_every=500 >said.txt
end said
echo interrupted
run long train.epochs=200000
(exec "$RUNNER" "$ROOT/configs/minimal.yaml" --out out2 train.epochs=200000 train.checkpoint_every=1000000000) &
until ls out2/minimal/.work/claim.* >ready 2>&1; do sleep 0.01; done
sleep 0.1
kill -TERM $!
wait $!
echo $?
ls out2/minimal/.work | grep -c 'checkpoint$'
run out2 train.epochs=200000 train.checkpoint_every=1000000000; echo $?
[ $(steps out2) -gt 0 ] && echo from where it was
diff -r -x journal.jsonl long out2 && echo same
ls -A out2/minimal/.work
echo damaged
cp -r copy damaged
python3 - damaged/minimal/.work/$id.checkpoint <<'Q'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[len(data) // 2] ^= 1
open(sys.argv[1], "wb").write(data)
Q
run damaged train.epochs=20000 train.checkpoint_every=500; echo $?
steps damaged; end damaged
echo cut off
cp -r copy short
head -c 900 copy/minimal/.work/$id.checkpoint >short/minimal/.work/$id.checkpoint
run short train.epochs=20000 train.checkpoint_every=500; echo $?
steps short; end short
echo of another version
cp -r copy old
sed -i '1s/"numerics":[0-9]*/"numerics":1/' old/minimal/.work/$id.checkpoint
run old train.epochs=20000 train.checkpoint_every=500; echo $?
steps old; end old
echo of another run
stop other 500 >times
mv other/minimal/.work/$id.checkpoint checkpoint
rm -r other
mkdir -p other/minimal/.work
"$RUNNER" "$ROOT/configs/minimal.yaml" -q --out calm3 train.epochs=200 seed=3
cp checkpoint other/minimal/.work/$(ls calm3/minimal/runs).checkpoint
"$RUNNER" "$ROOT/configs/minimal.yaml" -q --out other train.epochs=200 seed=3 train.checkpoint_every=500; echo $?
steps other; diff -r -x journal.jsonl calm3 other && echo same
echo anew
cp -r copy anew
run anew train.epochs=20000 train.checkpoint_every=500 -f; echo $?
steps anew; end anew
echo not asked for
cp -r copy off
run off train.epochs=20000; echo $?
steps off; end off
echo no place
mkdir -p full/minimal/.work
mkdir full/minimal/.work/$id.checkpoint
run full train.epochs=20000 train.checkpoint_every=500; echo $?
diff -r -x journal.jsonl calm full && echo same
