-- seeds: 5
-- Children built call by call are the same as written tables.
local akt = require "akt"
local W = akt.actor "w"
function W:init(...) self.args = { ... } end
function W.on:args() return table.unpack(self.args) end
function W.on:crash() error { code = "bad", message = "bad" } end -- expect-err: bad
local sup = akt.supervisor {
  akt.child("a", W):args(1, nil, 3):restart("permanent"):on_error { bad = "suspend" },
  { "b", W, args = { "b" } },
  akt.children_of(3, "w", W):args(function(i) return i * i end):shutdown(1):isolate(),
}
print(akt.ask("a", "args")) -- expect: 1	nil	3
print(akt.ask("w1", "args"), akt.ask("w3", "args")) -- expect: 1	9
assert(akt.info("w1").isolate ~= akt.info("w2").isolate)
print(#akt.children(sup)) -- expect: 5
akt.try(akt.ask, "a", "crash")
print(akt.info("a").state) -- expect: suspended
local c = akt.start_child(sup, akt.child("c", W):args "c")
print(c:ask "args", akt.whereis "c" == c) -- expect: c	true

local function code(f, ...) return select(2, akt.try(f, ...)).code end
print(code(akt.child, "x"), code(akt.children_of, 0, "x", W), code(akt.children_of, 2, W)) -- expect: bad_child	bad_child	bad_child
print(code(akt.start_child, sup, akt.children_of(2, "x", W))) -- expect: bad_child
print(code(akt.start_child, sup, akt.child("x", W):restart "always")) -- expect: bad_option
akt.child("d", W):cpu("50%"):priority("low"):use { x = 1 }
local d = akt.start_child(sup, akt.child("d", W):priority("low"):use { x = 1 })
print(akt.info(d).priority) -- expect: low
local _, err = akt.try(function() return akt.child("x", W):restrt "permanent" end)
print(err.code, (err.message:gsub("^[^ ]+ ", "")))
-- expect: bad_option	a child has no option "restrt"; did you mean "restart"?
