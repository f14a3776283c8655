-- SPDX-License-Identifier: MIT
-- publish [subscribers] [messages] [publishers]: one topic, many subscribers.
--
-- Counts what subscribers have handled. A publisher asks one subscriber after
-- every few messages, which keeps mailboxes from overflowing; at the end each
-- subscriber is asked how many it has had, and none may have lagged.

local akt = require "akt"

local subscribers, messages, publishers = ...
subscribers = tonumber(subscribers) or 1000
messages = tonumber(messages) or 10000
publishers = tonumber(publishers) or 2

local WINDOW = 10 -- messages in flight: few, so that they stay in the caches

local Subscriber = akt.actor "publish_subscriber"
function Subscriber:init()
  self.n = 0
  akt.topic("bench"):subscribe()
end
function Subscriber.on:price(_, _) self.n = self.n + 1 end
function Subscriber.on:count() return self.n end
function Subscriber.on:lagged(n) error("lagged " .. n) end

local Publisher = akt.actor "publish_publisher"
function Publisher.on:run(n, subs)
  local topic = akt.topic "bench"
  for i = 1, n do
    assert(topic:publish("price", "EURUSD", i) == #subs)
    if i % WINDOW == 0 then subs[i // WINDOW % #subs + 1]:ask("count") end
  end
end

local subs, crew = {}, {}
for i = 1, subscribers do subs[i] = akt.spawn(Subscriber) end
for i = 1, publishers do crew[i] = akt.spawn(Publisher) end

local function handled()
  local n = 0
  for _, s in ipairs(subs) do n = n + s:ask("count") end
  return n
end

local function run(n)
  return akt.within(600, function()
    local before, start, runs = handled(), akt.clock(), {}
    for i, p in ipairs(crew) do runs[i] = akt.async(p, "run", n, subs) end
    akt.all(table.unpack(runs))
    local after = handled()
    local seconds = akt.clock() - start
    assert(after - before == n * publishers * subscribers, "messages were lost")
    return seconds
  end)
end

run(math.max(messages // 10 // publishers, 1))
local each = messages // publishers
local seconds = run(each)
print(string.format("publish  %.0f deliveries/s",
                    each * publishers * subscribers / seconds))
