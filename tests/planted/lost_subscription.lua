-- A restart drops the list of subscribers.
local akt = require "akt"
local Topic = akt.actor "topic"
function Topic:init() self.list = {} end
function Topic.on:subscribe(pid) table.insert(self.list, pid) end
function Topic.on:bad() error("bad") end
function Topic.on:publish()
  for _, pid in ipairs(self.list) do pid:send("news") end
end

local topic = akt.spawn_opt({ restart = "permanent" }, Topic)
akt.spawn(function(t) t:send("bad") end, topic)
local _, ref = akt.spawn_monitor(function(t)
  t:send("subscribe", akt.self())
  akt.receive({ news = function() end }, 2)
end, topic)
akt.sleep(1)
topic:send("publish")
akt.receive{ down = function(_, _, reason)
  assert(reason == "normal", "the subscriber has heard nothing")
end }
