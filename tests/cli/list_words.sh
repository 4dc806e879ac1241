# Every word of the overview is taken, by itself and as JSON; so are sections
# and keys of a config.
for word in $("$RUNNER" list); do
    "$RUNNER" list "$word" > lines || exit
    [ -s lines ] || echo "$word: nothing"
    "$RUNNER" list "$word" --json | python3 -c "import json, sys
sys.exit(not any(json.load(sys.stdin).values()))" || echo "$word: no JSON"
done
"$RUNNER" list data.split
"$RUNNER" list seed
"$RUNNER" list adagrad
"$RUNNER" list sweep
"$RUNNER" list distributions
"$RUNNER" list data.spli
