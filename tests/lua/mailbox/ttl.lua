-- flags: --sim
-- seeds: 5
-- Too old a message is dropped unhandled; an asker is told; a timer's tick and
-- `down` never get too old. (In airssys a ttl is only in unused types.)
local akt = require "akt"
local K = akt.actor "k"
K.mailbox = { ttl = "1s" }
function K:init() akt.after(1, "tick") end
function K.on:tick() print("tick") end
function K.on:wait(s) akt.sleep(s) end
function K.on:m(n) print("m", n) return n end
function K:down() print("down") end
function K.on:watch(p) akt.monitor(p) end
local k = akt.spawn(K)
local p = akt.spawn(function() akt.sleep(0.5) end)
k:send("watch", p)
k:send("wait", 2)
akt.sleep(0.1)
k:send("m", 1)                      -- waits 1.9 s
local f = akt.async(k, "m", 2)
akt.sleep(1.2)
k:send("m", 3)                      -- waits 0.7 s
local _, err = akt.try(f.wait, f)
akt.sleep(1)
print(err.code)
print(akt.stats().dead_letters.expired, akt.stats().expired)
-- a process too, by its spawn
local q = akt.spawn_opt({ mailbox = { ttl = 0.5 } }, function()
  akt.sleep(1)
  print(akt.receive())
end)
q:send("old")
akt.sleep(0.6)
q:send("new")
akt.sleep(1)
-- expect: down
-- expect: tick
-- expect: m	3
-- expect: expired
-- expect: 2	2
-- expect: new
