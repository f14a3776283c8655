-- A __tostring runs inside of a line: it may fail, but neither wait nor run
-- for ever, and a long list is not walked.
local akt = require "akt"

local function shown(f) return setmetatable({}, { __tostring = f }) end

print(akt.try(akt.log.info, { "a", x = shown(function() akt.sleep(9) end) }))
-- expect: nil
-- expect-err: info <main#1> a x="(a table whose __tostring fails)"
print(akt.try(akt.log.info, { shown(function() return {} end) }))
-- expect: nil
-- expect-err: info <main#1> (a table whose __tostring fails)
local forever = shown(function() while true do end end)
local _, err = akt.try(akt.log.info, { "b", x = forever, y = forever })
print(err.code)
-- expect: stuck
local list = {}
for i = 1, 1000000 do list[i] = 0 end
akt.log.info(list)
akt.log.info { "c", list = list }
-- expect-err: c list=[0,0,
