-- flags: --sim
-- Stop, kill and restart of one that is away. terminate gets the state, so
-- nothing is lost at the end; one without terminate is not woken.
local akt = require "akt"
local K = akt.actor "k"
K.passivate = { after = 1 }
function K:init(name) self.name, self.n = name, 0; print("init", name) end
function K.on:set(n) self.n = n end
function K.on:get() return self.n end
function K:idle() return self.n end
function K:wake(n) self.n = n end
function K:pre_restart() print("pre_restart", self.name) end
function K:post_restart() print("post_restart", self.name) end
function K:terminate(reason) print("terminate", self.name, self.n, reason) end
local function away(name, opts)
  local k = akt.spawn_opt(opts or {}, K, name)
  k:send("set", 5)
  akt.sleep(2)
  assert(akt.info(k).state == "passivated")
  return k
end
local function gone(k)
  local ref = akt.monitor(k)
  akt.receive { down = function(r, _, why) assert(r == ref); print("down", why) end }
  assert(akt.stats().away == 0)
end

local k = away "a" -- expect: init	a
akt.stop(k, "enough")
gone(k)
-- expect: init	a
-- expect: terminate	a	5	enough
-- expect: down	enough
k = away "b" -- expect: init	b
akt.kill(k)
gone(k) -- expect: down	killed
k = away("c", { restart = "permanent" }) -- expect: init	c
akt.kill(k)
print(k:ask("get"), akt.info(k).restarts) -- it has started anew, without its data
-- expect: init	c
-- expect: post_restart	c
-- expect: 0	1
akt.kill(k); akt.stop(k); gone(k) -- expect: down	normal
k = away "d" -- expect: init	d
akt.restart(k)
print(k:ask("get"), akt.info(k).restarts)
-- expect: init	d
-- expect: post_restart	d
-- expect: 0	1
akt.stop(k)
gone(k)
-- expect: terminate	d	0	normal
-- expect: down	normal

local Plain = akt.actor "plain"
Plain.passivate = { after = 1 }
function Plain:init() print "plain" end
k = akt.spawn(Plain) -- expect: plain
akt.sleep(2)
akt.stop(k)
gone(k) -- expect: down	normal

away "e" -- expect: init	e
-- the end of the program is an end like any other
-- expect: init	e
-- expect: terminate	e	5	shutdown
