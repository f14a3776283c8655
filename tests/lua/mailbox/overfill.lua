-- flags: --sim --seed 7
-- Whom the receiver waits for is let in up to twice the bound, then
-- `overloaded` at once.
local akt = require "akt"
local R = akt.actor "r"
R.mailbox = { max = 5 }
function R.on:go(w) w:ask("work", akt.self()) end
function R.on:x() end
local W = akt.actor "w"
function W.on:work(r)
  local n, code = 0
  for i = 1, 20 do
    local ok, err = akt.try(akt.send, r, "x", i)
    if not ok then code = err.code break end
    n = n + 1
  end
  print(n, code)    -- expect: 10	overloaded
end
akt.spawn(R):send("go", akt.spawn(W))
