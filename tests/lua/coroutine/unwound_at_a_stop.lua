-- flags: --sim --seed 7
-- A process that is stopped while a coroutine of its waits is unwound from
-- the innermost on.
local akt = require "akt"
local p, ref = akt.spawn_monitor(function()
  local co = coroutine.wrap(function()
    local c <close> = setmetatable({}, { __close = function() print("inner") end })
    akt.sleep(1000)
  end)
  local c <close> = setmetatable({}, { __close = function() print("outer") end })
  coroutine.resume(coroutine.create(function()
    local c <close> = setmetatable({}, { __close = function() print("middle") end })
    co()
  end))
end)
akt.sleep(1)
akt.stop(p)
-- expect: inner
-- expect: middle
-- expect: outer
akt.receive{ down = function(_, _, r) print(r) end }  -- expect: normal
