-- flags: --sim
-- seeds: 5
-- After so many messages an actor leaves once its mailbox is empty.
local akt = require "akt"
local S = akt.actor "s"
S.passivate = { messages = 3 }
function S:init() self.n = 0 end
function S.on:add() self.n = self.n + 1; return self.n end
function S:idle() return self.n end
function S:wake(n) self.n = n end

local s = akt.spawn(S)
s:ask("add"); s:ask("add")
akt.sleep(1000)
print(akt.info(s).state) -- expect: idle
s:ask("add")
akt.sleep(0.001)
print(akt.info(s).state) -- expect: passivated
for _ = 1, 4 do s:send("add") end -- all in the mailbox: handled first
print(s:ask("add")) -- expect: 8
akt.sleep(0.001)
print(akt.info(s).state, akt.stats().passivated) -- expect: passivated	2

-- of the spawn, in place of the kind's; and both at once
local t = akt.spawn_opt({ passivate = { messages = 1, after = 5 } }, S)
akt.sleep(6)
print(akt.info(t).state) -- expect: passivated
local never = akt.spawn_opt({ passivate = false }, S)
for _ = 1, 10 do never:ask("add") end
akt.sleep(0.001)
print(akt.info(never).state) -- expect: idle
