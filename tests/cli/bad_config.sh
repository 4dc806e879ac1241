cat > bad.yaml <<'Y'
seed: 1
data: {source: make_moons}
model: {layers: [{type: linear, out_features: 1}]}
train:
  loss: bce
  optimizer: {type: adam, learning_rate: 1e-3}
  batch_size: 0
  step: 10
Y
"$RUNNER" bad.yaml --out out
status=$?
ls -A
exit $status
