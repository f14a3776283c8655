-- flags: --sim
-- seeds: 5
-- What is remembered, without a subscription: newest last, collapsed.
local akt = require "akt"

local Worker = akt.actor "worker"
function Worker.on:die() error("dies") end
local w = akt.spawn(Worker)
akt.try(akt.ask, w, "die")
while akt.alive(w) do akt.sleep(0.001) end
for _ = 1, 50 do w:send("late") end

local list = akt.events.history { about = w }
local types, letters = {}, 0
for i, e in ipairs(list) do
  if e.type == "dead_letter" then letters = letters + e.count end
  if types[#types] ~= e.type then types[#types + 1] = e.type end
  assert(e.pid == w and (i == 1 or e.at >= list[i - 1].at))
end
print(table.concat(types, " "))
-- expect: spawn crash dead_letter end dead_letter
print(letters)                                       -- expect: 51
assert(#list < 20, "the same is one entry a second")
list = akt.events.history { types = { "crash", "end" }, about = w }
print(#list, list[1].type, list[1].from == akt.self(), list[2].code)
-- expect: 2	crash	true	crash
print(#akt.events.history { severity = "critical" }) -- expect: 0
print(#akt.events.history { limit = 3 })             -- expect: 3
print(#akt.events.history { types = "crash", limit = 1 }) -- expect: 1
print(akt.events.types().crash)                      -- expect: error
