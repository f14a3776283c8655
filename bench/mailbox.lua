-- SPDX-License-Identifier: MIT
-- mailbox [messages]: how fast one actor handles what several send to it, with
-- a plain mailbox and, in the same run, with an ordered one.
--
-- Senders fill the mailbox while the receiver is busy, in bursts, so that there
-- is something to order; each burst counts from its first send to its last
-- message handled.

local akt = require "akt"

local messages = tonumber((...)) or 400000
local BURST, SENDERS = 8000, 4

local function receiver(name, mailbox)
  local Kind = akt.actor(name)
  mailbox.max = BURST * 2
  Kind.mailbox = mailbox
  function Kind:init() self.left = 0 end
  function Kind.on:expect(n, main) self.left, self.main = n, main end
  local function handle(self)
    self.left = self.left - 1
    if self.left == 0 then self.main:send("done") end
  end
  Kind.on.a, Kind.on.b, Kind.on.c, Kind.on.d = handle, handle, handle, handle
  return akt.spawn(Kind)
end

local Sender = akt.actor "sender"
function Sender.on:burst(to, n)
  for _ = 1, n // 4 do
    to:send("a", 1)
    to:send("b", 2)
    to:send("c", 3)
    to:send("d", 4)
  end
end

local senders = {}
for i = 1, SENDERS do senders[i] = akt.spawn(Sender) end

local function run(to)
  local start = akt.clock()
  for _ = 1, messages // BURST do
    to:ask("expect", BURST, akt.self())
    for i = 1, SENDERS do senders[i]:send("burst", to, BURST // SENDERS) end
    akt.receive { done = function() end }
  end
  return messages / (akt.clock() - start)
end

local kinds = {
  { "plain", receiver("plain", {}) },
  { "priority", receiver("by_tag", { priority = { a = 1, c = -1, d = 5 } }) },
  { "function", receiver("by_function", {
    priority = function(tag, n) return tag ~= "expect" and n or 0 end }) },
  { "fair", receiver("fair", { fair = true }) },
}
-- By turns, the best of several: what disturbs makes it slower only.
local best = {}
for _ = 1, 6 do
  for _, k in ipairs(kinds) do
    best[k[1]] = math.max(best[k[1]] or 0, run(k[2]))
  end
end
for _, k in ipairs(kinds) do
  print(("mailbox_%s  %.0f msg/s"):format(k[1], best[k[1]]))
end
for i = 2, #kinds do
  local name = kinds[i][1]
  print(("mailbox_%s_ratio  %.2f x"):format(name, best[name] / best.plain))
end
