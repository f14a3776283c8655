-- SPDX-License-Identifier: MIT
-- Savina 15, Bank Transaction: banking [accounts] [transactions]. The teller
-- tells an account to pay another one; it asks that one to take the amount, and
-- meanwhile its other messages wait. Amounts are integers, so that all
-- balances can be checked.

local akt = require "akt"
local savina = require "savina"

local accounts, transactions = savina.args(1000, 50000)

-- The transactions: from which account to which, how much. The source is
-- always lower than the target, so that no circle of asks can arise.
local function orders()
  local random = savina.random(123456)
  return function()
    local from = random(accounts // 10 * 8)
    local to = from + math.max(random(accounts - from), 1)
    return from + 1, to + 1, random()
  end
end

local Account = akt.actor "account"

function Account:init() self.balance = 0 end

function Account.on:debit(amount)
  self.balance = self.balance + amount
  return true
end

function Account.on:credit(amount, to)
  local teller = akt.sender()
  self.balance = self.balance - amount
  to:ask("debit", amount)
  teller:send("reply")
end

function Account.on:stop(main, id)
  main:send("balance", id, self.balance)
  akt.stop()
end

local Teller = akt.actor "teller"

function Teller:init(all, main)
  self.all, self.main, self.missing = all, main, transactions
end

function Teller.on:start()
  local next_order, all = orders(), self.all
  for _ = 1, transactions do
    local from, to, amount = next_order()
    all[from]:send("credit", amount, all[to])
  end
end

function Teller.on:reply()
  self.missing = self.missing - 1
  if self.missing > 0 then return end
  for id, account in ipairs(self.all) do account:send("stop", self.main, id) end
  akt.stop()
end

local function weighed(balances)
  local sum = 0
  for id = 1, accounts do sum = sum + id * balances[id] end
  return sum
end

local function expected()
  local balances, next_order = {}, orders()
  for id = 1, accounts do balances[id] = 0 end
  for _ = 1, transactions do
    local from, to, amount = next_order()
    balances[from] = balances[from] - amount
    balances[to] = balances[to] + amount
  end
  return weighed(balances)
end

savina.run {
  name = "banking", unit = "transactions/s", work = transactions,
  check = expected(),
  once = function()
    local all, balances = {}, {}
    for id = 1, accounts do all[id] = akt.spawn(Account) end
    akt.spawn(Teller, all, akt.self()):send("start")
    local closing = {
      balance = function(id, balance) balances[id] = balance end,
    }
    for _ = 1, accounts do akt.receive(closing) end
    return weighed(balances)
  end,
}
