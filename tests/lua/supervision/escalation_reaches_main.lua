-- seeds: 5
-- A failure that is escalated up to main ends the program in order, exit 1.
-- exit: 1
local akt = require "akt"

local W = akt.actor "w"
function W.on:boom() error("bang", 0) end

local Other = akt.actor "other"
function Other:terminate(reason) print("other ends", reason) end

akt.spawn(Other) -- expect: other ends	shutdown
akt.supervisor {
  max = 0,
  { "a", W, restart = "permanent" },
}
akt.kill("a")
akt.receive({})
print "not reached"
-- expect-err: error[restart_limit]: <supervisor#6> fails: its children failed too often
-- expect-err: error[crash]: <main#1> fails: a child's failure was escalated
