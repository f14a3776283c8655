-- seeds: 5
local akt = require "akt"
local p = akt.spawn(akt.actor "idle")
local loop = {}
loop.loop = loop
local _, err = akt.try(akt.send, p, "x", loop)
print(err.code, err.message:match("nested deeper than 64 levels"))
-- expect: bad_message	nested deeper than 64 levels
