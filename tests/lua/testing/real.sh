# SPDX-License-Identifier: MIT
# In the real world: with --real, and as a plain program.
cd "$AKT_TEST_TMP"
bad() { echo "$*"; exit 1; }
cat >real_test.lua <<'L'
local akt = require "akt"
local t = require "akt.test"
local Server = akt.actor "server"
function Server.on:later(to) akt.after(0.01, "tick", to) end
function Server.on:tick(to) to:send("ticked") end
function Server.on:spread(n, to)
  if n == 0 then to:send("spread") return end
  akt.spawn(Server):send("spread", n - 1, to)
end
t.test("time passes", function()
  local p, s, from = t.probe(), akt.spawn(Server), akt.clock()
  s:send("later", p.pid)
  p:expect("ticked")
  t.advance(0.05)
  t.ok(akt.clock() - from >= 0.05)
end)
t.test("settle", function()
  local p = t.probe()
  akt.spawn(Server):send("spread", 200, p.pid)
  t.settle()
  p:expect_within(0, "spread")
end)
t.test("faults, spies, stubs", function()
  local p = t.probe()
  local Other = akt.actor "other"
  t.stub(Other, { hello = function() return "stub" end })
  t.eq(akt.spawn(Other):ask("hello"), "stub")
  local s = akt.spawn(Server)
  local seen = t.spy(s)
  p:watch(s)
  s:send("tick", p.pid)
  p:expect("ticked")
  t.eq(seen[1], { "tick", p.pid })
  t.fault.crash(s)
  p:expect_down(s)
end)
t.test("many actors left over", function()
  for i = 1, 100 do akt.spawn(Server) end
  akt.every(0.01, "tick")
  akt.send(akt.self(), "left over")
end)
t.test("a fresh mailbox", function()
  t.raises("timeout", akt.receive, 0)
end)
t.test("fails", function() t.eq(1, 2) end)
L
out=$("$AKTVM" test --real real_test.lua); code=$?
[ $code = 1 ] || bad "--real: $code $out"
case $out in
  *"FAIL real_test.lua: fails"*"replay   aktvm test real_test.lua --filter 'fails' --real"*"5 passed, 1 failed") ;;
  *) bad "--real: $out" ;;
esac
out=$("$AKTVM" real_test.lua); code=$?
[ $code = 1 ] || bad "plain: $code $out"
case $out in
  "FAIL fails
  --> real_test.lua:"*": not equal: 1 and 2"*"5 passed, 1 failed") ;;
  *) bad "plain: $out" ;;
esac
out=$("$AKTVM" --sim --seed 3 real_test.lua | tail -n 1)
[ "$out" = "5 passed, 1 failed" ] || bad "--sim: $out"

# ends of all kinds
echo "local t = require 'akt.test'
t.test('a', function() end)
t.test('waits', function() require('akt').receive() end)" >waits_test.lua
out=$("$AKTVM" waits_test.lua 2>err); code=$?
[ $code = 1 ] && [ "$out" = "1 passed, 1 failed" ] && grep -q "waits for ever" err ||
  bad "waits: $code $out $(cat err)"
out=$("$AKTVM" test --real waits_test.lua)
case $out in *"waits for ever"*"1 passed, 1 failed") ;; *) bad "waits: $out" ;; esac
echo "require('akt.test').test('loops', function() while true do end end)" >l_test.lua
out=$("$AKTVM" test --real --timeout 0.2 l_test.lua)
case $out in *"does not end: its time is over"*"0 passed, 1 failed") ;; *) bad "loops: $out" ;; esac
# a job that does not end holds nobody up
echo "local akt, t = require 'akt', require 'akt.test'
t.test('job', function()
  akt.spawn(function() os.execute('exec sleep 100 >/dev/null 2>&1') end)
  akt.sleep(0.1)
end)
t.test('next', function() end)" >job_test.lua
timeout --foreground 50 "$AKTVM" test --real job_test.lua >out 2>&1; code=$?
[ "$code $(cat out)" = "0 2 passed, 0 failed" ] || bad "job: $code $(cat out)"
echo "local t = require 'akt.test' t.test('a', print)" >ok_test.lua
out=$("$AKTVM" ok_test.lua); code=$?
[ "$code $out" = "0 
1 passed, 0 failed" ] || bad "plain: $code $out"
cat >faults_test.lua <<'L'
local akt, t = require "akt", require "akt.test"
t.test("a", function()
  local f, s = t.fault, akt.spawn(akt.actor "s")
  for _, name in ipairs { "delay", "drop", "slow", "full", "clear", "stats" } do
    t.raises("not_simulated", f[name], s, 1)
  end
  t.raises("not_simulated", f.crash, s, { at = "next" })
  f.crash(s)
end)
L
for how in "" "test --real"; do
  out=$("$AKTVM" $how faults_test.lua)
  [ "$out" = "1 passed, 0 failed" ] || bad "faults: $out"
done
