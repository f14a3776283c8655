-- flags: --sim --seed 5
-- A handler that crashes crashes the actor: those that wait are dropped and who
-- asked for them gets `crash`; the messages behind them stay.
local akt = require "akt"
local A = akt.actor "a"
A.reentrant = { "wait", "bad" }
function A:init() self.n = 0 end
function A.on:wait() self.n = self.n + 1 akt.sleep(60) end
function A.on:bad() error("bad", 0) end
function A.on:n() return self.n end
local a = akt.spawn_opt({ restart = "permanent" }, A)
local fs = {}
for i = 1, 5 do fs[i] = akt.async(a, "wait") end
local n = akt.async(a, "n") -- not listed: it waits in the mailbox
a:send("bad")
for i = 1, 5 do io.write(select(2, akt.try(fs[i].wait, fs[i])).code, " ") end
print(n:wait())                              -- expect: crash crash crash crash crash 0
print(akt.info(a).in_flight, akt.info(a).restarts)  -- expect: 0	1
-- expect-err: crashed in on.bad
