# What can't be run is refused before anything is written, with the combination
# and the line of the axis.
cat > bad.yaml <<Y
extends: $ROOT/configs/minimal.yaml
name: bad
sweep:
  parameters:
    train.optimizer.lr: [0.01, 0.1]
    train.batch_size: [5, 0]
    data.split.test_size: [20, 1000000]
Y
"$RUNNER" bad.yaml
"$RUNNER" bad.yaml train.batch_size=5 data.split.test_size=5 train.optimizer.lr=0.1,-1
"$RUNNER" bad.yaml seed=1..1000 train.steps=1..1000 'train.optimizer.lr=linspace(0.01,1,1000)' train.batch_size=5
"$RUNNER" bad.yaml seed=1,2 output.dir=a,b
"$RUNNER" bad.yaml seed=4294967296,0
"$RUNNER" bad.yaml 'train.optimizer.lr=logspace(1,2,3)'
for threads in abc 0 -1 1.5; do
    OMP_NUM_THREADS=$threads "$RUNNER" "$ROOT/configs/minimal.yaml" seed=1,2
    echo $?
done 2>&1 | grep -v libgomp | grep .
ls
