-- An order takes three steps at three services: reserve the goods, charge the
-- customer, book the delivery. When one of them fails, those before it are
-- undone, in reverse order.
--
--     aktvm examples/saga.lua

local akt = require "akt"

---------------------------------------------------------------------------
-- The services
---------------------------------------------------------------------------

local Stock = akt.actor "stock"
function Stock:init() self.left = { book = 2, lamp = 5 } end
function Stock.on:reserve(what, n)
  if (self.left[what] or 0) < n then return nil, "only " .. (self.left[what] or 0) .. " left" end
  self.left[what] = self.left[what] - n
  return n
end
function Stock.on:release(what, n) self.left[what] = self.left[what] + n end
function Stock.on:count(what) return self.left[what] end

local Bank = akt.actor "bank"
function Bank:init() self.accounts, self.busy = { ann = 100, bob = 10 }, true end
function Bank.on:charge(who, amount)
  if self.accounts[who] < amount then return nil, who .. " has only " .. self.accounts[who] end
  self.accounts[who] = self.accounts[who] - amount
  return "payment of " .. amount
end
function Bank.on:refund(who, amount)
  if self.busy then -- the first time
    self.busy = false
    return nil, "the bank is busy"
  end
  self.accounts[who] = self.accounts[who] + amount
  return true
end
function Bank.on:balance(who) return self.accounts[who] end

local Carrier = akt.actor "carrier"
function Carrier.on:book(where)
  if where == "the moon" then return nil, "no way to the moon" end
  return "parcel to " .. where
end

local stock, bank, carrier = akt.spawn(Stock), akt.spawn(Bank), akt.spawn(Carrier)

---------------------------------------------------------------------------
-- The order
---------------------------------------------------------------------------

-- A service says no by nil and a reason; here that is an error.
local function ask(service, ...)
  local result, why = service:ask(...)
  if result == nil then error { code = "refused", message = why } end
  return result
end

local Orders = akt.actor "orders"

function Orders.on:order(o)
  local parcel, err = akt.saga(function(s)
    s:step(function() return ask(stock, "reserve", o.what, o.n) end,
           function(n)
             print("    undo: " .. n .. " back in stock")
             stock:send("release", o.what, n)
           end, { name = "reserve" })
    s:step(function() return ask(bank, "charge", o.who, o.price) end,
           function(payment)
             print("    undo: " .. payment)
             ask(bank, "refund", o.who, o.price)
           end, { name = "charge" })
    return s:step(function() return ask(carrier, "book", o.to) end, nil,
                  { name = "book" })
  end)
  if parcel then return parcel end
  return nil, err.message, err.undone
end

---------------------------------------------------------------------------

local orders = akt.spawn(Orders)

local function order(o)
  print(("%s wants %d %s to %s"):format(o.who, o.n, o.what, o.to))
  local parcel, why, undone = orders:ask("order", o)
  print(parcel and "  " .. parcel or ("  no: %s (%d undone)"):format(why, undone))
end

order { who = "ann", what = "book", n = 1, price = 20, to = "Bern" }
order { who = "bob", what = "lamp", n = 1, price = 50, to = "Bern" }
order { who = "ann", what = "lamp", n = 3, price = 60, to = "the moon" }
order { who = "ann", what = "book", n = 4, price = 80, to = "Bern" }
print(("books %d, lamps %d, ann %d, bob %d"):format(
  stock:ask("count", "book"), stock:ask("count", "lamp"),
  bank:ask("balance", "ann"), bank:ask("balance", "bob")))
