# An audit of an experiment holds its summaries against its records, once these
# are good; one that is not there is nobody's result.
"$RUNNER" "$ROOT/configs/circles_adagrad.yaml" -q name=s train.steps=40 seed=1..5 \
    train.optimizer.lr=0.05,0.1
"$RUNNER" "$ROOT/configs/circles_adagrad.yaml" -q name=p output.runs=packed \
    train.steps=40 seed=1..5
cp -r experiments kept
ask() {
    "$RUNNER" audit "$@" | grep -v '^runs\|^  *[0-9]'
    rm -r experiments && cp -r kept experiments
}
edit() { # FILE LINE OLD NEW
    echo "== $1, line $2"
    sed "$2s/$3/$4/" "experiments/$1" >edited
    cmp -s edited "experiments/$1" && echo 'nothing was edited'
    cp edited "experiments/$1"
    ask s p
}
ask s p
edit s/summary.csv 4 finished diverged
edit s/summary.csv 1 test.accuracy test.accuracies
edit p/summary.csv 2 ,40, ,41,
edit s/summary.json 22 277. 377.
edit p/summary.json 3 '"p"' '"q"'
edit p/summary.json '$' '}' '} '
edit s/summary.csv 5 '$' '1'
edit s/plan.json 1,400 '"train.optimizer.lr":0.1' '"train.optimizer.lr":0.2'
echo '== more'
echo more >>experiments/p/summary.csv
ask p
echo '== less'
head -c -20 kept/p/summary.json >experiments/p/summary.json
ask p
echo '== none'
rm experiments/*/summary.*
ask s p
echo '== a record, and a summary'
id=$(ls experiments/s/runs | head -1)
sed -i 's/f1,0/f1,1/' "experiments/s/runs/$id/metrics.csv"
sed -i 's/finished/diverged/' experiments/s/summary.csv
ask s
echo '== of one run nothing is summed up'
sed -i 's/finished/diverged/' experiments/s/summary.csv
ask s/"$id"
