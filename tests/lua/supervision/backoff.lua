-- The first restart in a window is at once, then the delay doubles; the actor
-- is alive meanwhile, and its mailbox takes messages.
-- flags: --sim --seed 1
local akt = require "akt"

local main = akt.self()
local W = akt.actor "w"
function W:init() main:send("up", akt.clock()) end
function W.on:boom() error("bang", 0) end

local a
akt.supervisor {
  max = 10, within = 60, backoff = { 1, 4 },
  { "a", W, restart = "permanent" },
}
local _, last = akt.receive()
local steps = {}
for _ = 1, 5 do
  last = akt.clock()
  akt.send("a", "boom")
  local _, at = akt.receive()
  assert(akt.alive(akt.whereis("a")))
  local s = at - last
  local n = s < 0.01 and 0 or s > 0.8 and s <= 1 and 1 or s > 1.6 and s <= 2 and 2
    or s > 3.2 and s <= 4 and 4 or s
  steps[#steps + 1] = tostring(n)
end
print(table.concat(steps, " ")) -- expect: 0 1 2 4 4
