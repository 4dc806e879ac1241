# A run's config.yaml runs again from anywhere: its data are found where the
# experiment's own config stood, also over a record of a record, and must have
# the digest that was recorded.
mkdir -p project/configs project/data
{
    echo 'a,b,y'
    for i in 1 2 3 4 5 6 7 8 9; do echo "0.$i,$((i % 3)),$((i % 2))"; done
} > project/data/d.csv
cat > project/configs/c.yaml <<'Y'
data:
  source:
    type: table
    features: {path: ../data/d.csv, columns: [a, b]}
    targets: {path: ../data/d.csv, columns: [y]}
model: {layers: [{type: linear, out_features: 1}]}
train: {loss: bce_with_logits, optimizer: adam, batch_size: 3, steps: 4}
Y
(cd project && "$RUNNER" -q configs/c.yaml) || exit
first=project/experiments/c/runs
again() {
    "$RUNNER" -q "$@"
    echo "exit $?"
}
same() {
    diff -r "$first" "$1/c/runs" && echo "$1: same"
}

again $first/*/config.yaml --out second && same second
again second/c/runs/*/config.yaml --out third && same third
# In place the journal's latest start line names the record itself.
again -f $first/*/config.yaml --out project/experiments
again -f $first/*/config.yaml --out project/experiments

echo changed
cp -r project/data kept
echo 0.5,1,1 >> project/data/d.csv
again $first/*/config.yaml --out fourth
again $first/*/config.yaml --out fourth --data kept && same fourth

echo gone
rm -r project/data
again check $first/*/config.yaml
again $first/*/config.yaml --out fifth --data kept && same fifth
again $first/*/config.yaml --out sixth data.source.features.path=kept/d.csv \
    data.source.targets.path=kept/d.csv

[ "$(ls sixth/c/runs)" = "$(ls $first)" ] && echo "sixth: same id"
