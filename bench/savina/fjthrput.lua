-- SPDX-License-Identifier: MIT
-- Savina 3, Fork-Join Throughput: fjthrput [messages each] [actors]. Each
-- message costs its receiver one sine.

local akt = require "akt"
local savina = require "savina"

local each, actors = savina.args(10000, 60)

local Worker = akt.actor "worker"

function Worker:init(total, main)
  self.handled, self.total, self.main = 0, total, main
end

function Worker.on:message()
  self.handled = self.handled + 1
  local sine = math.sin(37.2)
  assert(sine * sine > 0)
  if self.handled == self.total then
    self.main:send("done", self.handled)
    akt.stop()
  end
end

savina.run {
  name = "fjthrput", unit = "messages/s", work = each * actors,
  check = each * actors,
  once = function()
    local crew, handled = {}, 0
    for i = 1, actors do crew[i] = akt.spawn(Worker, each, akt.self()) end
    for _ = 1, each do
      for _, worker in ipairs(crew) do worker:send("message") end
    end
    for _ = 1, actors do
      akt.receive { done = function(n) handled = handled + n end }
    end
    return handled
  end,
}
