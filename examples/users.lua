-- An entity per user: each account is an actor, made when it is first
-- needed. Its changes are handled one by one, so no balance is ever wrong,
-- and idle accounts take no memory but for their numbers.
--
--     aktvm examples/users.lua
local akt = require "akt"

local User = akt.actor "user"
User.passivate = { messages = 20, after = "1m" }

function User:init(id) self.id, self.balance, self.changes = id, 0, 0 end

function User.on:deposit(n)
  if n <= 0 then return nil, "deposit what?" end
  self.balance, self.changes = self.balance + n, self.changes + 1
  return self.balance
end

function User.on:withdraw(n)
  if n > self.balance then return nil, "only " .. self.balance end
  self.balance, self.changes = self.balance - n, self.changes + 1
  return self.balance
end

function User.on:balance() return self.balance, self.changes end

function User:idle() return self.balance, self.changes end
function User:wake(balance, changes) self.balance, self.changes = balance, changes end

-- One actor makes them, so there is never more than one of a user.
local Users = akt.actor "users"
function Users:init() self.by_id = {} end
function Users.on:get(id)
  local pid = self.by_id[id] or akt.spawn(User, id)
  self.by_id[id] = pid
  return pid
end

akt.spawn_opt({ name = "users" }, Users)
local function user(id) return akt.ask("users", "get", id) end

-- Ten tellers move money between a hundred users.
local Teller = akt.actor "teller"
function Teller.on:work(number)
  for i = 1, 200 do
    local id = (number * 7 + i * 13) % 100 + 1
    user(id):ask("deposit", 10)
    if i % 4 == 0 then user(id):ask("withdraw", 5) end
  end
end

local futures = {}
for number = 1, 10 do futures[number] = akt.async(akt.spawn(Teller), "work", number) end
akt.all(table.unpack(futures))

local sum, changes = 0, 0
for id = 1, 100 do
  local balance, n = user(id):ask("balance")
  sum, changes = sum + balance, changes + n
end
print("sum of all balances", sum)
print("changes", changes)
print(user(1):ask("withdraw", 1e6))
