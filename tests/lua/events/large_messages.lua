-- flags: --sim
-- seeds: 5
-- Of a large message an event has the values that fit whole into 4 KB.
local akt = require "akt"

local gone = akt.spawn(function() end)
while akt.alive(gone) do akt.sleep(0.001) end
akt.events.subscribe { types = "dead_letter" }
local function letter(...)
  gone:send(...)
  return akt.receive({ event = function(e) return e end }, 10)
end
local e = letter("a", 1, "two", { 3 })
print(e.tag, #e.args, e.args[2], e.size)          -- expect: a	3	two	nil
e = letter("b", 1, ("x"):rep(5000), 2)
print(e.tag, #e.args, e.args[1], e.size)          -- expect: b	1	1	5007
e = letter(("t"):rep(5000), 1)
print(e.tag, e.args, e.size)                      -- expect: nil	nil	nil
local many = {}
for i = 1, 240 do many[i] = i % 2 == 0 and { a = { i } } or 1.5 end
e = letter("c", table.unpack(many))
print(#e.args, e.args[240].a[1], e.size)          -- expect: 240	240	nil
e = letter("d", akt.self(), true, false, -1, -70000, 1 << 62, "\xff")
assert(e.args[1] == akt.self() and e.args[2] == true and e.args[3] == false)
assert(e.args[4] == -1 and e.args[5] == -70000 and e.args[6] == 1 << 62)
assert(e.args[7] == "\xff")
