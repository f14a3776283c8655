-- SPDX-License-Identifier: MIT
-- Seeds per second of `aktvm test`: a two-client program, each seed in a node
-- of its own (seeds_test.lua).
--
-- usage: aktvm bench/seeds.lua [SEEDS]
local akt = require "akt"

local seeds = math.tointeger(tonumber(akt.args[1] or 2000))
local folder = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") or "."
local self = "\"$(readlink /proc/$PPID/exe)\""

local function run(n)
  local from = akt.clock()
  local ok = os.execute(self .. " test --filter sum --runs " .. n .. " " ..
                        folder .. "/seeds_test.lua >/dev/null")
  if not ok then error("a test has failed") end
  return akt.clock() - from
end

run(seeds // 10 + 1)
print(("seeds %.0f seeds/s"):format(seeds / run(seeds)))
