-- SPDX-License-Identifier: MIT
-- What bench refuses, and what for.
local akt = require "akt"
local bench = require "akt.bench"

local function refused(...)
  local _, err = akt.try(bench, ...)
  print(err.code, err.message)
end

local function nothing() end

refused("", nothing) -- expect: bad_argument	tests/lua/bench/mistakes.lua:7: bench: the name must be 1 to 200 bytes
refused(("x"):rep(201), nothing) -- expect: bad_argument	tests/lua/bench/mistakes.lua:7: bench: the name must be 1 to 200 bytes
refused(7, nothing) -- expect: bad_argument	tests/lua/bench/mistakes.lua:7: bench: the name must be 1 to 200 bytes
refused("a") -- expect: bad_argument	tests/lua/bench/mistakes.lua:7: bench: a: the second argument must be a function
refused("a", nothing, 5) -- expect: bad_argument	tests/lua/bench/mistakes.lua:7: bench: a: the options must be a table
refused("a", nothing, { times = 1 }) -- expect: bad_option	tests/lua/bench/mistakes.lua:7: bench: a: there is no option times
refused("a", nothing, { count = 0 }) -- expect: bad_option	tests/lua/bench/mistakes.lua:7: bench: a: count must be a number above 0
refused("a", nothing, { time = -1 }) -- expect: bad_option	tests/lua/bench/mistakes.lua:7: bench: a: time must be seconds, up to 3600
refused("a", nothing, { warm_up = 0 / 0 }) -- expect: bad_option	tests/lua/bench/mistakes.lua:7: bench: a: warm_up must be seconds, up to 3600
refused("b", function() error("oops", 0) end) -- expect: error	oops
refused("b", nothing) -- expect: bad_argument	tests/lua/bench/mistakes.lua:7: bench: there are two named b
