# SPDX-License-Identifier: MIT
# aktvm events, trace and profile: text, JSON, files, and what they refuse.
set -e
cd "$AKT_TEST_TMP"
export AKTVM_RUNTIME_DIR="$AKT_TEST_TMP/run"
mkdir -m 700 run
cat > app.lua <<'L'
local akt = require "akt"
local Busy = akt.actor "busy"
function Busy.on:work(n, name)
  local x = 0
  for i = 1, n do x = x + i % 7 end
  return x
end
local busy = akt.spawn_opt({ name = "busy" }, Busy)
repeat
  busy:ask("work", 100000, "<a&b>\27[31m")
  akt.spawn(Busy):stop()
until io.open("stop")
akt.exit(0)
L
"$AKTVM" --name first app.lua & pid=$!
trap 'kill -9 $pid $pid2 2>/dev/null || true' EXIT
until ls run/first.* > /dev/null 2>&1; do sleep 0.02; done

"$AKTVM" profile --seconds 1 --out prof > out
grep -q 'samples in 1 s: prof.folded, prof.svg' out
grep -q '^busy;on.work@app.lua:3;app.lua:5 [0-9]*$' prof.folded
python3 - <<'P'
import xml.dom.minidom
svg = xml.dom.minidom.parse("prof.svg")
titles = [t.firstChild.data for t in svg.getElementsByTagName("title")]
assert any(t.startswith("on.work@app.lua:3 (") for t in titles), titles
assert titles[0].startswith("all ("), titles[0]
P
"$AKTVM" profile --seconds 1 --node first busy > out
grep -q 'on.work' profile.folded; ! grep -q main profile.folded
! "$AKTVM" profile --seconds 1 --out no/such 2> err; grep -q 'cannot write no/such.folded' err

"$AKTVM" trace --seconds 1 --pid $pid busy > out 2> err
grep -q -e '<- <main#1>  ask \["work",100000,"<a&b>\\u001[bB]\[31m"\]' out || { head -3 out; exit 1; }
grep -q -e '-> <main#1>  reply \[' out
"$AKTVM" trace --seconds 1 --json busy | head -1 | python3 -c 'import json,sys; json.loads(sys.stdin.readline())'
"$AKTVM" events --recent > out & events=$!
until grep -q 'spawn  *<busy#.* by <main#1>' out && grep -q 'end ' out; do sleep 0.05; done
kill $events
"$AKTVM" events --recent --json | head -1 > out || true
python3 -c 'import json; json.loads(open("out").readline())'

fails() { # CODE TEXT ARG...
  code=$1 text=$2; shift 2
  status=0; "$AKTVM" "$@" > out 2> err || status=$?
  [ $status = $code ] && grep -qF -- "$text" err || { echo "$* -> $status"; cat err; exit 1; }
}
fails 2 "missing: PID" trace
fails 2 "--seconds must be" profile --seconds 0
fails 2 "what is b" events a b
fails 1 "there is no actor nobody" trace nobody
fails 3 "no such node: other" events --node other
fails 3 "./sock" events --socket ./sock
"$AKTVM" --name second app.lua & pid2=$!
until ls run/second.* > /dev/null 2>&1; do sleep 0.02; done
fails 3 "several nodes run here" events
touch stop; wait $pid; wait $pid2
fails 3 "no node runs here" events
