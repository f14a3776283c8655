-- seeds: 5
local akt = require "akt"
local function bad(opts)
  local _, err = akt.try(akt.spawn_opt, opts, function() end)
  print(err.code, (err.message:gsub("^.-:%d+: ", "")))
end
for _, cpu in ipairs { "0%", "101%", "20", "20 %", "20%%", "half", 20, true } do
  bad { cpu = cpu }
end
bad { priority = "urgent" }
bad { priority = 1 }
bad { prioriy = "high" }
local K = akt.actor "k"
K.priority = "higher"
print(select(2, akt.try(akt.spawn, K)).code)
-- a method of this name is one like any other
local M = akt.actor "m"
function M:priority() return 5 end
function M.on:get() return self:priority() end
print(akt.spawn(M):ask("get"))
-- expect: bad_option	cpu must be a share of one core, "1%" to "100%", not 0%
-- expect: bad_option	cpu must be a share of one core, "1%" to "100%", not 101%
-- expect: bad_option	cpu must be a share of one core, "1%" to "100%", not 20
-- expect: bad_option	cpu must be a share of one core, "1%" to "100%", not 20 %
-- expect: bad_option	cpu must be a share of one core, "1%" to "100%", not 20%%
-- expect: bad_option	cpu must be a share of one core, "1%" to "100%", not half
-- expect: bad_option	cpu must be a share of one core, "1%" to "100%", not 20
-- expect: bad_option	cpu must be a share of one core, "1%" to "100%", not true
-- expect: bad_option	priority must be one of "normal", "high", "low", "deadline", not "urgent"
-- expect: bad_option	priority must be one of "normal", "high", "low", "deadline", not number
-- expect: bad_option	spawn has no option "prioriy"; did you mean "priority"?
-- expect: bad_option
-- expect: 5
