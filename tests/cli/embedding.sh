# Whole numbers in a table, and what no embedding can take.
printf 'a,b,y\n0,1,0\n3,4,1\n2,0,0\n1,4,1\n0,3,1\n4,2,0\n' > good.csv
sed 's/^2,0/2.5,0/' good.csv > point.csv
sed 's/^2,0/-1,0/' good.csv > below.csv
cat > base.yaml <<'Y'
data:
  source:
    type: table
    features: {path: good.csv, columns: [a, b]}
    targets: {path: good.csv, columns: [y]}
model:
  layers:
    - {type: embedding, num_embeddings: 5, embedding_dim: 3, name: words}
    - flatten
    - {type: linear, out_features: 1}
train: {loss: bce_with_logits, optimizer: adam, batch_size: 2, steps: 4}
Y
try() {
    echo "--- $*" >&2
    "$RUNNER" base.yaml --out out -q "$@"
    echo "$? $*"
}
try
try model.layers.words.num_embeddings=4 model.layers.2.out_features=2
try data.source.features.path=point.csv
try data.source.features.path=below.csv
try 'data.preprocess=[min_max_scaler]'
try model.layers.1=transpose 'model.layers.2={type: embedding, num_embeddings: 5, embedding_dim: 1}'
"$RUNNER" show out/base/runs/* | sed -n '/^layer/,$p' | grep -v '^   '
