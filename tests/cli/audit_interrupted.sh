# SIGTERM: exit 75 soon, and nothing is left behind.
cat > long.yaml <<Y
extends: $ROOT/configs/minimal.yaml
name: long
train: {steps: 6000}
sweep: {parameters: {seed: {min: 1, max: 160}}}
Y
"$RUNNER" long.yaml -q
files=$(find . -type f | sort)
"$RUNNER" audit long long -j 1 --bundle b.tar > out 2> err &
pid=$!
# As soon as it listens.
caught() {
    mask=$(awk '/SigCgt/ {print $2}' /proc/$pid/status)
    [ $((0x$mask & 0x4000)) -ne 0 ]
}
until caught; do sleep 0.01; done
kill -TERM $pid
wait $pid
echo $?
cat err
grep -c 'not run' out
rm out err
[ "$(find . -type f | sort)" = "$files" ] && echo 'nothing written'
