-- flags: --sim
-- seeds: 5
-- expect-err: invalid option
-- akt.passivate() at once, "pause" and "resume".
local akt = require "akt"
local S = akt.actor "s"
S.passivate = { after = 10 }
function S.on:go() return akt.passivate() end
function S.on:pause() return akt.passivate("pause") end
function S.on:resume() return akt.passivate("resume") end
local s = akt.spawn(S)
local function state() akt.sleep(0.001); return akt.info(s).state end
print(s:ask("go"), state()) -- expect: true	passivated
print(s:ask("pause")) -- expect: true
akt.sleep(100)
print(state()) -- expect: idle
print(s:ask("resume")) -- expect: true
akt.sleep(9)
print(state()) -- expect: idle
akt.sleep(2)
print(state()) -- expect: passivated

-- a kind that says nothing of it may still leave when it wants
local Q = akt.actor "q"
function Q.on:go() return akt.passivate() end
function Q.on:bad() akt.passivate("stop") end
s = akt.spawn(Q)
print(s:ask("go"), state()) -- expect: true	passivated
print(select(2, akt.try(akt.ask, s, "bad")).code) -- expect: crash
