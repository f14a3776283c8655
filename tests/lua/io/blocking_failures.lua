-- Whatever a blocking call raises or returns, the caller is told in words.
local akt = require "akt"

local function try(f)
  local _, err = akt.try(akt.blocking, f)
  print(err.code, (err.message:gsub("^.-:%d+: ", "")))
end
try(function() error { code = "mine", message = "no disk" } end)
-- expect: crash	blocking: no disk
try(function()
  error(setmetatable({}, { __tostring = function() error "x" end }))
end)
-- expect: crash	blocking: (an error whose __tostring fails)
try(function() error() end)                -- expect: crash	blocking: nil
try(function() return { 1 }, print end)
-- expect: bad_message	blocking: result: a function cannot be sent
try(function() return { f = print } end)
-- expect: bad_message	blocking: result: ["f"]: a function cannot be sent
print(akt.blocking(function() end))        -- expect:
print(akt.blocking(function() return 1, nil, "x" end)) -- expect: 1	nil	x
