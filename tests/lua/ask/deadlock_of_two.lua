-- flags: --sim --seed 7
-- A circle of asks is reported at once, naming the chain, to the one that
-- closes it; the others get on with that.
local akt = require "akt"
local A = akt.actor "a"
function A.on:go(b) return b:ask("back", akt.self()) end
local B = akt.actor "b"
function B.on:back(a)
  local _, err = akt.try(akt.ask, a, "go")
  return err.code, err.message
end
local start = akt.clock()
local code, message = akt.spawn(A):ask("go", akt.spawn(B))
print(code, (message:gsub("^.-: ", ""):gsub("#%d+", "")))
-- expect: deadlock	ask: <b> waits for <a> waits for <b>
print(akt.clock() - start < 1)  -- expect: true
