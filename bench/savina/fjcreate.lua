-- SPDX-License-Identifier: MIT
-- Savina 4, Fork-Join Create: fjcreate [actors]. Each is spawned, handles one
-- message and ends; its end is awaited by a monitor.

local akt = require "akt"
local savina = require "savina"

local actors = savina.args(40000)

local Worker = akt.actor "worker"

function Worker.on:message()
  local sine = math.sin(37.2)
  assert(sine * sine > 0)
  akt.stop(akt.self(), "worked")
end

savina.run {
  name = "fjcreate", unit = "actors/s", work = actors, check = actors,
  once = function()
    for _ = 1, actors do akt.spawn_monitor(Worker):send("message") end
    local worked = 0
    local ends = {
      down = function(_, _, reason)
        if reason == "worked" then worked = worked + 1 end
      end,
    }
    for _ = 1, actors do akt.receive(ends) end
    return worked
  end,
}
