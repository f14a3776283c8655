-- A forward that breaks the contract fails in who forwards, and the asker is
-- told; a subscriber does not get what breaks its contract.
local akt = require "akt"
local K = akt.actor "kind"
K.accepts = { inc = { "integer" } }
function K:init() self.n = 0 end
function K.on:inc(k) self.n = self.n + k; return self.n end
function K.on:get() return self.n end
local Desk = akt.actor "desk"
function Desk:init(to) self.to = to end
function Desk.on:inc() akt.forward(self.to) end
local k = akt.spawn(K)
local desk = akt.spawn_opt({ on_error = { bad_contract = "resume" } }, Desk, k)
print(desk:ask("inc", 2))                           -- expect: 2
print(select(2, akt.try(akt.ask, desk, "inc", "x")).code) -- expect: bad_contract
print(desk:ask("inc", 3))                           -- expect: 5

akt.topic("t"):subscribe(k)
print(akt.topic("t"):publish("inc", 1), akt.topic("t"):publish("inc", "1")) -- expect: 1	0
print(k:ask("get"), akt.topic("t"):stats().refused) -- expect: 6	1
-- expect-err: bad_contract
