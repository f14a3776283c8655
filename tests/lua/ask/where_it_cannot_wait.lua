-- seeds: 5
-- Where Lua cannot wait (in a metamethod that C calls, in a message handler)
-- waiting raises `cannot_wait` and nothing is sent.
local akt = require "akt"
local C = akt.actor "c"
function C:init() self.n = 0 end
function C.on:inc() self.n = self.n + 1 end
function C.on:get() return self.n end
local c = akt.spawn(C)
local function code(f, ...) local _, err = akt.try(f, ...) return err.code end
local function ask() return c:ask("inc") end
local t = setmetatable({}, { __tostring = ask, __len = function() ask() end })
print(code(tostring, t))                         -- expect: cannot_wait
print(code(print, t))                            -- expect: cannot_wait
xpcall(error, function() print(code(ask)) end)   -- expect: cannot_wait
print(code(tostring, setmetatable({}, { __tostring = function() akt.sleep(0) end })))
print(code(tostring, setmetatable({}, { __tostring = function() akt.receive() end })))
print(code(tostring, setmetatable({}, { __tostring = function() akt.spawn(C) end })))
-- expect: cannot_wait
-- expect: cannot_wait
-- expect: cannot_wait
print(c:ask("get"), akt.stats().actors)
-- expect: 0	5
print(#setmetatable({}, { __len = function() return c:ask("get") end })) -- expect: 0
print(setmetatable({}, { __index = function() return c:ask("get") end }).x) -- expect: 0
