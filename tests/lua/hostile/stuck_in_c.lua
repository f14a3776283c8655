-- Where Lua cannot be suspended, an endless loop is ended by an error after
-- 100 ms: pcall around it sees the error once it has left the C function.

local function stuck(what, f, ...)
  local ok, err = pcall(f, ...)
  print(what, ok, type(err) == "table" and err.code or err)
end
local function loop() while true do end end

stuck("tostring", tostring, setmetatable({}, { __tostring = loop }))
-- expect: tostring	false	stuck
stuck("concat", table.concat, setmetatable({}, { __len = loop }))
-- expect: concat	false	stuck
stuck("load", load, loop)
-- expect: load	false	stuck
stuck("close", coroutine.close, (function()
  local co = coroutine.create(function()
    local x <close> = setmetatable({}, { __close = loop })
    coroutine.yield()
  end)
  coroutine.resume(co)
  return co
end)())
-- expect: close	true	false
stuck("wrap", coroutine.wrap(function()
  local x <close> = setmetatable({}, { __close = loop })
  error("first")
end))
-- expect: wrap	false	stuck
stuck("xpcall", xpcall, tostring, loop, setmetatable({}, { __tostring = loop }))
-- expect: xpcall	true	false
-- the actor can be preempted as before: its next endless loop stops nobody
local akt = require "akt"
local p = akt.spawn(function()
  pcall(tostring, setmetatable({}, { __tostring = loop }))
  while true do end
end)
akt.sleep(0.2)
akt.kill(p)
-- and so can the next one on the coroutine of one that ended so
for _ = 1, 3 do
  local ref = akt.monitor(akt.spawn(function()
    local x <close> = setmetatable({}, { __close = loop })
    tostring(setmetatable({}, { __tostring = loop }))
  end))
  print(akt.receive { down = function(_, _, r) return r.error.code end })
end
-- expect: stuck
-- expect: stuck
-- expect: stuck
for _ = 1, 100 do akt.spawn(function() while true do end end) end
akt.sleep(0.2)
akt.exit()
