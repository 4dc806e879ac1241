# What a loss asks of the last layer it asks of the numbers that the last layers
# hand on: flatten, reshape, transpose and last_step change none.
cat > base.yaml <<'Y'
data: {source: {type: make_blobs, n_samples: 40, n_features: 6, centers: 2}}
model: {layers: [{type: linear, out_features: 2}]}
train: {loss: nll, optimizer: adam, batch_size: 8, steps: 4}
Y
try() {
    echo "--- $*" >&2
    "$RUNNER" plan base.yaml "$@" >/dev/null
    echo "$? $*"
}
linear='{type: linear, out_features: 1}'
try train.loss=bce "model.layers=[$linear, sigmoid, flatten]"
try train.loss=bce "model.layers=[{type: reshape, shape: [3, 2]}, $linear, sigmoid, transpose, flatten]"
try train.loss=bce "model.layers=[{type: reshape, shape: [3, 2]}, $linear, sigmoid, last_step]"
try train.loss=bce_with_logits "model.layers=[$linear, sigmoid, flatten]"
try train.loss=bce "model.layers=[$linear, sigmoid, flatten, tanh]"
try train.loss=bce "model.layers=[$linear, flatten]"
shaped='{type: linear, out_features: 2}, {type: reshape, shape: [2, 1]}'
try "model.layers=[$shaped, log_softmax, flatten]"
try "model.layers=[$shaped, {type: log_softmax, dim: -1}, flatten]"
try train.loss=cross_entropy "model.layers=[$shaped, softmax, transpose, flatten]"
try train.loss=cross_entropy "model.layers=[$shaped, {type: softmax, dim: 2}, flatten]"
try 'model.layers=[{type: reshape, shape: [3, 2]}, {type: linear, out_features: 2}, {type: log_softmax, dim: 2}, last_step]'
try 'model.layers=[{type: reshape, shape: [3, 2]}, {type: linear, out_features: 2}, log_softmax, last_step]'
