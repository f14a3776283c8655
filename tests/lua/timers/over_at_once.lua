-- Sleeps that are over before the worker has gone to sleep.
-- flags: --workers 1
local akt = require "akt"
for i = 1, 20000 do akt.sleep(i % 100 * 2e-7) end
print("awake")    -- expect: awake
