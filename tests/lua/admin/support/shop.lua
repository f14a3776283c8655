-- A chain of waits: boss asks client, client asks store, store sleeps.
local akt = require "akt"

local Store = akt.actor "store"
function Store:init() self.items = { a = 1, list = { "x", "y" } } end
function Store.on:get() akt.sleep(600) end

local Client = akt.actor "client"
function Client:init(store)
  self.store = store
  akt.every(600, "tick")
  akt.monitor(store)
end
function Client.on:go(key)
  local big = ("y"):rep(100000)
  return akt.within(600, akt.ask, self.store, "get", key) .. big
end
function Client.on:tick() end

local Boss = akt.actor "boss"
function Boss.on:run() akt.within(600, akt.ask, "client", "go", "key") end

local store = akt.spawn_opt({ name = "the store" }, Store)
local client = akt.spawn_opt({ name = "client" }, Client, store)
local boss = akt.spawn_opt({ name = "boss" }, Boss)
boss:send("run")
while akt.info(store).state ~= "waiting" do akt.sleep(0.01) end
for i = 1, 12 do client:send("tick", i, { deep = { i } }) end
while akt.info(client).mailbox < 12 do akt.sleep(0.01) end
print("ready")
