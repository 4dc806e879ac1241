# What reproduces: one run, a sweep, a folder anywhere, another instruction set,
# a diverged run, a sample; and what there is nothing of.
base=$ROOT/configs/circles_adagrad.yaml
"$RUNNER" "$base" -q train.steps=40
"$RUNNER" "$base" -q name=s train.steps=40 'seed=1..20' output.predictions=true
cat > d.yaml <<Y
extends: $ROOT/configs/cosmo_regression.yaml
name: d
data:
  source: {type: make_blobs, n_samples: 60, centers: 3, random_state: 1}
  split: {test_size: 20, validation_size: 10}
  preprocess: []
model: {layers: [{type: linear, out_features: 1}]}
train: {loss: mse, optimizer: {type: sgd, lr: 1e30}, lr_schedule: null, steps: 20,
        early_stopping: null}
evaluate: {metrics: []}
Y
"$RUNNER" d.yaml -q
echo "run: $?"
ask() {
    "$RUNNER" audit "$@"
    echo "exit $?"
}
ask circles_adagrad
ask s
ask s -j 3 -q
ask s circles_adagrad s/ experiments/s/runs/* | head -2
ask d
cp -r experiments/circles_adagrad/runs/* elsewhere
ask elsewhere
(cd elsewhere && ask .)
RUNNER_ISA=scalar ask s/ --sample 10%
ask s --sample 11% | sed 's/  *[0-9.]*$//'
"$RUNNER" "$base" -q name=s train.steps=40 'seed=1..3' output.predictions=true
ask s | cut -c 1-15
ask s --all | cut -c 1-15
ls -d experiments/s/runs/* | head -5 | xargs rm -r
ask s | cut -c 1-50 | sed 's/  *[0-9]*  *[0-9]*$//'
for words in nothing s/zz 's --sample 5' 's --sample 0%' 's --rerum' \
    "$base" 's --bundle'; do
    # shellcheck disable=SC2086
    ask $words
done
# The records that came with the program.
ask "$ROOT"/experiments/reference/* -q
