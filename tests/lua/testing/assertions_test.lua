-- SPDX-License-Identifier: MIT
-- What t.eq, t.ok and t.raises take for equal, and what they say when not.
local akt = require "akt"
local t = require "akt.test"

local function message_of(f, ...)
  local ok, err = pcall(f, ...)
  t.ok(not ok, "it passed")
  t.eq(err.code, "test_failed")
  return (err.message:gsub("^[^:]*:%d+: ", ""))
end

t.test("equal values", function()
  t.eq(1, 1.0)
  t.eq(0 / 0, 0 / 0)
  t.eq({ 1, { a = "x" } }, { 1, { a = "x" } })
  t.eq({ 1, 2, 3 }, { 1, t.any, 3 })
  t.eq({ [akt.self()] = true }, { [akt.self()] = true })
  local a, b = {}, {}
  a.self, b.self = a, b
  t.eq(a, b)
end)

t.test("the path to the first difference", function()
  t.eq(message_of(t.eq, 1, 2), "not equal: 1 and 2")
  t.eq(message_of(t.eq, 1, "1"), "not equal: 1 and \"1\"")
  t.eq(message_of(t.eq, { list = { 1, { x = 1 } } }, { list = { 1, { x = 2 } } }),
       "not equal at .list[2].x: 1 and 2")
  t.eq(message_of(t.eq, { 1 }, { 1, 2 }), "not equal at [2]: nil and 2")
  t.eq(message_of(t.eq, { a = 1 }, {}), "not equal at .a: 1 and nil")
  t.eq(message_of(t.eq, { ["a b"] = 1 }, {}), "not equal at [\"a b\"]: 1 and nil")
  t.eq(message_of(t.eq, { b = 1, a = 1 }, { b = 2, a = 2 }),
       "not equal at .a: 1 and 2")
  t.eq(message_of(t.eq, 1, 2, "the sum"), "the sum: not equal: 1 and 2")
  t.eq(message_of(t.eq, {}, 1), "not equal: {} and 1")
end)

t.test("metamethods do not lie", function()
  local sly = setmetatable({ 1 }, { __index = { x = 1 }, __len = error })
  t.eq(sly, { 1 })
  t.eq(message_of(t.eq, sly, { 2 }), "not equal at [1]: 1 and 2")
end)

t.test("ok", function()
  t.eq(t.ok(5), 5)
  t.eq(message_of(t.ok, nil), "expected a true value, got nil")
  t.eq(message_of(t.ok, false, "why"), "why")
end)

t.test("raises", function()
  local err = t.raises("noproc", akt.ask, "nobody", "x")
  t.eq(err.code, "noproc")
  t.raises("error", error, "text")
  t.raises(nil, error, "text")
  t.eq(message_of(t.raises, "x", function() return 1, 2 end),
       "expected the error x, but it returned 1\t2")
  t.eq(message_of(t.raises, "x", function() end),
       "expected the error x, but it returned nothing")
  t.eq(message_of(t.raises, "timeout", akt.ask, "nobody", "x")
         :match("^expected the error timeout, got \"noproc\""),
       "expected the error timeout, got \"noproc\"")
  t.raises("bad_argument", t.raises, "x")
end)
