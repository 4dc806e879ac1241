# Data are found as they are for a run; those that are not there, and those that
# are not the data, are told apart.
mkdir -p p/configs p/data
{
    echo 'a,b,y'
    for i in 1 2 3 4 5 6 7 8 9; do echo "0.$i,$((i % 3)),$((i % 2))"; done
} > p/data/d.csv
cat > p/configs/c.yaml <<'Y'
data:
  source:
    type: table
    features: {path: ../data/d.csv, columns: [a, b]}
    targets: {path: ../data/d.csv, columns: [y]}
model: {layers: [{type: linear, out_features: 1}]}
train: {loss: bce_with_logits, optimizer: adam, batch_size: 3, steps: 4}
Y
cd p && "$RUNNER" configs/c.yaml -q 'seed=1..3' || exit
ask() {
    "$RUNNER" audit "$@" -j 1 > out
    echo "exit $?"
    sed 's/;.*//' out
}
run=$(echo experiments/c/runs/* | cut -d' ' -f1)
ask c
ask "$run" --json | grep -A 3 verdict
mv data moved
echo '== gone'
ask "$run"
ask c --data moved
echo '== not the data'
mkdir data && sed 's/0.1,1,1/0.1,1,0/' moved/d.csv > data/d.csv
ask "$run"
ask "$run" --data moved
echo '== the digest'
rm -r data && cp -r moved data
sed -i 's/"features": "[0-9a-f]/"features": "x/' "$run/run.json"
ask "$run"
rm -r data
ask "$run"
