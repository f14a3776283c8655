# SPDX-License-Identifier: MIT
# `aktvm bench` measures what a script names, as text and as JSON.
set -eu
cd "$AKT_TEST_TMP"
fail() { echo "FAIL $*" >&2; cat out err >&2; exit 1; }
run() { # EXIT-CODE ARGS...
    local wanted=$1 code=0
    shift
    "$AKTVM" "$@" >out 2>err || code=$?
    [ $code = "$wanted" ] || fail "aktvm $*: exit code $code, not $wanted"
}
says() { grep -qF -- "$1" "${2:-err}" || fail "not said: $1"; }

cat >two_bench.lua <<'L'
local akt = require "akt"
local bench = require "akt.bench"
local Echo = akt.actor "echo"
function Echo.on:say(x) return x end
local echo, calls = akt.spawn(Echo), 0
bench("asks \"quoted\"\n", function()
  calls = calls + 1
  assert(echo:ask("say", calls) == calls)
end)
bench("ten additions", function()
  for _ = 1, 10 do calls = calls + 1 end
end, { count = 10, warm_up = 0 })
io.stderr:write(table.concat(akt.args, ","), " ", calls, "\n")
L

run 0 bench --time 0.05 --warm-up=0.01 two_bench.lua a --json
grep -qE '^benchmark +per s +mean +p50 +p90 +p99 +max$' out || fail "no header"
grep -qE '^ten additions +[0-9.]+ [kM] +[0-9.]+ [nu]s' out || fail "no row"
says 'a,--json '                        # what is behind the script is its own

# A second of calls that take nothing: more samples than are kept.
run 0 bench --workers 1 --json --time 0.8 --warm-up 0.01 two_bench.lua
python3 - <<'P' || fail "wrong JSON"
import json
rows = [json.loads(line) for line in open("out")]
assert [r["name"] for r in rows] == ['asks "quoted"\n', "ten additions"], rows
said = int(open("err").read().split()[-1])
for r in rows:
    assert r["v"] == 1 and r["samples"] * r["batch"] == r["calls"], r
    times = [r[k + "_ns"] for k in ("min", "p50", "p90", "p99", "max")]
    assert times == sorted(times) and times[0] > 0, r
    assert times[0] <= r["mean_ns"] <= times[-1] * 1.0001 or r["samples"] > 1e5, r
    assert abs(r["per_second"] * r["mean_ns"] / 1e9 - 1) < 1e-6, r
    assert abs(r["seconds"] * 1e9 / r["calls"] / r["count"]
               / r["mean_ns"] - 1) < 1e-6, r
# warming up calls it too, so the script has counted more
assert said > sum(r["calls"] * r["count"] for r in rows), said
P

run 0 bench --filter addi --time 0.01 two_bench.lua
! grep -q asks out || fail "the filter has no effect"
run 1 bench --filter nothing two_bench.lua
says 'no benchmarks in two_bench.lua that match the filter'
run 0 two_bench.lua --filter
says '--filter '

echo 'print "no bench"' >none.lua
run 1 bench none.lua
says 'no benchmarks in none.lua'
echo 'require "akt.bench"("x", function() error "oops" end)' >raises.lua
run 1 bench raises.lua
says 'raises.lua:1: oops'
echo 'local x = = 1' >syntax.lua
run 1 bench syntax.lua
says 'syntax.lua:1:'
run 1 bench missing.lua
says 'missing.lua'
mkdir 'a "b'
cp none.lua 'a "b/ö\.lua'
run 1 bench 'a "b/ö\.lua'
says 'no bench' out

run 2 bench
says 'no script file given'
run 2 bench --time 0 none.lua
says "--time: bad value '0'"
run 2 bench --time 3601 none.lua
run 2 bench --sim none.lua
says 'time stands still'
run 2 bench --record file none.lua
run 2 run --json none.lua
says 'run: --json is for bench'
run 2 repl --filter x
says 'repl: --filter is for bench'
run 0 bench --help
says '--warm-up S' out
