-- flags: --sim --seed 7
-- sender() belongs to the message being handled, also after a wait, and in
-- nested receives to the one received.
local akt = require "akt"
local A = akt.actor "a"
function A.on:who() akt.sleep(0.01); return akt.sender() end
local a = akt.spawn(A)
print(a:ask("who") == akt.self())  -- expect: true
local B = akt.actor "b"
function B.on:go(to) return to:ask("who") == akt.self(), akt.sender() end
local mine, outer = akt.spawn(B):ask("go", a)
print(mine, outer == akt.self())   -- expect: true	true
print(akt.sender())                -- expect: nil
