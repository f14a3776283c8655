-- seeds: 5
-- Who asks itself would wait for ever: reported at once.
local akt = require "akt"
local A = akt.actor "a"
function A.on:go()
  local _, err = akt.try(akt.ask, akt.self(), "go")
  return nil, err
end
local a = akt.spawn(A)
local _, err = a:ask("go")
print(err.code, (err.message:gsub("^.-: ", ""):gsub("#%d+", "")))
-- expect: deadlock	ask: <a> waits for <a>
print(select(2, akt.try(akt.ask, akt.self(), "x")).code) -- expect: deadlock
