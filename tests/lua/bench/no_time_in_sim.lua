-- SPDX-License-Identifier: MIT
-- In the simulated world time stands still: bench says so, and does not hang.
-- flags: --sim
local akt = require "akt"
local bench = require "akt.bench"
local _, err = akt.try(bench, "x", function() end)
print(err.code) -- expect: not_simulated
