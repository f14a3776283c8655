-- An isolate has at most 2,097,152 timers and open asks: one more is `limit`.
-- skip-tsan: of one thread, and long
-- skip-asan
local akt = require "akt"
local n = 0
local ok, e = pcall(function()
  while true do akt.after(1e6, "x") n = n + 1 end
end)
print(ok, e.code, n) -- expect: false	limit	2097152
print(pcall(akt.async, akt.self(), "x") == false) -- expect: true
akt.sleep(0.001)
akt.exit()
