# `fast` numerics: the same bits alone and in a sweep on one machine; of another
# machine or build they are not compared.
base=$ROOT/configs/moons_adam.yaml
fast() {
    "$RUNNER" "$base" -q train.numerics=fast train.epochs=3 "$@" || exit
}
fast name=s seed=0..19
fast name=one seed=7
cmp experiments/s/runs/"$(ls experiments/one/runs)"/weights.safetensors \
    experiments/one/runs/*/weights.safetensors && echo same
"$RUNNER" audit s one -q
echo "exit $?"
cp experiments/one/journal.jsonl j
for key in isa cpu host build; do
    sed "s/\"$key\":\"[^\"]*\"/\"$key\":\"abacus\"/" j \
        > experiments/one/journal.jsonl
    "$RUNNER" audit one | head -2
done
rm experiments/s/journal.jsonl
"$RUNNER" audit s > out
echo "exit $?"
grep -c 'not comparable: made' out
"$RUNNER" diff one "$(ls -d experiments/s/runs/* | head -1)" | tail -1
