-- SPDX-License-Identifier: MIT
-- A stock of goods. What is reserved and not paid for within 15 minutes goes
-- back. Its tests are in ../inventory_test.lua.

local akt = require "akt"

local HOLD = 15 * 60

local Inventory = akt.actor "inventory"
local Payments = akt.actor "payments"

function Inventory:init(stock)
  self.stock, self.holds, self.last = stock, {}, 0
end

function Inventory.on:left(item) return self.stock[item] or 0 end

-- A number for the reservation, or nil and why not.
function Inventory.on:reserve(item, n)
  if (self.stock[item] or 0) < n then return nil, "sold out" end
  self.stock[item] = self.stock[item] - n
  self.last = self.last + 1
  self.holds[self.last] = { item = item, n = n }
  akt.after(HOLD, "expire", self.last)
  return self.last
end

function Inventory.on:expire(id)
  local hold = self.holds[id]
  if not hold then return end -- it was bought
  self.holds[id] = nil
  self.stock[hold.item] = self.stock[hold.item] + hold.n
end

function Inventory.on:bought(id)
  local known = self.holds[id] ~= nil
  self.holds[id] = nil
  return known
end

function Payments.on:pay(customer, amount)
  error("there is no bank in an example: " .. customer .. " " .. amount)
end

local Shop = akt.actor "shop"

function Shop:init(inventory, payments)
  self.inventory, self.payments = inventory, payments
end

-- Reserve, pay, take; whatever fails, the reservation runs out by itself.
function Shop.on:buy(customer, item)
  local id, why = self.inventory:ask("reserve", item, 1)
  if not id then return nil, why end
  local paid, err = akt.try(akt.ask, self.payments, "pay", customer, 10)
  if not paid then return nil, err and err.code or "refused" end
  if not self.inventory:ask("bought", id) then return nil, "too late" end
  return true
end

return { Inventory = Inventory, Payments = Payments, Shop = Shop }
