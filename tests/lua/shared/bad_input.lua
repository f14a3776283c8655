-- flags: --crash-reports off
local akt = require "akt"
local function try(f, ...)
  local _, err = akt.try(f, ...)
  print(err.code, (err.message:gsub("^.-:%d+: ", "")))
end
local function try_short(f, ...)
  local _, err = akt.try(f, ...)
  print(err.code, (err.message:gsub("^.*: ", "")))
end
try(akt.shared)            -- expect: error	bad argument #1 (a name of 1 to 255 bytes expected)
try(akt.shared, "")        -- expect: error	bad argument #1 (a name of 1 to 255 bytes expected)
try(akt.shared, 5)         -- expect: error	bad argument #1 (a name of 1 to 255 bytes expected)
try(akt.shared, "a", 5)    -- expect: error	bad argument #2 (a table or a string expected, got number)
try(akt.shared, "a", nil)  -- expect: error	bad argument #2 (a table or a string expected, got nil)
try(akt.shared, "a", { print })         -- expect: bad_message	shared: [1]: a function cannot be sent
try(akt.shared, "a", { akt.secret(1) }) -- expect: bad_argument	shared: a secret cannot be shared
try(akt.shared, "a", { [{}] = 1 })      -- expect: bad_argument	shared: a table cannot be a key of shared data
local deep = {}
local d = deep
for _ = 1, 70 do d[1] = {}; d = d[1] end
try_short(akt.shared, "a", deep)        -- expect: bad_message	nested deeper than 64 levels (or a cycle)
deep[1] = deep
try_short(akt.shared, "a", deep)        -- expect: bad_message	nested deeper than 64 levels (or a cycle)
print(akt.shared("a"))                  -- expect: nil

-- 64 are fine
deep = {}
d = deep
for _ = 1, 63 do d[1] = {}; d = d[1] end
d[1] = "bottom"
local v = akt.shared("a", deep)
for _ = 1, 64 do v = v[1] end
print(v)                                -- expect: bottom

-- views are not for messages, nor for code that travels
local view = akt.shared("b", { 1 })
try(akt.send, akt.self(), "x", view)
-- expect: bad_message	argument 3: a view of shared data cannot be sent; send its name, or akt.shared_copy(view)
try(akt.shared, "c", { view })
-- expect: bad_message	shared: [1]: a view of shared data cannot be sent; send its name, or akt.shared_copy(view)
try(akt.spawn, function() return view end)
-- expect: bad_function	spawn: upvalue 'view' of function at tests/lua/shared/bad_input.lua:42 holds a userdata (shared table), which cannot travel to another isolate
for i = 1, 4096 do
  local ok, err = akt.try(akt.shared, "name " .. i, { i })
  if not ok then print(i, err.code) break end -- expect: 4095	limit
end
-- seeds: 5
