# SPDX-License-Identifier: MIT
# skip-tsan: of one thread
# t.explore: as many runs as it says, unless the command says otherwise.
bad() { echo "$*"; exit 1; }
session=$AKT_ROOT/tests/lua/testing/support/session.lua
told() { grep -v "passed,\|^  seed\|^  switches"; }
one=$("$AKTVM" test "$session")
case $one in
  *"seed     1"???", run "*" of 300"*"--filter 'explored' --seed 1"*"3 passed, 1 failed") ;;
  *) bad "$one" ;;
esac
left=$(echo "$one" | sed -n 's/^  switches \([0-9]*\) of .*/\1/p')
[ "$left" -ge 1 ] && [ "$left" -le 3 ] || bad "$left switches left: $one"
[ "$("$AKTVM" test "$session" --workers 1)" = "$one" ] || bad "not the same twice"
again=$(eval "\"$AKTVM\" $(echo "$one" | sed -n 's/^  replay   aktvm //p')")
[ "$(echo "$again" | told)" = "$(echo "$one" | told | grep -v "^ok")" ] ||
  bad "the replay differs: $again instead of $one"
one=$("$AKTVM" test "$session" --filter explored --no-shrink)
echo "$one" | grep -q -- "--strategy pct --depth 4 --runs 1$" || bad "$one"
again=$(eval "\"$AKTVM\" $(echo "$one" | sed -n 's/^  replay   aktvm //p')")
[ "$(echo "$again" | told)" = "$(echo "$one" | told)" ] || bad "$again"

# how often, with which seeds
cd "$AKT_TEST_TMP"
cat >count_test.lua <<'L'
local akt, t = require "akt", require "akt.test"
t.explore("a", function()
  io.stdout:write("run\n")
  t.ok(math.random(1000) > 0)
  error "always"
end, { runs = 30, seed = 40, late = "1ms" })
t.explore(function() end)
t.explore(function() end, { runs = 12 })
L
ran() { want=$1; shift; "$AKTVM" test "$@" | grep -q "$want" ||
  bad "$*: $("$AKTVM" test "$@")"; }
ran "seed     40, run 1 of 30" count_test.lua
ran "seed     3, run 1 of 30" count_test.lua --seed 3
ran "seed     40, run 1 of 2" count_test.lua --runs 2
ran "ok   count_test.lua: explored in line 7" count_test.lua -v
ran "ok   count_test.lua: explored in line 8" count_test.lua -v --filter "line 8"
ran "late 1 --strategy plain --runs 1" count_test.lua

# without schedules: a few times
cat >passes_test.lua <<'L'
local t = require "akt.test"
local function run() io.open("runs", "a"):write("run\n"):close() end
t.explore("a", run, { runs = 300 })
t.explore("b", run, { runs = 3 })
L
for how in "" "test --real"; do
  : >runs
  [ "$("$AKTVM" $how passes_test.lua)" = "2 passed, 0 failed" ] || bad "$how"
  [ "$(wc -l <runs)" = 13 ] || bad "$how: $(wc -l <runs) runs"
done

# mistakes are told at their place
no() {
  echo "local t = require 'akt.test' t.explore($1)" >no_test.lua
  "$AKTVM" test no_test.lua >out; [ $? = 1 ] || bad "taken: $1"
  grep -qF -- "--> no_test.lua:1: $2" out || bad "$1: $(cat out)"
}
no "'x', print, { run = 5 }" 'explore has no option "run"; did you mean "runs"?'
no "'x', print, { runs = 0 }" 'explore: runs must be an integer from 1 to 100000000, not 0'
no "'x', print, { strategy = 'best' }" 'strategy must be one of "random", "pct", not "best"'
no "'x', print, { depth = 2 }" 'explore: depth is for the strategy "pct"'
no "'x', print, { strategy = 'pct', depth = 17 }" 'explore: depth must be an integer from 1 to 16'
no "'x', print, { late = '1h' }" 'explore: late must be at most 1000 s'
no "'x', print, { seed = 1.5 }" 'explore: seed must be an integer'
no "print, 5" 'explore: a table is expected, got number'
no "'x'" 'test "x": a function is expected, got nil'
exit 0
