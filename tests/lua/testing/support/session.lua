-- SPDX-License-Identifier: MIT
-- Two clients add to an account by a get and a set. One of them logs in first,
-- so that in the plain order the other one is done by then; some orders lose
-- an update.
local akt = require "akt"
local t = require "akt.test"

local Account = akt.actor "account"
function Account:init() self.n = 0 end
function Account.on:get() return self.n end
function Account.on:set(n) self.n = n end

local Login = akt.actor "login"
function Login.on:check() return true end

local Client = akt.actor "client"
function Client.on:add(account, login)
  if login then login:ask("check") end
  account:ask("set", account:ask("get") + 1)
  return true
end

local function total()
  local account, login = akt.spawn(Account), akt.spawn(Login)
  local a, b = akt.spawn(Client), akt.spawn(Client)
  akt.all(a:async("add", account), b:async("add", account, login))
  return account:ask("get")
end

t.test("both count", function() t.eq(total(), 2) end)
t.test("at least one counts", function() t.ok(total() >= 1) end)
t.explore("explored", function() t.eq(total(), 2) end,
          { runs = 300, seed = 1000, strategy = "pct", depth = 4 })
t.explore("none lost", function() t.ok(total() >= 1) end, { runs = 20 })
