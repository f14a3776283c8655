-- Both go the same way, and so keep their order.
local akt = require "akt"
local Store = akt.actor "store"
function Store.on:put(v) self.value = v end
function Store.on:commit() return self.value end
local Proxy = akt.actor "proxy"
function Proxy:init(store) self.store = store end
function Proxy.on:put(v) self.store:send("put", v) end
function Proxy.on:commit() return self.store:ask("commit") end

local store = akt.spawn(Store)
local proxy = akt.spawn(Proxy, store)
proxy:send("put", 7)
assert(proxy:ask("commit") == 7, "committed before it was put")
