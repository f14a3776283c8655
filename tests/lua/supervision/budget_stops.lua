-- exhausted = "stop": the child is stopped, the supervisor lives on.
-- flags: --sim --seed 1
local akt = require "akt"

local W = akt.actor "w"
function W.on:boom() error("bang", 0) end

local sup = akt.supervisor {
  max = 1, exhausted = "stop",
  { "a", W, restart = "permanent" },
  { "b", W, restart = "permanent" },
}
local ref = akt.monitor(akt.whereis("a"))
for _ = 1, 2 do akt.send("a", "boom") end
local _, r, _, reason = akt.receive()
print(r == ref, reason.code, #akt.children(sup)) -- expect: true	crash	1
