-- flags: --sim --seed 3
-- tail_chopping asks one after the other, `interval` apart, and at once when
-- one fails; scatter_gather takes the first success.
local akt = require "akt"
local Slow = akt.actor "slow"
function Slow:init(s) self.s = s end
function Slow.on:get()
  if self.s == 0 then error("broken", 0) end
  akt.sleep(self.s)
  return self.s
end

local function ask(strategy, interval, ...)
  local list = {}
  for i, s in ipairs { ... } do list[i] = akt.spawn(Slow, s) end
  local r = akt.router { strategy = strategy, routees = list,
                         interval = interval, within = 20 }
  local t = akt.clock()
  local ok, v = pcall(r.ask, r, "get")
  return ok, ok and v or v.code, math.floor((akt.clock() - t) * 10 + 0.5) / 10
end

print(ask("scatter_gather", nil, 3, 1, 2))   -- expect: true	1	1.0
print(ask("scatter_gather", nil, 0, 2, 0))   -- expect: true	2	2.0
print(ask("scatter_gather", nil, 0, 0))      -- expect: false	crash	0.0
print(ask("scatter_gather", nil, 50, 60))    -- expect: false	timeout	20.0
print(ask("tail_chopping", 1, 10, 10, 10))   -- expect: true	10	10.0
print(ask("tail_chopping", 1, 0, 0, 5))      -- expect: true	5	5.0
print(ask("tail_chopping", 1, 0, 0))         -- expect: false	crash	0.0
print(ask("tail_chopping", 1, 50, 60))       -- expect: false	timeout	20.0
-- one that never answers costs an interval, not the whole time
local t = ask("tail_chopping", 1, 1000, 0.5) and 0
local _, _, seconds = ask("tail_chopping", 1, 1000, 0.5)
print(seconds == 0.5 or seconds == 1.5)      -- expect: true
akt.exit()
-- expect-err: broken
