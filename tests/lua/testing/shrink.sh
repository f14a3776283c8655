# SPDX-License-Identifier: MIT
# skip-tsan: of one thread
# The first failing schedule is made smaller; its command fails the same way.
session=$AKT_ROOT/tests/lua/testing/support/session.lua
bad() { echo "$*"; exit 1; }
run() { "$AKTVM" test "$session" --filter "both count" "$@"; }
told() { grep -v "passed,\|^  seed\|^  switches"; } # of the same run

# few switches are left, the same ones whoever looked for them
for how in "" "--strategy pct --depth 4" "--late 10 --seed 100"; do
  one=$(run --runs 300 --workers 1 $how)
  [ $? = 1 ] || bad "not found: $how $one"
  for workers in 1 3; do
    many=$(run --runs 300 --workers $workers $how)
    [ "$many" = "$one" ] || bad "$workers threads: $many instead of $one"
  done
  left=$(echo "$one" | sed -n 's/^  switches \([0-9]*\) of .*/\1/p')
  [ "$left" -ge 1 ] && [ "$left" -le 3 ] || bad "$how: $left switches left: $one"
  [ "$(echo "$one" | grep -c -- "s  <.*  <-- ")" = "$left" ] || bad "marks: $one"
  replay=$(echo "$one" | sed -n 's/^  replay   aktvm //p')
  case $replay in *"--switches "*) ;; *) bad "$replay" ;; esac
  again=$(eval "\"$AKTVM\" $replay"); code=$?
  [ $code = 1 ] && [ "$(echo "$again" | told)" = "$(echo "$one" | told)" ] ||
    bad "the replay differs: $again instead of $one"
  echo "$again" | grep -q "^  switches $left given; <-- in the trace" || bad "$again"
  # each switch is needed: without any it passes
  seed=$(echo "$replay" | sed 's/.*--seed \([0-9]*\).*/\1/')
  run --seed $seed --switches "" | grep -qx "1 passed, 0 failed" || bad "plain"
  run --seed $seed --strategy plain | grep -qx "1 passed, 0 failed" || bad "plain"
done

# one that is late for long is one switch
cd "$AKT_TEST_TMP"
sed 's/if login then \(.*\) end$/for _ = 1, login and 6 or 0 do \1 end/' "$session" >six_test.lua
grep -q "login and 6" six_test.lua || bad "six_test.lua"
held=0
for seed in 1 100 200; do
  one=$("$AKTVM" test six_test.lua --filter "both count" --runs 300 \
    --strategy pct --seed $seed)
  left=$(echo "$one" | sed -n 's/^  switches \([0-9]*\) of .*/\1/p')
  [ -n "$left" ] && [ "$left" -le 3 ] || bad "six: $one"
  again=$(eval "\"$AKTVM\" $(echo "$one" | sed -n 's/^  replay   aktvm //p')")
  [ "$(echo "$again" | told)" = "$(echo "$one" | told)" ] || bad "six: $again $one"
  case $one in *" waits for "*" steps"*) held=$((held + 1)) ;; esac
done
[ $held -gt 0 ] || bad "nobody was held"

# as it was
one=$(run --runs 300 --no-shrink)
echo "$one" | grep -q "switches\|<--" && bad "--no-shrink: $one"
replay=$(echo "$one" | sed -n 's/^  replay   aktvm //p')
again=$(eval "\"$AKTVM\" $replay")
[ "$(echo "$again" | told)" = "$(echo "$one" | told)" ] || bad "$again"

# what fails in any order needs none; a run at its limit is told as it was
cd "$AKT_TEST_TMP"
echo "local t = require 'akt.test'
t.test('fails', function() t.eq(1, 2) end)
t.test('loops', function() while true do end end)" >fails_test.lua
one=$("$AKTVM" test fails_test.lua --filter fails --seed 7)
case $one in *"switches none: it fails in the plain order as well"*"--seed 7 --strategy plain"*) ;;
  *) bad "$one" ;; esac
