-- seeds: 5
-- The children of a supervisor start in order, each when the one before is up;
-- one that fails to start fails the supervisor, and those before it end.
local akt = require "akt"

local main = akt.self()
local W = akt.actor "w"
function W:init(name, fails)
  akt.sleep(0)
  main:send("up", name)
  if fails then error("cannot start " .. name, 0) end
  self.name = name
end
function W:terminate(reason) main:send("end", self.name, reason) end

local ok, err = akt.try(akt.supervisor, {
  { "a", W, args = { "a" } },
  { "b", W, args = { "b" } },
  { "c", W, args = { "c", true } },
  { "d", W, args = { "d" } },
})
print(ok, err.code, err.message:match("cannot start c")) -- expect: nil	init_failed	cannot start c
for _ = 1, 5 do print(akt.receive()) end
-- expect: up	a
-- expect: up	b
-- expect: up	c
-- expect: end	b	shutdown
-- expect: end	a	shutdown
