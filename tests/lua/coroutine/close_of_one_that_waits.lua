-- flags: --sim --seed 7
-- A coroutine cannot be closed or resumed from outside its own actor's turn,
-- and dropping the actor drops it.
local akt = require "akt"
local log = {}
local p, ref = akt.spawn_monitor(function(main)
  local co = coroutine.wrap(function()
    local c <close> = setmetatable({}, { __close = function() main:send("closed") end })
    akt.sleep(1000)
  end)
  co()
end, akt.self())
akt.sleep(1)
akt.stop(p)
akt.receive{ down = function(_, _, r) print(r) end }  -- expect: normal
print(akt.try(akt.receive, { closed = function() return "closed" end }, 1) ~= nil)
