# SPDX-License-Identifier: MIT
# --coverage: every line that could run, and how often it did; in coroutines
# and in actors of other isolates too. The tests themselves are left out.
cd "$AKT_TEST_TMP"
bad() { echo "$*"; exit 1; }
cat >code.lua <<'L'
local akt = require "akt"
local Kind = akt.actor "kind"

function Kind.on:get(n)
  if n > 1 then
    return "many"
  end
  -- a comment
  return "one"
end

local function vararg(...)
  local n = select("#", ...)
  return n
end

local function inside()
  local co = coroutine.wrap(function()
    local x = 1
    coroutine.yield(x)
  end)
  return co()
end

local function never()
  return 5
end

return { Kind = Kind, vararg = vararg, inside = inside, never = never }
L
cat >code_test.lua <<'L'
local akt, t = require "akt", require "akt.test"
local code = require "code"
t.test("a", function()
  local k = akt.spawn(code.Kind)
  t.eq(k:ask("get", 1), "one")
  t.eq(k:ask("get", 1), "one")
  t.eq(code.vararg(1, 2), 2)
  t.eq(code.inside(), 1)
end)
L
"$AKTVM" test --coverage cov code_test.lua >out || bad "$(cat out)"
python3 - <<'P' || exit 1
lines = open("cov").read().split("\n")
assert lines[1] == "SF:code.lua" and lines.count("end_of_record") == 1, lines
hits = dict(map(int, l[3:].split(",")) for l in lines if l.startswith("DA:"))
assert hits[5] == 2 and hits[6] == 0 and hits[9] == 2, hits
assert 8 not in hits and 3 not in hits, hits
assert hits[13] == 1 and hits[14] == 1, hits
assert hits[19] == 1 and hits[20] == 1 and hits[22] == 1, hits
assert hits[26] == 0 and hits[29] >= 1, hits
assert "LF:%d" % len(hits) in lines
assert "LH:%d" % sum(n > 0 for n in hits.values()) in lines
P
cp cov cov1
"$AKTVM" test --coverage cov --workers 2 code_test.lua >out
cmp cov cov1 || bad "not the same twice"
"$AKTVM" test --coverage cov --runs 3 code_test.lua >out
grep -qx "DA:5,6" cov || bad "three runs: $(cat cov)"
# what is covered happens as it does without
a=$("$AKTVM" test "$AKT_ROOT/tests/lua/testing/support/lost.lua" --runs 30)
b=$("$AKTVM" test "$AKT_ROOT/tests/lua/testing/support/lost.lua" --runs 30 --coverage cov)
[ "$a" = "$b" ] || bad "differs: $a $b"
"$AKTVM" test --real --coverage cov code_test.lua >out 2>&1
[ $? = 2 ] || bad "--real: $(cat out)"
"$AKTVM" test --coverage /no/such/x code_test.lua >out 2>&1
[ $? = 2 ] || bad "no file: $(cat out)"
