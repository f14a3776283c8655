-- The life of an actor, as messages.
local akt = require "akt"

local Worker = akt.actor "worker"
function Worker:init(x) if x == "bad" then error("no init") end end
function Worker.on:job(x) error("bad job " .. x) end
function Worker.on:name() akt.register("ada") end

local seen = {}
local function show(e)
  return table.concat({ e.type, e.severity, e.code or "-", e.kind or "-" }, " ")
end
local function wait(n)
  for _ = 1, n do
    akt.receive({ event = function(e)
      print(show(e))
      seen[e.type] = e
      assert(e.count == 1 and math.abs(e.at - akt.now()) < 60)
    end }, 10)
  end
end

akt.events.subscribe()
local w = akt.spawn_opt({ restart = "permanent", name = "w" }, Worker)
wait(2)
-- expect: spawn debug - worker
-- expect: start debug - worker
assert(seen.spawn.pid == w and seen.spawn.parent == akt.self())
assert(seen.spawn.name == "w" and seen.start.pid == w)

akt.with_trace("7f3a", function() akt.try(akt.ask, w, "job", "x") end)
wait(3)
-- expect: crash error crash worker
-- expect: dead_letter warning crashed worker
-- expect: restart warning - worker
local c = seen.crash
assert(c.pid == w and c.from == akt.self() and c.tag == "job")
assert(c.args[1] == "x" and c.trace == "0000000000007f3a" and c.ask == true)
assert(c.reason.message:find("bad job x"), c.reason.message)
assert(seen.restart.restarts == 1)

w:send("nothing", 1, nil, { 2 })
wait(1)
-- expect: dead_letter warning unknown_message worker
local d = seen.dead_letter
assert(d.pid == w and d.from == akt.self() and d.tag == "nothing")
assert(d.args[1] == 1 and d.args[2] == nil and d.args[3][1] == 2)

akt.stop(w, "enough")
wait(1)
-- expect: end warning stopped worker
assert(seen["end"].reason == "enough")

w:send("job", "late")
wait(1)
-- expect: dead_letter warning noproc -
assert(seen.dead_letter.pid == w and seen.dead_letter.args[1] == "late")

local named = akt.spawn(Worker)
named:send("name")
wait(3)
-- expect: spawn debug - worker
-- expect: start debug - worker
-- expect: register debug - worker
assert(seen.register.name == "ada" and seen.register.pid == named)

akt.try(akt.spawn, Worker, "bad")
wait(3)
-- expect: spawn debug - worker
-- expect: crash error crash worker
-- expect: end warning crash worker
