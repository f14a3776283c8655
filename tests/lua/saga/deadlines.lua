-- flags: --sim --seed 1
-- The undo steps have time of their own: the deadline that ended the saga does
-- not end them.
local akt = require "akt"
local Stock = akt.actor "stock"
function Stock:init() self.n = 0 end
function Stock.on:reserve() self.n = self.n + 1 end
function Stock.on:release() akt.sleep(1); self.n = self.n - 1; return self.n end
function Stock.on:get() return self.n end
local stock = akt.spawn(Stock)
local Orders = akt.actor "orders"
function Orders.on:order()
  local _, err = akt.saga(function(s)
    s:step(function() stock:ask("reserve") end,
           function() print("left", stock:ask("release")) end)
    s:step(function() akt.sleep(60) end)
  end)
  print(err.code, err.inherited, err.undone, err.failed)
  error(err)
end
local orders = akt.spawn(Orders)
print(select(2, akt.try(akt.within, 1, orders.ask, orders, "order")).code)
-- expect: timeout
akt.sleep(5)
-- expect: left	0
-- expect: timeout	true	1	nil
print(stock:ask("get"), akt.alive(orders))        -- expect: 0	true
