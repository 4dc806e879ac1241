# A run's folder is shown wherever it is; an experiment is an array, a run an
# object; what is no name of an experiment leads nowhere.
"$RUNNER" "$ROOT/configs/minimal.yaml" --out out -q train.epochs=1
cp -r out/minimal/runs/* away
"$RUNNER" show away | head -n 1
for target in away out/minimal minimal/; do
    "$RUNNER" show "$target" --out out --json | python3 -c 'import json, sys; print(type(json.load(sys.stdin)).__name__)'
done
"$RUNNER" show ..
echo $?
printf '{}' > away/weights.safetensors
"$RUNNER" show away
