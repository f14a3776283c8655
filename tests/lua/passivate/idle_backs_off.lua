-- flags: --sim --crash-reports off
-- seeds: 5
-- An idle that fails again and again is tried less and less often; a message
-- brings the first pace back.
local akt = require "akt"
local log = akt.spawn(function()
  local times = {}
  while true do
    akt.receive {
      at = function(t) times[#times + 1] = t end,
      take = function() local all = times; times = {}; return all end,
    }
  end
end)
local K = akt.actor "k"
K.passivate = { after = 1 }
function K.on:touch() end
function K:idle() log:send("at", akt.now()); error "no disk" end
function K:wake() end
local a = akt.spawn(K)
local function gaps(seconds)
  a:ask("touch")
  local last, list = akt.now(), {}
  akt.sleep(seconds)
  for _, t in ipairs(log:ask("take")) do
    list[#list + 1] = ("%.0f"):format(t - last)
    last = t
  end
  print(table.concat(list, " "))
end
gaps(300) -- expect: 1 1 2 4 8 16 32 64 64 64
gaps(5) -- expect: 1 1 2
