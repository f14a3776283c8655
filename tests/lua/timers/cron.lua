-- flags: --sim --seed 5
-- By the wall clock, which begins at 2026-01-01 00:00 UTC in the simulation.
local akt = require "akt"

local function wall() return os.date("!%m-%d %H:%M:%S", math.floor(akt.now())) end

local t = akt.cron("*/20 * * * *", "tick", "a", 1)
for _ = 1, 3 do
  akt.receive { tick = function(...) print(wall(), akt.sender(), ...) end }
end
-- expect: 01-01 00:20:00	nil	a	1
-- expect: 01-01 00:40:00	nil	a	1
-- expect: 01-01 01:00:00	nil	a	1
print(t:cancel())                          -- expect: true

-- six fields
t = akt.cron("*/25 * * * * *", "tick")
for _ = 1, 3 do akt.receive { tick = function() print(wall()) end } end
-- expect: 01-01 01:00:25
-- expect: 01-01 01:00:50
-- expect: 01-01 01:01:00
t:cancel()

-- where the clocks change, in March
local B = akt.actor "b"
function B.on:night(n) print(wall(), n) end
local b = akt.spawn(B)
akt.sleep(akt.cron_next("0 0 28 3 *") - akt.now())
t = akt.cron_opt("30 2 * * *", "night", "berlin", { to = b, tz = "Europe/Berlin" })
akt.sleep(3 * 86400)
-- expect: 03-28 01:30:00	berlin
-- expect: 03-29 01:00:00	berlin
-- expect: 03-30 00:30:00	berlin
t:cancel()

-- the last one ends it
t = akt.cron("0 0 12 1 6 ? 2026", "tick")
akt.receive { tick = function() print(wall()) end } -- expect: 06-01 12:00:00
print(#akt.timers(), t:cancel())           -- expect: 0	false
print(akt.cron_next("0 0 29 2 *", 1767225600) == 1835395200) -- expect: true
print(akt.cron_next("0 0 31 2 *"))
-- expect: 
