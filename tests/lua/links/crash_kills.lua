-- seeds: 5
-- A crash ends the linked peer with the crash as its reason; no report for the
-- peer, which did nothing wrong.
local akt = require "akt"

local W = akt.actor "w"
function W.on:boom() error("bang", 0) end
function W.on:link(pid) akt.link(pid) end

local a, b = akt.spawn(W), akt.spawn(W)
a:ask("link", b)
local ref = akt.monitor(a)
b:send("boom")
local _, r, _, reason = akt.receive()
print(r == ref, reason.code, reason.message) -- expect: true	crash	bang
