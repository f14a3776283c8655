-- Normal actors share isolates of 256 MB. One that grows without end crashes
-- with `memory`; the isolate works afterwards.
-- skip-asan
-- flags: --workers 1
local akt = require "akt"
local Echo = akt.actor "echo"
function Echo.on:echo(x) return x end
local echoes = {}
for i = 1, 40 do echoes[i] = akt.spawn(Echo) end
local pid = akt.spawn(function()
  local t = {}
  while true do t[#t + 1] = { #t } end
end)
akt.monitor(pid)
print(akt.receive({ down = function(_, _, r) return r end }, 60))
-- expect: memory
for i = 1, 40 do assert(echoes[i]:ask("echo", i) == i) end
local pids = {}
for i = 1, 40 do
  pids[i] = akt.spawn(function() local t = {} for j = 1, 1e4 do t[j] = { j } end end)
end
print(#pids) -- expect: 40
