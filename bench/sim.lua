-- SPDX-License-Identifier: MIT
-- sim [turns]: turns a second of the simulated world: 200 actors in pairs that
-- play ball, so that a hundred could run at any time. Runs itself under --sim
-- with each strategy, since a simulated clock measures nothing.
--
-- sim.ring: the same with one ball among all, so that one can run at a time.

local akt = require "akt"

local turns = tonumber(akt.args[1]) or 1000000
local mode = akt.args[2]

local Player = akt.actor "player"
function Player.on:next(pid) self.next = pid end
function Player.on:ball(left)
  if left > 0 then self.next:send("ball", left - 1) end
end

local function play(players, balls)
  local all = {}
  for i = 1, players do all[i] = akt.spawn(Player) end
  local size = players // balls
  for i = 1, players do
    local ring = (i - 1) // size * size
    all[i]:ask("next", all[ring + (i - ring) % size + 1])
  end
  for i = 1, players, size do all[i]:send("ball", turns // balls) end
end

local function measure(name, strategy, balls)
  local command = string.format(
    "\"$(readlink /proc/$PPID/exe)\" --sim --strategy %s %s %d %d", strategy,
    debug.getinfo(1, "S").source:sub(2), turns, balls)
  local from = akt.clock()
  assert(os.execute(command), "it failed")
  print(string.format("%s  %.0f turns/s", name,
                      turns / (akt.clock() - from)))
end

if mode then
  play(200, tonumber(mode))
else
  measure("sim.random", "random", 100)
  measure("sim.pct", "pct", 100)
  measure("sim.ring", "random", 1)
end
