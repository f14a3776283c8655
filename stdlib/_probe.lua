-- SPDX-License-Identifier: MIT
--
-- stdlib/_probe.lua: the kind behind t.probe() (stdlib/test.lua). It keeps
-- what comes; the test asks for it by number, so that nothing is lost when an
-- ask of the test gives up at the moment in which a message comes.

local akt = require "akt"

local Probe = akt.actor "test.probe"

function Probe:init()
  self.messages, self.last = {}, 0 -- number -> { n =, from =, tag, ... }
  self.owed = {}                   -- number -> token for its reply
  self.taker = nil                 -- { number, token }: the test waits
  self.refs, self.ended, self.mourners = {}, {}, {} -- by pid
end

function Probe:unknown(...)
  local i = self.last + 1
  local akt = require "akt"
  local message = { n = select("#", ...), from = akt.sender(), ... }
  self.last = i
  self.messages[i], self.owed[i] = message, akt.defer()
  local taker = self.taker
  if taker and taker[1] == i then
    self.taker = nil
    taker[2]:reply(message)
  end
end

function Probe:down(_, pid, reason)
  local token = self.mourners[pid]
  self.ended[pid], self.refs[pid], self.mourners[pid] = reason, nil, nil
  if token then token:reply(reason) end
end

-- Message i, now or when it comes; what is before it is not needed any more.
Probe.on["$probe.take"] = function(self, i)
  self.messages[i - 1], self.owed[i - 2] = nil, nil
  if self.messages[i] then return self.messages[i] end
  self.taker = { i, require("akt").defer() }
end

Probe.on["$probe.now"] = function(self, i)
  self.taker = nil
  return self.messages[i]
end

Probe.on["$probe.last"] = function(self) return self.last end

Probe.on["$probe.reply"] = function(self, i, ...)
  return self.owed[i] ~= nil and self.owed[i]:reply(...)
end

Probe.on["$probe.watch"] = function(self, pid)
  if self.refs[pid] or self.ended[pid] ~= nil then return end
  self.refs[pid] = require("akt").monitor(pid)
end

Probe.on["$probe.down"] = function(self, pid)
  if self.ended[pid] ~= nil then return self.ended[pid] end
  self.refs[pid] = self.refs[pid] or require("akt").monitor(pid)
  self.mourners[pid] = require("akt").defer()
end

Probe.on["$probe.send"] = function(_, dest, ...)
  return require("akt").send(dest, ...)
end

return Probe
