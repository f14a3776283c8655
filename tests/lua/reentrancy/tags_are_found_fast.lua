-- seeds: 5
-- Each message is looked at once, however many wait and however many come.
local akt = require "akt"
local N = 30000
local A = akt.actor "a"
A.reentrant = { "ping" }
function A.on:work() akt.receive { never = print } end
function A.on:hold() akt.ask("peer", "wait") end
function A.on:ping(n) return n end
function A.on:other() end
local P = akt.actor "peer"
function P.on:wait() return akt.receive { go = function() return 1 end } end
akt.spawn_opt({ name = "peer" }, P)
local a = akt.spawn(A)
a:send("hold")
for i = 1, N do a:send("other") end
for i = 1, 3000 do assert(a:ask("ping", i) == i) end
print(akt.info(a).mailbox)          -- expect: 30000
akt.send("peer", "go")
akt.exit(0)
