-- seeds: 5
-- A message to oneself comes after the handler in progress.
local akt = require "akt"
local S = akt.actor "s"
function S.on:one() akt.self():send("two"); print("one") end
function S.on:two() print("two"); akt.stop() end
akt.spawn(S):send("one")
-- expect: one
-- expect: two
