-- flags: --sim
-- seeds: 5
-- 64 subscribers; the next one is refused until one has left.
local akt = require "akt"

local S = akt.actor "s"
function S.on:subscribe() return akt.try(akt.events.subscribe, { types = "crash" }) end
function S.on:event() end

local all = {}
for i = 1, 64 do
  all[i] = akt.spawn(S)
  local _, err = all[i]:ask("subscribe")
  assert(err == nil)
end
local _, err = akt.try(akt.events.subscribe)
print(err.code, (err.message:gsub("^%S+: ", "")))
-- expect: limit	events.subscribe: there are 64 subscribers, which is the limit
all[1]:ask("subscribe")                       -- again is no new one
akt.stop(all[7])
while akt.alive(all[7]) do akt.sleep(0.001) end
akt.events.subscribe()
print(#akt.events.stats().subscribers)        -- expect: 64
