# Layers whose shapes do not fit each other or the loss, each at its line.
cat > base.yaml <<'Y'
data: {source: {type: make_blobs, n_samples: 40, n_features: 6, centers: 2}}
model:
  layers:
    - {type: reshape, shape: [2, 3]}
    - type: residual
      name: block
      layers:
        - transpose
        - {type: linear, out_features: 2, name: inner}
        - transpose
    - last_step
    - {type: linear, out_features: 1}
train: {loss: bce_with_logits, optimizer: adam, batch_size: 8, steps: 4}
Y
try() {
    echo "--- $*" >&2
    "$RUNNER" base.yaml --out out -q "$@"
    echo "$? $*"
}
try
try 'model.layers.0.shape=[4, -1]'
try model.layers.block.layers.inner.out_features=4
try model.layers.1.layers.0=last_step
try '~model.layers.2'
try 'model.layers.2=transpose'
try '~model.layers.3'
try model.layers.0=flatten
try 'model.layers.0={type: lstm, hidden_size: 4}'
try 'model.layers.2.weight_init=normal' 'model.layers.1.bias_init=kaiming_uniform'
try 'model.layers.block.bias_init=xavier_normal'
"$RUNNER" base.yaml -n 'model.layers.block.layers.inner.bias=true,false' | head -2
