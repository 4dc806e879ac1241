# Everything wrong with a config is told in one go, what needs the data too, and
# nothing that only follows from something else.
printf 'a,b,y\n1,2,0\n3,4,1\n5,6,0\n7,8,1\n' > d.csv
cat > base.yaml <<'Y'
data:
  source:
    type: table
    features: {path: d.csv, columns: [a, b]}
    targets: {path: d.csv, columns: [y]}
model: {layers: [{type: linear, out_features: 1}]}
train: {loss: bce_with_logits, optimizer: adam, batch_size: 2, steps: 4}
Y
try() {
    echo "--- $*" >&2
    "$RUNNER" base.yaml --out out "$@"
    echo "$? $*"
}
try 'data.source.features.columns=[a, c, d]' 'data.source.targets.columns=[z]' \
    train.optimizer=adamm train.loss=bce
try data.split.test_size=4 train.batch_size=0 'model.layers=[{type: linear, out_features: 3}]'
try 'data.split={tst_size: 2}' train.loss=nll train.drop_last=1
try data.source.features.path=no.csv data.source.targets.path=none.csv \
    'model.layers=[{type: lstn, hidden_size: 3}]'
try 'train.loss={type: cross_entropy, weight: [1]}'
try train.drop_last=true train.batch_size=9 'train.lr_schedule={type: one_cycle_lr, max_lr: 1, total_steps: 2}'
try data.source.targets.columns='[a]' data.source.features.columns='[b]' train.loss=mse \
    'evaluate.metrics=[test.auc, validation.rmse]' data.preprocess='{targets: [standard_scaler]}'
ls
