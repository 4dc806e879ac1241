# Two processes on one folder divide a sweep: the tree of one, and no run done
# twice; what a dead one held is taken over at once.
sweep() {
    exec "$RUNNER" "$ROOT/configs/minimal.yaml" -q -j 1 --out "$1" seed=1..120 train.steps=20000 \
        'train.optimizer.lr=0.01,0.02'
}
(sweep calm)
sweep both &
until ls both/minimal/runs/* >ready 2>&1; do sleep 0.01; done
(sweep both)
echo $?
wait $!
echo $?
diff -r -x journal.jsonl calm both && echo same
ls -A both/minimal/.work
sweep half & { sweep half & sleep 0.5; kill -KILL $!; }
wait %1
echo $?
diff -r -x journal.jsonl calm half && echo same
ls -A half/minimal/.work
# A claim of a process of this host that is no more: its own name says whose.
mkdir -p stale/minimal/.work
id=$(ls calm/minimal/runs | head -1)
python3 - $id <<'P'
import json, os, re, socket, sys
host = socket.gethostname()
space = os.readlink("/proc/self/ns/pid")
if space != "pid:[4026531836]":
    host += "," + space
text = json.dumps({"host": host, "pid": 1 << 22, "start": "1", "beat": "000000000001"})
open("stale/minimal/.work/process.%d@%s" % (1 << 22, host), "w").write(text + "\n")
for id in os.listdir("calm/minimal/runs"):
    os.link("stale/minimal/.work/process.%d@%s" % (1 << 22, host),
            "stale/minimal/.work/claim." + id)
P
(sweep stale)
echo $?
diff -r -x journal.jsonl calm stale && echo same
python3 - <<'P'
import collections, json
runs, sessions = collections.Counter(), set()
for line in open("both/minimal/journal.jsonl"):
    event = json.loads(line)
    if event["event"] == "run":
        runs[event["id"]] += 1
        sessions.add(event["session"])
print(len(runs), max(runs.values()), len(sessions))
P
