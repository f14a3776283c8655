-- Actors that are preempted in the middle of everything compute what one
-- computes that is alone.
-- flags: --workers 2

local n, rounds = 6, 100
-- TSan runs out of its shadow stack with more errors and yields than these
if os.getenv "AKT_TEST_SANITIZER" == "tsan" then rounds = 10 end
require "_mixed"(n, rounds) -- expect: true
