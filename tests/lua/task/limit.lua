-- An actor has at most 10,000 tasks in progress.
local akt = require "akt"
for _ = 1, 10000 do akt.task(akt.sleep, 60) end
print(select(2, akt.try(akt.task, print)).code)  -- expect: limit
print(akt.info().tasks)                          -- expect: 10000
print(select(2, akt.try(akt.task, 1)).code)      -- expect: error
akt.exit(0)
