-- The list is kept by somebody who does not crash.
local akt = require "akt"
local List = akt.actor "list"
function List:init() self.list = {} end
function List.on:add(pid) table.insert(self.list, pid) end
function List.on:all() return self.list end

local Topic = akt.actor "topic"
function Topic:init(keeper)
  self.keeper, self.list = keeper, keeper:ask("all")
end
function Topic.on:subscribe(pid) 
  self.keeper:ask("add", pid)
  self.list = self.keeper:ask("all")
 end
function Topic.on:bad() error("bad") end
function Topic.on:publish()
  for _, pid in ipairs(self.list) do pid:send("news") end
end

local list = akt.spawn(List)
local topic = akt.spawn_opt({ restart = "permanent" }, Topic, list)
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
