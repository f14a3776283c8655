-- flags: --sim --seed 7
-- The reply is given later, by a token, from another message.
local akt = require "akt"
local D = akt.actor "d"
function D.on:get() self.token = akt.defer(); return "not this" end
function D.on:go(...) print(self.token:reply(...), self.token:reply("again")) end
local d = akt.spawn(D)
local f = akt.async(d, "get")
akt.sleep(1)
print(f:done())           -- expect: false
d:send("go", "value", nil)
print(f:wait())           -- expect: true	false
-- expect: value	nil
