-- SPDX-License-Identifier: MIT
-- Savina 5, Thread Ring: threadring [actors] [hops]. One token goes round; at
-- the end an exit goes round once and adds up who has handled what.

local akt = require "akt"
local savina = require "savina"

local actors, hops = savina.args(100, 100000)

local Member = akt.actor "member"

function Member:init(main) self.handled, self.main = 0, main end
function Member.on:data(next_pid) self.next = next_pid end

function Member.on:ping(left)
  self.handled = self.handled + 1
  if left > 1 then
    self.next:send("ping", left - 1)
  else
    self.next:send("exit", actors, 0)
  end
end

function Member.on:exit(left, handled)
  handled = handled + self.handled
  if left > 1 then
    self.next:send("exit", left - 1, handled)
  else
    self.main:send("done", handled)
  end
  akt.stop()
end

savina.run {
  name = "threadring", unit = "hops/s", work = hops, check = hops,
  once = function()
    local ring = {}
    for i = 1, actors do ring[i] = akt.spawn(Member, akt.self()) end
    for i, member in ipairs(ring) do
      member:send("data", ring[i % actors + 1])
    end
    ring[1]:send("ping", hops)
    return akt.receive { done = function(handled) return handled end }
  end,
}
