-- seeds: 5
-- become takes the place of all tags from the next message on; callbacks stay.
local akt = require "akt"
local Door = akt.actor "door"
local closed, open = {}, {}
function closed.knock() return "who is there?" end
function closed.open(self) self.n = (self.n or 0) + 1; akt.become(open) return akt.self() ~= nil end
function open.close() akt.become(closed) end
function open.count(self) return self.n end
function Door:init() akt.become(closed) end
function Door:unknown(tag) return "no " .. tag end
function Door.on:never() end
local d = akt.spawn(Door)
print(d:ask("never"), d:ask("knock"), d:ask("open")) -- expect: no never	who is there?	true
print(d:ask("knock"), d:ask("count"))                -- expect: no knock	1
d:ask("close")
print(d:ask("knock"))                                -- expect: who is there?
