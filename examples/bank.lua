-- SPDX-License-Identifier: MIT
-- Bank transfers with compensation. A transfer is two messages to two actors,
-- and the second may fail after the first has succeeded: then the first is
-- undone. Whatever happens, no money appears or disappears.

local akt = require "akt"

local Account = akt.actor "account"

function Account:init(balance)
  self.balance = balance
  self.frozen = false
end

function Account.on:balance() return self.balance end
function Account.on:freeze() self.frozen = true end

-- What the caller should expect is a returned nil with a reason, not an error.
function Account.on:withdraw(amount)
  if amount > self.balance then return nil, "insufficient funds" end
  self.balance = self.balance - amount
  return true
end

function Account.on:deposit(amount)
  if self.frozen then return nil, "account is frozen" end
  self.balance = self.balance + amount
  return true
end

-- Taking back what was withdrawn a moment ago is never refused.
function Account.on:refund(amount)
  self.balance = self.balance + amount
end

-- Returns true, or nil and the reason. akt.try turns errors of the machine
-- (the account is gone, does not answer, ...) into that form too.
--
-- A `timeout` of the deposit would leave open whether it happened; a real
-- bank gives each transfer an id and lets the accounts remember which ids they
-- have seen, so that the question can be asked again.
local function transfer(from, to, amount)
  local ok, why = from:ask("withdraw", amount)
  if not ok then return nil, why end
  ok, why = akt.try(akt.ask, to, "deposit", amount)
  if ok then return true end
  from:ask("refund", amount)
  return nil, type(why) == "table" and why.code or why
end

local names = { "ann", "ben", "cleo", "dan" }
local accounts = {}
for i, name in ipairs(names) do
  accounts[name] = akt.spawn(Account, i * 100)
end

local function total()
  local sum = 0
  for _, name in ipairs(names) do
    sum = sum + accounts[name]:ask("balance")
  end
  return sum
end

local function show(from, to, amount)
  local ok, why = transfer(accounts[from], accounts[to] or to, amount)
  print(string.format("%s -> %s %d: %s", from, tostring(to), amount,
                      ok and "done" or "refused, " .. why))
end

print("total before: " .. total())

show("ben", "ann", 50)
show("ann", "ben", 1000)                -- more than there is
accounts.cleo:ask("freeze")
show("dan", "cleo", 70)                 -- refused by the receiver: refund
show("dan", "nobody", 70)               -- there is no such actor: refund

for _, name in ipairs(names) do
  print(string.format("%-5s %d", name, accounts[name]:ask("balance")))
end

-- Now many at the same time. Tellers work in parallel on the same accounts; an
-- account handles one message after the other, so it needs no lock.
local Teller = akt.actor "teller"

function Teller.on:work(pids, transfers, seed)
  local x, attempts = seed, 0
  local function pick(n)                -- a small random generator
    x = (x * 1103515245 + 12345) & 0x7fffffff
    return (x >> 16) % n + 1
  end
  for _ = 1, transfers do
    transfer(pids[pick(#pids)], pids[pick(#pids)], pick(50))
    attempts = attempts + 1
  end
  return attempts
end

local pids = {}
for i, name in ipairs(names) do pids[i] = accounts[name] end

local attempts = akt.within(60, function()
  local jobs = {}
  for i = 1, 8 do
    jobs[i] = akt.async(akt.spawn(Teller), "work", pids, 250, i)
  end
  local sum = 0
  for _, n in ipairs { akt.all(table.unpack(jobs)) } do sum = sum + n end
  return sum
end)

print(attempts .. " transfers by 8 tellers")
print("total after: " .. total())
