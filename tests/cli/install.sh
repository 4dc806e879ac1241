# What is installed runs, finds its HDF5 module, and completes.
build=$(dirname "$RUNNER")
cmake --install "$build" --prefix "$PWD/a b" > log 2>&1 || { cat log; exit 1; }
data=$ROOT/tests/fixtures
cat > c.yaml <<Y
data:
  source:
    type: table
    features: {path: $data/circles_data.hf5}
    targets: {path: $data/circles_targets.hf5}
model: {layers: [{type: linear, out_features: 1}]}
train: {loss: bce_with_logits, optimizer: adam, batch_size: 50, steps: 8}
Y
ln -s "$PWD/a b/bin/runner" linked
./linked c.yaml -q && ls experiments
cd 'a b/share' || exit
for file in bash-completion/completions/runner zsh/site-functions/_runner \
    doc/runner/README.md doc/runner/configs/reference.yaml; do
    [ -s $file ] && echo "$file"
done
