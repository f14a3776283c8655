local akt = require "akt"
local function code(f, ...) local _, err = akt.try(f, ...) return err.code end
print(type(collectgarbage("count")))                    -- expect: number
print(code(collectgarbage))                             -- expect: denied
print(code(collectgarbage, "stop"))                     -- expect: denied
print(code(setmetatable, {}, { __gc = print }))         -- expect: denied
print(string.dump)                                      -- expect: nil
print(load("\27Lua"))                                   -- expect: nil	only text is loaded, not compiled Lua
local names = {}
for k in pairs(debug) do names[#names + 1] = k end
table.sort(names)
print(table.concat(names, " "))                         -- expect: getinfo traceback
print(getmetatable(""), ("x"):rep(3))                   -- expect: false	xxx
