-- SPDX-License-Identifier: MIT
-- Savina 7, Big: big [actors] [pings each]. Each pings one of all at random,
-- the next one when the pong is there. A sink hears of each that is done.

local akt = require "akt"
local savina = require "savina"

local actors, pings = savina.args(120, 20000)

local Node = akt.actor "big_node"

function Node:init(id, sink)
  self.id, self.sink, self.random = id, sink, savina.random(id - 1)
  self.sent, self.handled = 0, 0
end

function Node.on:neighbors(all) self.all = all end

function Node.on:ping(id)
  self.handled = self.handled + 1
  self.all[id]:send("pong", self.id)
end

function Node.on:pong(id)
  savina.expect("pong of", id, self.expected)
  if self.sent == pings then return self.sink:send("exit") end
  self.expected = self.random(#self.all) + 1
  self.all[self.expected]:send("ping", self.id)
  self.sent = self.sent + 1
end

function Node.on:exit()
  self.sink:send("handled", self.handled)
  akt.stop()
end

local Sink = akt.actor "big_sink"

function Sink:init(main) self.main, self.missing, self.handled = main, 0, 0 end

function Sink.on:neighbors(all) self.all, self.missing = all, #all end

function Sink.on:exit()
  self.missing = self.missing - 1
  if self.missing > 0 then return end
  self.missing = #self.all
  for _, node in ipairs(self.all) do node:send("exit") end
end

function Sink.on:handled(n)
  self.handled, self.missing = self.handled + n, self.missing - 1
  if self.missing > 0 then return end
  self.main:send("done", self.handled)
  akt.stop()
end

savina.run {
  name = "big", unit = "messages/s", work = 2 * actors * pings,
  check = actors * pings,               -- pings that were handled
  once = function()
    local sink, all = akt.spawn(Sink, akt.self()), {}
    for i = 1, actors do all[i] = akt.spawn(Node, i, sink) end
    sink:send("neighbors", all)
    for _, node in ipairs(all) do node:send("neighbors", all) end
    for _, node in ipairs(all) do node:send("pong") end
    return akt.receive { done = function(handled) return handled end }
  end,
}
