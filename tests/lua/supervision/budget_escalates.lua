-- Over the budget the supervisor itself fails: its other children end, and its
-- own supervisor decides.
-- flags: --sim --seed 1
local akt = require "akt"

local main = akt.self()
local W = akt.actor "w"
function W.on:boom() error("bang", 0) end
function W:terminate(reason) main:send("terminate", reason) end

local sup = akt.supervisor {
  max = 2, within = 10, restart = "temporary",
  { "a", W, restart = "permanent" },
  { "b", W, restart = "permanent" },
}
local ref = akt.monitor(sup)
for _ = 1, 3 do akt.send("a", "boom") end
print(akt.receive { down = function(r, _, reason) return r == ref, reason end })
-- expect: true	restart_limit
print(akt.whereis("a"), akt.whereis("b")) -- expect: nil	nil
-- expect-err: restart  1 of 2, now
-- expect-err: restart  2 of 2, in
-- expect-err: restart  none: the limit of 2 in 10 s is reached, its supervisor fails
-- expect-err: error[restart_limit]: <supervisor#5> fails: its children failed too often
