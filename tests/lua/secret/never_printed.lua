-- A secret prints as <secret>, wherever it is; only reveal gives the value.
-- exit: 1
local akt = require "akt"

local s = akt.secret("pw")
print(s, tostring(s), ("%s"):format(s))   -- expect: <secret>	<secret>	<secret>
print(s:reveal(), akt.secret(s):reveal()) -- expect: pw	pw
print(akt.secret("a") == akt.secret("a"), akt.secret("a") == akt.secret("b"))
-- expect: true	false
for _, f in ipairs {
  function() return "x" .. s end, function() return s .. "x" end,
  function() return #s end, function() s.value = 1 end,
  function() return s < s end, function() for _ in pairs(s) do end end,
  function() return table.concat({ s }) end,
} do
  local ok, err = pcall(f)
  assert(not ok and not tostring(err):find("pw"))
end
print(s.value, s[1], getmetatable(s))
-- expect: nil	nil	false

-- it stays one in messages, nested, in answers, captured, and in arguments
local K = akt.actor "keeper"
function K:init(key) self.key = key end
function K.on:get(t) return self.key, t.inner, s end
local k = akt.spawn_opt({ isolate = true }, K, s)
local a, b, c = k:ask("get", { inner = akt.secret { akt.secret(1) } })
print(a, b, c)                            -- expect: <secret>	<secret>	<secret>
print(a:reveal(), b:reveal()[1]:reveal(), c:reveal()) -- expect: pw	1	pw

-- what cannot travel cannot in a secret either
print(akt.try(akt.send, akt.self(), "x", akt.secret(print)))
-- expect: nil	bad_message: tests/lua/secret/never_printed.lua:32: argument 3: {secret}: a function cannot be sent
local deep = 1
for _ = 1, 9 do deep = akt.secret({ deep }) end
print((select(2, akt.try(akt.send, akt.self(), "x", deep))).code)
-- expect: bad_message

-- an error with one
local _, err = akt.try(function() error(s) end)
print(err.message)                        -- expect: <secret>
error(s)
-- expect-err: <secret>
