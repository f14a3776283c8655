-- SPDX-License-Identifier: MIT
-- args: --runs 10
-- Tests of store/inventory.lua: `aktvm test examples`. Each runs in a world of
-- its own with virtual time, so that 15 minutes take no time.

local akt = require "akt"
local t = require "akt.test"
local store = require "store.inventory"

local function shop(stock)
  local inventory = akt.spawn(store.Inventory, stock)
  return akt.spawn(store.Shop, inventory, akt.spawn(store.Payments)), inventory
end

t.test("what is reserved comes back after 15 minutes", function()
  local inventory = akt.spawn(store.Inventory, { pen = 3 })
  inventory:ask("reserve", "pen", 2)
  t.advance("14m")
  t.eq(inventory:ask("left", "pen"), 1)
  t.advance("1m")
  t.eq(inventory:ask("left", "pen"), 3)
end)

t.test("what is paid for does not come back", function()
  t.stub(store.Payments, { pay = function() return true end })
  local s, inventory = shop { pen = 1 }
  t.eq(s:ask("buy", "ann", "pen"), true)
  t.advance("1h")
  t.eq(inventory:ask("left", "pen"), 0)
end)

t.test("the last one is sold once", function()
  t.stub(store.Payments, { pay = function() return true end })
  local s, inventory = shop { pen = 1 }
  local other = akt.spawn(store.Shop, inventory, akt.spawn(store.Payments))
  local a, b = s:async("buy", "ann", "pen"), other:async("buy", "bob", "pen")
  local first, second = akt.all(a, b)
  t.ok(first ~= second, "one of them gets it")
  t.eq(inventory:ask("left", "pen"), 0)
end)

t.test("a bank that does not answer costs nobody the pen", function()
  local bank = t.probe()
  local inventory = akt.spawn(store.Inventory, { pen = 1 })
  local s = akt.spawn(store.Shop, inventory, bank.pid)
  s:send("buy", "ann", "pen")
  bank:expect("pay", "ann", 10)
  t.advance(5) -- so long the shop waits
  t.eq(inventory:ask("left", "pen"), 0)
  t.advance("15m")
  t.eq(inventory:ask("left", "pen"), 1)
end)

t.test("a crash of the shop in the middle of a purchase", function()
  local bank = t.probe()
  local inventory = akt.spawn(store.Inventory, { pen = 1 })
  local s = akt.spawn_opt({ restart = "permanent" }, store.Shop, inventory,
                          bank.pid)
  local order = s:async("buy", "ann", "pen")
  bank:expect("pay", "ann", 10)
  t.fault.crash(s)
  t.raises("crash", order.wait, order)
  t.advance("15m")
  t.eq(inventory:ask("left", "pen"), 1)
end)

t.test("the shop's word to the stock gets lost", function()
  t.stub(store.Payments, { pay = function() return true end })
  local s, inventory = shop { pen = 1 }
  t.fault.drop(inventory, 1, "bought")
  t.raises("timeout", akt.within, "1m", s.ask, s, "buy", "ann", "pen")
  t.advance("15m")
  t.eq(inventory:ask("left", "pen"), 1)
end)

-- With a hundred seeds, each time in another order.
t.explore("no pen is sold twice", function()
  t.stub(store.Payments, { pay = function() akt.sleep(3) return true end })
  local _, inventory = shop { pen = 2 }
  local orders, sold = {}, 0
  for i = 1, 4 do
    local other = akt.spawn(store.Shop, inventory, akt.spawn(store.Payments))
    orders[i] = other:async("buy", "customer " .. i, "pen")
  end
  for _, order in ipairs(orders) do
    if akt.try(order.wait, order) then sold = sold + 1 end
  end
  t.eq(sold, 2)
  t.eq(inventory:ask("left", "pen"), 0)
end, { runs = 100, strategy = "pct", late = "10ms" })

t.property("reserving never makes goods", {
  t.gen.list(t.gen.integer(1, 5)),
}, function(orders)
  local inventory, reserved = akt.spawn(store.Inventory, { pen = 10 }), 0
  for _, n in ipairs(orders) do
    if inventory:ask("reserve", "pen", n) then reserved = reserved + n end
  end
  t.eq(inventory:ask("left", "pen"), 10 - reserved)
  t.ok(reserved <= 10)
end, { runs = 20 })
