-- SPDX-License-Identifier: MIT
-- args: --runs 5
-- Virtual time: advance, settle, eventually.
local akt = require "akt"
local t = require "akt.test"

local Ticker = akt.actor "ticker"
function Ticker:init() self.n = 0; akt.every(1, "tick") end
function Ticker.on:tick() self.n = self.n + 1 end
function Ticker.on:count() return self.n end

local Chain = akt.actor "chain"
function Chain.on:go(left, to)
  if left == 0 then to:send("done") return end
  akt.after(0, "go", left - 1, to)
end

t.test("an hour of ticks", function()
  local ticker = akt.spawn(Ticker)
  local from = akt.now()
  t.advance("1h")
  t.eq(ticker:ask("count"), 3600)
  t.ok(akt.now() - from >= 3600)
  t.ok(akt.now() - from < 3600.5)
end)

t.test("what is due at its end has happened", function()
  local ticker = akt.spawn(Ticker)
  for i = 1, 50 do
    t.advance(1)
    t.eq(ticker:ask("count"), i)
  end
  t.advance(0.5)
  t.eq(ticker:ask("count"), 50)
end)

t.test("advance runs what a message starts first", function()
  local p, c = t.probe(), akt.spawn(Ticker)
  akt.spawn(function()
    akt.sleep(5)
    p.pid:send("slept")
  end)
  t.advance(5)
  p:expect_within(0, "slept")
  t.eq(c:ask("count"), 5)
end)

t.test("settle lets no time pass", function()
  local p = t.probe()
  local ticker = akt.spawn(Ticker)
  local from = akt.clock()
  for i = 1, 100 do
    akt.spawn(function() p.pid:send("x", i) end)
  end
  t.settle()
  t.ok(akt.clock() - from < 0.5)
  t.eq(p.pid:ask("$probe.last"), 100)
  t.eq(ticker:ask("count"), 0)
end)

t.test("settle follows chains that take no time", function()
  local p, c = t.probe(), akt.spawn(Chain)
  c:send("go", 50, p.pid)
  t.advance(0.01)
  p:expect_within(0, "done")
end)

t.test("settle under a deadline", function()
  akt.within(10, t.settle)
  t.settle()
end)

t.test("eventually", function()
  local n = 0
  t.eq(t.eventually(function()
    n = n + 1
    if n < 3 then error("not yet") end
    return n > 5 and "value"
  end), "value")
  t.raises("test_failed", t.eventually, function() return false end, 1)
  local err = t.raises("boom", t.eventually, function()
    error { code = "boom", message = "it always fails" }
  end, "500ms")
  t.eq(err.message, "it always fails")
end)

t.test("not for actors", function()
  local p = t.probe()
  akt.spawn(function()
    local _, err = akt.try(require("akt.test").settle)
    p.pid:send("refused", err.code)
    _, err = akt.try(require("akt.test").test, "inner", print)
    p.pid:send("refused", err.code)
  end)
  p:expect("refused", "denied")
  p:expect("refused", "denied")
end)
