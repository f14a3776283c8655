-- Where Lua cannot be suspended, an endless loop is ended by an error after
-- 100 ms: pcall around it sees the error once it has left the C function.
local akt = require "akt"

local function stuck(what, f, ...)
  local ok, err = pcall(f, ...)
  print(what, ok, type(err) == "table" and err.code or err)
end
local function loop() while true do end end

stuck("tostring", tostring, setmetatable({}, { __tostring = loop }))
-- expect: tostring	false	stuck
stuck("concat", table.concat, setmetatable({}, { __len = loop }))
-- expect: concat	false	stuck
stuck("lines", load, loop)
-- expect: lines	true	nil
stuck("close", coroutine.close, (function()
  local co = coroutine.create(function()
    local x <close> = setmetatable({}, { __close = loop })
    coroutine.yield()
  end)
  coroutine.resume(co)
  return co
end)())
-- expect: close	true	nil
stuck("wrap", coroutine.wrap(function()
  local x <close> = setmetatable({}, { __close = loop })
  error("first")
end))
-- expect: wrap	false	stuck
stuck("xpcall", xpcall, error, loop)
-- expect: xpcall	true	nil
