-- An answer that breaks the contract crashes its actor, at the handler's line.
local akt = require "akt"
local K = akt.actor "kind"
K.accepts = {
  get = { "any", returns = "integer" },
  pair = { "any...", returns = { "string", "integer?" } },
  early = { "any", returns = "integer" },
  later = { "any", returns = "integer" },
}
local function value(x) return x end
function K.on:get(x)
  return value(x)
end
function K.on:pair(...) return ... end
function K.on:early(x) require("akt").reply(x) end
function K.on:later(x) require("akt").defer():reply(x) end
local function ask(...)
  local r = table.pack(pcall(akt.ask, akt.spawn(K), ...))
  if r[1] then return table.unpack(r, 2, r.n) end
  local e = r[2].reason.error
  if not e then return r[2].code end -- of a reply that was put off
  return r[2].code, e.code, (e.message:gsub("tests/lua/contracts/", ""))
end
print(ask("get", 1))           -- expect: 1
print(ask("get", "x"))         -- expect: crash	bad_contract	returns.lua:11: kind "kind", message "get": result 1: integer expected, got string
print(ask("get", nil))         -- expect: crash	bad_contract	returns.lua:11: kind "kind", message "get": result 1: integer expected, got nil
print(ask("pair", "a"))        -- expect: a
print(ask("pair", "a", 1))     -- expect: a	1
print(ask("pair", "a", 1, 2))  -- expect: crash	bad_contract	returns.lua:14: kind "kind", message "pair": 2 results at most, got 3
print(ask("early", 1))         -- expect: 1
print(ask("early", "x"))       -- expect: crash	bad_contract	returns.lua:15: kind "kind", message "early": result 1: integer expected, got string
print(ask("later", 1))         -- expect: 1
print(ask("later", "x"))       -- expect: noproc
-- nobody asked: what is returned is nothing
local k = akt.spawn(K)
k:send("get", "x")
print(k:ask("get", 7))         -- expect: 7
-- expect-err: bad_contract
-- expect-err: returns.lua:16: kind "kind", message "later"
