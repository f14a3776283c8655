-- Actors that are preempted in the middle of everything compute what one
-- computes that is alone.
-- flags: --sim --seed 1

local n, rounds = 4, 6
require "_mixed"(n, rounds) -- expect: true
