-- SPDX-License-Identifier: MIT
-- router [messages] [routees] [senders]: sends by a router against plain ones.
--
-- Plain: each sender takes its receivers in turn, by hand. Routed: it sends to
-- a router, which has the same receivers. The sum of what the receivers have
-- counted must be what was sent; each phase ends when the last message has been
-- handled. `router.STRATEGY.x` is the rate of plain sends divided by that of the
-- strategy, in the same run: 1 is as fast, 2 is half as fast.

local akt = require "akt"

local messages, routees, senders = ...
messages = tonumber(messages) or 2000000
routees = tonumber(routees) or 8
senders = tonumber(senders) or 2

local Worker = akt.actor "router_worker"
function Worker:init() self.n = 0 end
function Worker.on:work(k) self.n = self.n + 1 end
function Worker.on:count() return self.n end

local Sender = akt.actor "router_sender"
function Sender.on:plain(list, n)
  local k = #list
  for i = 1, n do list[i % k + 1]:send("work", i) end
end
function Sender.on:routed(router, n)
  for i = 1, n do router:send("work", i) end
end

local crew, list = {}, {}
for i = 1, senders do crew[i] = akt.spawn(Sender) end
for i = 1, routees do list[i] = akt.spawn(Worker) end

local function handled()
  local n = 0
  for _, w in ipairs(list) do n = n + w:ask("count") end
  return n
end

local function rate(how, dest, n)
  return akt.within(600, function()
    local before, start, runs = handled(), akt.clock(), {}
    for i, s in ipairs(crew) do runs[i] = akt.async(s, how, dest, n) end
    akt.all(table.unpack(runs))
    local after = handled()
    local seconds = akt.clock() - start
    assert(after - before == senders * n, "messages were lost")
    return senders * n / seconds
  end)
end

local each = messages // senders
local function key(_, k) return k end
local cases = {
  { "round_robin" }, { "random" }, { "smallest_mailbox" },
  { "consistent_hash", key },
}
local routers = {}
for i, c in ipairs(cases) do
  routers[i] = akt.router { strategy = c[1], routees = list, key = c[2] }
end

rate("plain", list, each // 10)
for i, c in ipairs(cases) do
  local plain, routed = {}, {}
  for round = 1, 3 do -- in turn: a slow moment of the machine hits both
    plain[round] = rate("plain", list, each // 3)
    routed[round] = rate("routed", routers[i], each // 3)
  end
  table.sort(plain)
  table.sort(routed)
  print(string.format("router.%s  %.0f messages/s", c[1], routed[2]))
  print(string.format("router.%s.x  %.2f plain/routed", c[1],
                      plain[2] / routed[2]))
end
