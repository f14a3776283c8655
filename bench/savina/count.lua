-- SPDX-License-Identifier: MIT
-- Savina 2, Counting Actor: count [messages]. One producer, one counter. The
-- counter's mailbox is bounded, so the producer waits for room now and then.

local akt = require "akt"
local savina = require "savina"

local messages = savina.args(1000000)

local Counter = akt.actor "counter"

function Counter:init() self.count = 0 end
function Counter.on:increment() self.count = self.count + 1 end

function Counter.on:retrieve()
  akt.sender():send("result", self.count)
  akt.stop()
end

local Producer = akt.actor "producer"

function Producer:init(counter, main) self.counter, self.main = counter, main end

function Producer.on:start(n)
  local counter = self.counter
  for _ = 1, n do counter:send("increment") end
  counter:send("retrieve")
end

function Producer.on:result(count)
  self.main:send("done", count)
  akt.stop()
end

savina.run {
  name = "count", unit = "messages/s", work = messages, check = messages,
  once = function()
    local counter = akt.spawn(Counter)
    akt.spawn(Producer, counter, akt.self()):send("start", messages)
    return akt.receive { done = function(count) return count end }
  end,
}
