-- seeds: 5
-- The receiver of a forwarded message answers its first sender.
local akt = require "akt"
local Worker = akt.actor "worker"
function Worker.on:get(x) return "worker", x, akt.sender() end
local Front = akt.actor "front"
function Front:init(w) self.w = w end
function Front.on:get() akt.forward(self.w); return "front" end
local f = akt.spawn(Front, akt.spawn(Worker))
local who, x, sender = f:ask("get", 7)
print(who, x, sender == akt.self())   -- expect: worker	7	true
print(f:send("get", 8))               -- expect: true
print(select(2, akt.try(akt.forward, f)).code)  -- expect: no_message
local Lost = akt.actor "lost"
function Lost.on:get() akt.forward("nobody") end
print(select(2, akt.try(akt.ask, akt.spawn(Lost), "get")).code) -- expect: noproc
