# SPDX-License-Identifier: MIT
# Each limit of akt.test is reached, and says so.
cd "$AKT_TEST_TMP"
bad() { echo "$*"; exit 1; }
cat >many_test.lua <<'L'
local t = require "akt.test"
for i = 1, 10001 do t.test("t" .. i, function() end) end
L
"$AKTVM" test many_test.lua >out
grep -q "at most 10000 tests in one file" out || bad "$(cat out)"
cat >limits_test.lua <<'L'
local akt = require "akt"
local t = require "akt.test"
t.test(("n"):rep(200), function()
  t.raises("bad_argument", t.test, ("n"):rep(201), print)
end)
t.test("spies", function()
  for _ = 1, 64 do t.spy(akt.self()) end
  t.raises("limit", t.spy, akt.self())
end)
t.test("draws", function()
  local g = t.gen
  local long = g.list(g.list(g.integer(), 200, 200), 200, 200)
  t.raises("limit", t.property_run({ long }, print))
end)
t.test("output", function()
  for i = 1, 70 do io.write(("x"):rep(1024)) end
  error("failed")
end)
L
"$AKTVM" test limits_test.lua >out
tail -n 1 out | grep -qx "3 passed, 1 failed" || bad "$(tail -c 1000 out)"
grep -q "^    | xxx" out && grep -q "6144 bytes more" out || bad "$(tail -c 600 out)"
exit 0
