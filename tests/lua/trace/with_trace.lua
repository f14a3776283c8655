-- flags: --sim
-- seeds: 5
-- A trace from outside: in force inside the function only, nested too.
local akt = require "akt"

local Teller = akt.actor "teller"
function Teller.on:tell() return akt.trace_id() end
function Teller.on:inside(id, other)
  local mine = akt.trace_id()
  local seen = akt.with_trace(id, function(x)
    assert(x == 7)
    akt.sleep(0.001)
    return other:ask("tell")
  end, 7)
  assert(akt.trace_id() == mine)
  return seen
end

local a, b = akt.spawn(Teller), akt.spawn(Teller)
local function tell() return a:ask("tell") end

print(akt.with_trace("7f3a", tell))         -- expect: 0000000000007f3a
print(akt.with_trace("00000000000000000123456789ABCDEF", tell))
-- expect: 0123456789abcdef
print(a:ask("inside", "ab", b))             -- expect: 00000000000000ab
print(akt.with_trace("1", function()
  local inner = akt.with_trace("2", tell)
  return inner, tell(), akt.trace_id()
end)) -- expect: 0000000000000002	0000000000000001	0000000000000001
local ok, err = akt.try(akt.with_trace, "3", error, { code = "mine" })
print(ok, err.code, akt.trace_id())         -- expect: nil	mine	nil
for _, bad in ipairs { "", "0", "00", "xyz", ("1"):rep(17), ("1"):rep(33), 12,
                       false, " 1", "0x1", ("0"):rep(32) } do
  ok, err = akt.try(akt.with_trace, bad, tell)
  assert(ok == nil and err.code == "bad_argument", tostring(bad))
end
print(err.message:match("a trace is.-;"))
-- expect: a trace is 1 to 16 hexadecimal digits, or 32, and not 0;
ok, err = akt.try(akt.with_trace, "1")
print(ok, err.message:match("with_trace: .*"))
-- expect: nil	with_trace: a function is expected, got nil
