-- A kind of a module is captured by name; a module used in a handler is loaded
-- where the handler runs.
local akt = require "akt"
local M = require "support.counter"
local K = akt.actor "k"
function K.on:get() return akt.spawn(M.Counter, 3):ask("get"), M.name, M == require "support.counter" end
print(akt.spawn_opt({ isolate = true }, K):ask("get"))
-- expect: 3	support.counter	true
