-- SPDX-License-Identifier: MIT
-- What bench/seeds.lua runs: two clients, an account, a lost update that some
-- orders show. `sum` passes under every seed, `lost` under some.
local akt = require "akt"
local t = require "akt.test"

local Account = akt.actor "account"
function Account:init() self.n, self.calls = 0, 0 end
function Account.on:get() self.calls = self.calls + 1 return self.n end
function Account.on:set(n) self.calls = self.calls + 1 self.n = n end
function Account.on:calls() return self.calls end

local Client = akt.actor "client"
function Client.on:add(account)
  local n = account:ask("get")
  account:ask("set", n + 1)
  return true
end

local function both()
  local account = akt.spawn(Account)
  local a, b = akt.spawn(Client), akt.spawn(Client)
  akt.all(a:async("add", account), b:async("add", account))
  return account
end

t.test("sum", function() t.eq(both():ask("calls"), 4) end)
t.test("lost", function() t.eq(both():ask("get"), 2) end)
