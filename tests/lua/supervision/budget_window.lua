-- Restarts older than the window do not count.
-- flags: --sim --seed 1
local akt = require "akt"

local W = akt.actor "w"
function W.on:boom() error("bang", 0) end
function W.on:restarts() return akt.info().restarts end

local sup = akt.supervisor {
  max = 1, within = 5,
  { "a", W, restart = "permanent" },
}
for _ = 1, 4 do
  akt.send("a", "boom")
  akt.sleep(6)
end
print(akt.ask("a", "restarts"), akt.alive(sup)) -- expect: 4	true
