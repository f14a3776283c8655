-- A sibling's message in progress is lost under one_for_all, and its asker
-- gets `crash`; the rest of its mailbox stays.
-- flags: --sim --seed 4
local akt = require "akt"

local main = akt.self()
local W = akt.actor "w"
function W.on:boom() error("bang", 0) end
function W.on:slow() akt.sleep(10) end
function W.on:get() return "kept" end

akt.supervisor {
  strategy = "one_for_all",
  { "a", W, restart = "permanent" },
  { "b", W, restart = "permanent" },
}
local slow, kept = akt.async("a", "slow"), akt.async("a", "get")
akt.sleep(0.1)
akt.send("b", "boom")
print(select(2, akt.try(slow.wait, slow)).code) -- expect: crash
print(kept:wait())                              -- expect: kept
print(akt.stats().dead_letters.crashed)         -- expect: 2