one=$("$AKTVM" test fails_test.lua --filter loops --turns 2000)
case $one in *switches*) bad "$one" ;; *"--seed 1 --turns 2000"*) ;; *) bad "$one" ;; esac

# a bug that needs a late turn: a sleep that stands for an answer
cat >late_test.lua <<'L'
local akt, t = require "akt", require "akt.test"
local Sum = akt.actor "sum"
function Sum:init() self.n = 0 end
function Sum.on:add() self.n = self.n + 1 end
t.test("late", function()
  local sum = akt.spawn(Sum)
  akt.spawn(function() sum:send("add") end)
  akt.sleep(0.005)
  t.ok(akt.info(sum).processed > 0, "nothing yet")
end)
L
"$AKTVM" test late_test.lua --runs 50 | grep -qx "1 passed, 0 failed" || bad "not late"
one=$("$AKTVM" test late_test.lua --runs 300 --late 10)
case $one in
  *" of "*" are left"*"<-- late: time has passed"*"--late 10 --switches "*) ;;
  *) bad "late: $one" ;;
esac
again=$(eval "\"$AKTVM\" $(echo "$one" | sed -n 's/^  replay   aktvm //p')")
[ "$(echo "$again" | told)" = "$(echo "$one" | told)" ] || bad "late: $again"

# another failure is not the same one: "reversed" is not shrunk to "other", but
# numbers may differ
cat >two_test.lua <<'L'
local akt, t = require "akt", require "akt.test"
local Log = akt.actor "log"
function Log:init() self.text = "" end
function Log.on:add(c) self.text = self.text .. c end
function Log.on:get() return self.text end
t.test("two", function()
  local log, text, looks = akt.spawn(Log), "", 0
  for _, c in ipairs { "a", "b", "c" } do
    akt.spawn(function() log:ask("add", c) end)
  end
  while #text < 3 do text, looks = log:ask("get"), looks + 1 end
  t.ok(text ~= "cba", "reversed, seen by look " .. looks)
  t.ok(text == "abc", "other")
end)
L
reversed=0
seeds=60 # under a sanitizer the limit of processor time could be met
[ -n "${AKT_TEST_SANITIZER:-}" ] && seeds=12
for seed in $(seq $seeds); do
  shrunk=$("$AKTVM" test two_test.lua --seed $seed); code=$?
  [ $code = 0 ] && continue
  first=$("$AKTVM" test two_test.lua --seed $seed --no-shrink)
  kind() { echo "$1" | sed -n '2s/[0-9]*$//p'; }
  [ "$(kind "$shrunk")" = "$(kind "$first")" ] || bad "$shrunk instead of $first"
  case $shrunk in *" none: it fails"*) continue ;; *reversed*) ;; *) continue ;; esac
  reversed=$((reversed + 1))
  left=$(echo "$shrunk" | sed -n 's/^  switches \([0-9]*\) of .*/\1/p')
  [ "$left" -le 5 ] || bad "numbers: $shrunk"
done
[ $reversed -ge 1 ] || bad "$reversed seeds were reversed"

# what the seed does not decide is said to be outside
cat >outside_test.lua <<'L'
require("akt.test").test("outside", function()
  local used = io.open("/proc/thread-self/schedstat"):read("a"):gsub("%D.*", "")
  error("used " .. used:gsub("%d", function(d) return string.char(97 + d) end))
end)
L
"$AKTVM" test outside_test.lua | grep -q "^  switches unknown: with this seed" ||
  bad "$("$AKTVM" test outside_test.lua)"

# mistakes
no() { "$AKTVM" test "$@" fails_test.lua >out 2>&1; [ $? = 2 ] || bad "taken: $* $(cat out)"; }
no --strategy best
no --strategy
no --depth 17
no --late 0
no --switches 1:
no --switches 5:zz
no --real --strategy pct
no --real --late 5
no --real --switches 1:1
no --switches 1:1 --strategy pct
no --switches 1:1 --depth 2
no --switches 1:1 --runs 5
# who is not there has no effect
"$AKTVM" test fails_test.lua --filter fails --switches 1:ffff,2:1/c3 | grep -q "2 given" ||
  bad "unknown switches"
