-- seeds: 5
-- Subscribers get what is published, once each, in order; publish says how many.
local akt = require "akt"
local Sub = akt.actor "sub"
function Sub:init(topic) self.got = {}; if topic then akt.topic(topic):subscribe() end end
function Sub.on:news(x) self.got[#self.got + 1] = x; self.from = akt.sender() end
function Sub.on:got() return table.concat(self.got, " "), self.from == akt.parent() end

local news = akt.topic "news"
print(news, news:publish("news", 0))             -- expect: topic news	0
local a, b, c = akt.spawn(Sub, "news"), akt.spawn(Sub, "news"), akt.spawn(Sub)
print(news:publish("news", 1))                   -- expect: 2
print(news:subscribe(c), news:subscribe(c))      -- expect: true	false
print(news:publish("news", 2))                   -- expect: 3
print(news:unsubscribe(a), news:unsubscribe(a))  -- expect: true	false
print(akt.topic("news"):publish("news", 3))      -- expect: 2
print(akt.topic("other"):publish("news", 4))     -- expect: 0
print(a:ask("got"))                              -- expect: 1 2	true
print(b:ask("got"))                              -- expect: 1 2 3	true
print(c:ask("got"))                              -- expect: 2 3	true
local s = news:stats()
print(s.subscribers, s.published, s.delivered, s.lagged, s.refused)
-- expect: 2	3	7	0	0

-- a topic is a value: kept in a state, captured by a kind, known by its name
local Relay = akt.actor "relay"
function Relay.on:go(x) return news:publish("news", x), akt.topic(news.name):stats().subscribers end
print(akt.spawn(Relay):ask("go", 5))             -- expect: 2	2
