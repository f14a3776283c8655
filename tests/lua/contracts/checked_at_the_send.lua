-- A message that breaks the contract is an error at the line that sends it, and
-- is not sent; what has no entry is not checked.
local akt = require "akt"
local K = akt.actor "kind"
K.accepts = {
  inc = { "integer?" },
  add = { "integer", "string|nil", "number" },
  list = { "integer[]", "string[][]?" },
  user = { { name = "string", age = "integer?", tags = "string[]?" } },
  log = { "string", "any..." },
  sum = { "number..." },
  who = { "pid", "ref?" },
  flag = { "boolean|string[]" },
  get = { returns = "integer" },
  none = {},
}
function K:init() self.n = 0 end
for tag in pairs(K.accepts) do K.on[tag] = function(self) self.n = self.n + 1; return self.n end end
function K.on:free() self.n = self.n + 1 end

local k = akt.spawn(K)
local sent = 0
local function good(...)
  assert(k:send(...))
  sent = sent + 1
end
local function bad(...)
  local ok, err = akt.try(akt.send, k, ...)
  print(err.code, (err.message:gsub("^.-:%d+: kind \"kind\", message ", "")))
end
good("inc") good("inc", 1) good("inc", nil)
bad("inc", "1")         -- expect: bad_contract	"inc": argument 1: integer? expected, got string
bad("inc", 1.0)         -- expect: bad_contract	"inc": argument 1: integer? expected, got float
bad("inc", 1, 2)        -- expect: bad_contract	"inc": 1 argument at most, got 2
good("add", 1, nil, 2) good("add", 1, "x", 2.5)
bad("add", 1, "x")      -- expect: bad_contract	"add": argument 3: number expected, got nothing
bad("add", 1, 2, 3)     -- expect: bad_contract	"add": argument 2: string|nil expected, got integer
good("list", {}) good("list", { 1, 2 }) good("list", { 1 }, { { "a" }, {} })
bad("list", { 1, "2" }) -- expect: bad_contract	"list": argument 1: item 2: integer expected, got string
bad("list", { x = 1 })  -- expect: bad_contract	"list": argument 1: integer[] expected, got table
bad("list", {}, { { 7 } }) -- expect: bad_contract	"list": argument 2: item 1: item 1: string expected, got integer
bad("list", 7)          -- expect: bad_contract	"list": argument 1: integer[] expected, got integer
good("user", { name = "ann" }) good("user", { name = "bob", age = 7, tags = { "x" }, more = 1 })
bad("user", { age = 7 }) -- expect: bad_contract	"user": argument 1: field "name": string expected, got nil
bad("user", { name = "x", tags = { 1 } }) -- expect: bad_contract	"user": argument 1: field "tags": item 1: string expected, got integer
bad("user", "ann")      -- expect: bad_contract	"user": argument 1: table expected, got string
good("log", "x") good("log", "x", 1, nil, {})
bad("log")              -- expect: bad_contract	"log": argument 1: string expected, got nothing
good("sum") good("sum", 1, 2.5, 3)
bad("sum", 1, "2", 3)   -- expect: bad_contract	"sum": argument 2: number expected, got string
good("who", k)
bad("who", akt.monitor(k)) -- expect: bad_contract	"who": argument 1: pid expected, got ref
good("flag", true) good("flag", { "a" })
bad("flag", 1)          -- expect: bad_contract	"flag": argument 1: boolean|string[] expected, got integer
bad("none", 1)          -- expect: bad_contract	"none": 0 arguments at most, got 1
bad("log", akt.secret "x") -- expect: bad_contract	"log": argument 1: string expected, got secret
good("none") good("free", 1, 2, 3)
print(k:ask("get") == sent + 1) -- expect: true

-- the line is the caller's, for all ways to send
local _, err = akt.try(akt.ask, k, "inc", "x")
print(err.code, err.message:match(":(%d+): "))      -- expect: bad_contract	61
_, err = akt.try(akt.async, k, "inc", "x")
print(err.code, err.message:match(":(%d+): "))      -- expect: bad_contract	63
_, err = akt.try(akt.after_opt, 1, "inc", "x", { to = k })
print(err.code)                                     -- expect: bad_contract
local r = akt.router { strategy = "random", kind = K, size = 2 }
_, err = akt.try(akt.send, r, "inc", "x")
print(err.code, err.message:match(":(%d+): "))      -- expect: bad_contract	68
_, err = akt.try(akt.ask, r, "inc", "x")
print(err.code)                                     -- expect: bad_contract
print(r:ask("get"))                                 -- expect: 1
