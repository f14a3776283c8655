-- timeout: 20
-- New actors pass by an isolate that is busy.
local akt = require "akt"
local K = akt.actor "k"
for _ = 1, 32 * akt.stats().workers do akt.spawn(K) end -- every isolate is open
local hog = akt.spawn(function() while true do end end)
local busy = akt.info(hog).isolate
-- The first children of a parent go to isolates one by one, so that 32 of one
-- come to each of them, but for what is passed by.
local Parent = akt.actor "parent"
function Parent.on:spawn(n)
  local here = 0
  for _ = 1, n do
    if akt.info(akt.spawn(K)).isolate == busy then here = here + 1 end
  end
  return here
end
repeat -- how busy it is shows after a while
  akt.sleep(0.05)
  local here = akt.spawn(Parent):ask("spawn", 32)
until here == 0
print "passed by"
akt.kill(hog)
-- expect: passed by
