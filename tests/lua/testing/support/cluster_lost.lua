-- Two nodes change what a third one has: read, then write. Rarely both read
-- before one of them writes.
local akt = require "akt"
local t = require "akt.test"

local Store = akt.actor "store"
function Store:init() self.n = 0 end
function Store.on:get() return self.n end
function Store.on:set(n) self.n = n end

local Clerk = akt.actor "clerk"
function Clerk.on:add(store, after)
  akt.sleep(after)
  store:ask("set", store:ask("get") + 1)
end

t.explore("no update is lost", function()
  local c = t.cluster(3)
  local store = c[3]:spawn("store")
  c:delay(0, "2ms")
  local one = c[1]:spawn("clerk"):async("add", store, 0)
  local two = c[2]:spawn("clerk"):async("add", store, 0.002)
  one:wait()
  two:wait()
  print("the store has " .. store:ask("get"))
  t.eq(store:ask("get"), 2)
end, { runs = 200 })
