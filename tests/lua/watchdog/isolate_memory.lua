-- SPDX-License-Identifier: MIT
-- An isolate that uses over 90 % of its limit is told.
-- expect-err: warning[memory_high]: isolate
-- expect-err: of 4096 KB
-- expect-err: error[memory]: <eater#
local akt = require "akt"

local Eater = akt.actor "eater"
function Eater:init() self.kept = {} end
function Eater.on:eat()
  self.kept[#self.kept + 1] = ("x"):rep(10000) .. #self.kept
  return true
end

local eater = akt.spawn_opt({ memory = "4MB" }, Eater)
for _ = 1, 400 do
  if not akt.try(eater.ask, eater, "eat") then break end
end
