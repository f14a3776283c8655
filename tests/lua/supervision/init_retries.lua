-- flags: --sim
-- seeds: 5
-- The first init may be tried again; spawn returns after the last try.
local akt = require "akt"
-- expect-err: not yet 1
-- expect-err: retry 1 of 3, in 0.100 s
-- expect-err: not yet 2
-- expect-err: retry 2 of 3, in 0.200 s
local Counter = akt.actor "counter"
function Counter:init() self.n = 0 end
function Counter.on:add() self.n = self.n + 1; return self.n end
local Child = akt.actor "child"
function Child:terminate() print "child ended" end

local W = akt.actor "w"
function W:init(counter, good)
  self.try = counter:ask("add")
  akt.spawn(Child) -- ends before the next try
  if self.try < good then error("not yet " .. self.try) end
end
function W.on:try() return self.try end

local opts = { name = "w", init = { retries = 3 } }
local t = akt.clock()
local w = akt.spawn_opt(opts, W, akt.spawn(Counter), 3)
print(w:ask("try"), math.floor((akt.clock() - t) * 10 + 0.5))
-- expect: child ended
-- expect: child ended
-- expect: 3	3
assert(akt.whereis "w" == w and akt.info(w).restarts == 0)
akt.stop(w)
akt.sleep(1) -- expect: child ended

-- none is left
opts = { init = { retries = 1, backoff = { 1, 2 } } }
t = akt.clock()
local _, err = akt.try(akt.spawn_opt, opts, W, akt.spawn(Counter), 3)
t = akt.clock() - t
akt.sleep(1) -- the child of the last try ends a little later
print(err.code, err.reason.message:match("not yet %d"), t >= 1)
-- expect: child ended
-- expect: child ended
-- expect: init_failed	not yet 2	true
