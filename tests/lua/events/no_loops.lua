-- flags: --sim
-- seeds: 5
-- Events about events there are none: nobody handles them, the subscriber is
-- gone, or subscribers cause dead letters while they handle events.
local akt = require "akt"

local Deaf = akt.actor "deaf" -- has no handler for events
function Deaf.on:count() return 0 end

local gone = akt.spawn(function() end)
while akt.alive(gone) do akt.sleep(0.001) end

local Loud = akt.actor "loud" -- answers each by one more dead letter
function Loud:init() self.n = 0; akt.events.subscribe() end
function Loud.on:event() self.n = self.n + 1; gone:send("echo") end
Loud.on.e = Loud.on.event
function Loud.on:count() return self.n end

local deaf, loud, other = akt.spawn(Deaf), akt.spawn(Loud), akt.spawn(Loud)
local named = akt.spawn(Loud) -- with a tag of its own
akt.events.subscribe { pid = named, tag = "e" }
akt.events.subscribe { pid = deaf }
local function settle()
  repeat
    local n = akt.stats().dead_letters.noproc
    for _, pid in ipairs { deaf, loud, other, named } do
      akt.ask(pid, "count")
    end
  until akt.stats().dead_letters.noproc == n
end
settle()
local before, first = akt.stats().dead_letters.noproc, loud:ask("count")
gone:send("one")
settle()
print(akt.stats().dead_letters.unknown_message) -- expect: nil
-- the one of main, and three echos of it
print(loud:ask("count") - first) -- expect: 1
print(akt.stats().dead_letters.noproc - before) -- expect: 4
akt.kill(deaf)
while akt.alive(deaf) do akt.sleep(0.001) end
gone:send("two")
print(#akt.events.stats().subscribers) -- expect: 3
