-- A process that is stopped is unwound; a __close that never returns is ended.
-- A crash is reported although the error's __tostring loops.
-- expect-err: error[crash]: <process#
-- expect-err: __tostring fails
local akt = require "akt"
local function loop() while true do end end
local function why(pid)
  akt.monitor(pid)
  return akt.receive({ down = function(_, _, r) return r end }, 20)
end
local p = akt.spawn(function()
  local x <close> = setmetatable({}, { __close = loop })
  akt.sleep(1000)
end)
akt.sleep(0.01)
akt.stop(p, "enough")
print(why(p)) -- expect: enough

local c = akt.spawn(function()
  error(setmetatable({}, { __tostring = loop }))
end)
print(why(c).code) -- expect: crash
local d = akt.spawn(function()
  local x <close> = setmetatable({}, { __close = loop })
  error("plain")
end)
local r = why(d)
print(r.code) -- expect: crash
