-- flags: --sim
-- seeds: 5
-- on_error "suspend": the actor keeps its state and takes no message until
-- akt.reinstate.
local akt = require "akt"
-- expect-err: disk is full
-- expect-err: suspended with its state
local Db = akt.actor "db"
function Db:init() self.n = 0; print "init" end
function Db.on:put(n)
  if n < 0 then error { code = "disk_full", message = "disk is full" } end
  self.n = self.n + n
  return self.n
end
function Db:terminate() print("terminate", self.n) end
local db = akt.spawn_opt({ on_error = { disk_full = "suspend" } }, Db) -- expect: init
db:ask("put", 5)
print(select(2, akt.try(akt.ask, db, "put", -1)).code) -- expect: crash
print(akt.info(db).state, akt.alive(db)) -- expect: suspended	true
local f = akt.async(db, "put", 1)
akt.sleep(3)
print(akt.info(db).mailbox) -- expect: 1
print(akt.reinstate(db)) -- expect: true
print(f:wait()) -- expect: 6
print(akt.info(db).state, akt.info(db).restarts) -- expect: idle	0
print(akt.reinstate(db), db:ask("put", 0)) -- one that runs is left alone
-- expect: true	6

-- it can be stopped (GoAkt's could not), with its terminate
akt.try(akt.ask, db, "put", -1)
local ref = akt.monitor(db)
akt.stop(db)
akt.receive { down = function(r, _, why) print(r == ref, why) end }
-- expect: terminate	6
-- expect: true	normal
print(akt.reinstate(db), akt.reinstate("nobody")) -- expect: false	false

-- and killed, and restarted
db = akt.spawn_opt({ on_error = { disk_full = "suspend" }, restart = "transient" }, Db) -- expect: init
akt.try(akt.ask, db, "put", -1)
akt.restart(db)
print(db:ask("put", 1), akt.info(db).restarts)
-- expect: init
-- expect: 1	1
akt.try(akt.ask, db, "put", -1)
akt.kill(db)
print(db:ask("put", 2), akt.info(db).restarts)
-- expect: init
-- expect: 2	2
akt.try(akt.ask, db, "put", -1)
print(akt.info(db).state) -- expect: suspended
-- the program ends all the same
-- expect: terminate	2
