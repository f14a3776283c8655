-- flags: --sim
-- seeds: 5
-- Health checks: ok, degraded and failed; so many failures in a row restart
-- the actor like a crash; success counts from 0 again.
local akt = require "akt"
-- expect-err: error[unhealthy]
-- expect-err: has failed 3 health checks in a row
-- expect-err: 1 of 5, now
local Db = akt.actor "db"
function Db:init() self.say = { "ok" } end
function Db.on:say(...) self.say = { ... } end
function Db.on:ping() return "pong" end
function Db:health()
  if self.say[1] == "raise" then error "no disk" end
  return self.say[1], self.say[2]
end
local db = akt.spawn_opt({ restart = "permanent", health = { every = 5, fails = 3 } }, Db)
local function show(seconds)
  akt.sleep(seconds)
  local i = akt.info(db)
  local why = i.health_reason
  if type(why) == "table" then why = why.message and why.message:match("no disk") end
  print(i.health, why, i.restarts)
end
show(4) -- expect: unknown	nil	0
show(2) -- expect: ok	nil	0
db:send("say", "degraded", "slow disk")
show(5) -- expect: degraded	slow disk	0
db:send("say", "failed", { disk = 1 })
akt.sleep(5)
print(akt.info(db).health, akt.info(db).health_reason.disk) -- expect: failed	1
show(5) -- expect: failed	nil	0
db:send("say", "ok")
show(5) -- expect: ok	nil	0
db:send("say", "raise")
show(10) -- expect: failed	no disk	0
show(5) -- expect: failed	no disk	1
show(5) -- expect: ok	nil	1
db:send("say", "fine")
show(5) -- expect: failed	nil	1
