-- A contract that cannot be is an error when the kind is first used.
local akt = require "akt"
local n = 0
local function bad(accepts, on)
  n = n + 1
  local K = akt.actor("k" .. n)
  K.on.add = function() end
  K.accepts = accepts
  local ok, err = akt.try(akt.spawn, K)
  print(err.code, (err.message:gsub("^.-:%d+: kind \"k%d+\": ", "")))
end
bad { add = { "integr" } }
-- expect: bad_contract	accepts.add: argument 1: "integr": there is no type "integr"; did you mean "integer"?
bad { add = { "house" } }
-- expect: bad_contract	accepts.add: argument 1: "house": there is no type "house"; there are any, nil, boolean, integer, float, number, string, table, pid, ref, secret, and TYPE[], TYPE?, TYPE|TYPE, TYPE...
bad { add = { "function" } }
-- expect: bad_contract	accepts.add: argument 1: "function": a function cannot be in a message
bad { add = { "number|integer" } }
-- expect: bad_contract	accepts.add: argument 1: "number|integer": one of these contains another
bad { add = { "table|integer[]" } }
-- expect: bad_contract	accepts.add: argument 1: "table|integer[]": one of these contains another
bad { add = { "nil?" } }
-- expect: bad_contract	accepts.add: argument 1: "nil?": it is nil already, without the ?
bad { add = { "integer]" } }
-- expect: bad_contract	accepts.add: argument 1: "integer]": a type is like integer, string?, integer[], integer|nil
bad { add = { "nil[]" } }
-- expect: bad_contract	accepts.add: argument 1: "nil[]": an array holds no nil
bad { add = { "integer?", "string" } }
-- expect: bad_contract	accepts.add: argument 2: it must be there, so those before it cannot be left out: write TYPE|nil instead of TYPE?
bad { add = { "string...", "string" } }
-- expect: bad_contract	accepts.add: argument 2: nothing comes behind "..."
bad { ad = {} }
-- expect: bad_contract	accepts: there is no handler on.ad; did you mean "add"?
bad { remove = {} }
-- expect: bad_contract	accepts: there is no handler on.remove
bad { add = "integer" }
-- expect: bad_contract	accepts.add: a table { TYPE, ..., returns = TYPE } is expected, not a string
bad { add = { return_ = "integer" } }
-- expect: bad_contract	accepts.add: it has no "return_"; a message is { TYPE, ..., returns = TYPE }
bad { add = { 7 } }
-- expect: bad_contract	accepts.add: argument 1: a type is a string or a table of fields, not a number
bad { add = { {} } }
-- expect: bad_contract	accepts.add: argument 1: a table without fields; any table is "table"
bad { add = { { "integer" } } }
-- expect: bad_contract	accepts.add: argument 1: fields have names; an array is like "integer[]"
bad { add = { { a = { b = "strin" } } } }
-- expect: bad_contract	accepts.add: argument 1.a.b: "strin": there is no type "strin"; did you mean "string"?
bad { [1] = {} }
-- expect: bad_contract	accepts: a tag is a string, not a number
bad(7)
-- expect: bad_contract	accepts: a table is expected, not a number
local deep = "integer"
for i = 1, 40 do deep = { x = deep } end
local Deep = akt.actor "deep"
Deep.on.add = function() end
Deep.accepts = { add = { deep } }
local _, err = akt.try(akt.spawn, Deep)
print(err.message:match("deeper than %d+ tables")) -- expect: deeper than 16 tables
-- a kind with `unknown` may accept what no handler has
local U = akt.actor "u"
U.accepts = { any = { "integer" } }
function U:unknown(tag, n) return n end
print(akt.spawn(U):ask("any", 3))                  -- expect: 3
