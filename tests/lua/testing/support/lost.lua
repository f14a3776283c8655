-- SPDX-License-Identifier: MIT
-- Two clients add to an account by a get and a set: some seeds lose one.
local akt = require "akt"
local t = require "akt.test"

local Account = akt.actor "account"
function Account:init() self.n = 0 end
function Account.on:get() return self.n end
function Account.on:set(n) self.n = n end

local Client = akt.actor "client"
function Client.on:add(account)
  local n = account:ask("get")
  account:ask("set", n + 1)
  return true
end

local function total()
  local account = akt.spawn(Account)
  local a, b = akt.spawn(Client), akt.spawn(Client)
  if math.random(4) > 1 then
    a:ask("add", account)
    b:ask("add", account)
  else
    akt.all(a:async("add", account), b:async("add", account))
  end
  return account:ask("get")
end

t.test("two clients", function() t.eq(total(), 2) end)
t.test("at least one", function() t.ok(total() >= 1) end)
