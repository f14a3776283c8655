-- A local function that handlers call is part of the kind: what it assigns
-- would be shared as well.
local akt = require "akt"
local n = 0
local function count() n = n + 1 return n end
local K = akt.actor "k"
function K.on:inc() return count() end
local _, err = akt.try(akt.spawn, K)
print(err.code, err.message:match("helper.lua:5: assigns the captured variable 'n'") ~= nil)
-- expect: bad_kind	true
