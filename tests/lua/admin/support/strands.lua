-- <store#5> answers nobody; <shop#6> has three handlers and a task in progress;
-- in <clerk#7> a task waits beside a handler that keeps messages waiting.
local akt = require "akt"
local Store = akt.actor "store"
function Store.on:get() akt.sleep(600) end
local Shop = akt.actor "shop"
Shop.reentrant = true
function Shop.on:buy(what, store)
  local basket = ("x"):rep(50000) .. what
  return store:ask("get", what), basket
end
function Shop.on:count(store) return akt.task(akt.ask, store, "get", "all"):wait() end
local Clerk = akt.actor "clerk"
function Clerk.on:work(store)
  akt.task(akt.sleep, 600)
  return store:ask("get")
end
local store, shop, clerk = akt.spawn(Store), akt.spawn(Shop), akt.spawn(Clerk)
akt.within(600, function()
  akt.async(shop, "buy", "tea", store)
  akt.async(shop, "buy", "milk", store)
  akt.async(shop, "count", store)
  akt.async(clerk, "work", store)
end)
repeat akt.sleep(0.001) until akt.info(shop).in_flight == 3 and akt.info(clerk).tasks == 1
print("ready")
