local akt = require "akt"
local Echo = akt.actor "echo"
function Echo.on:same(...) return ... end
local e = akt.spawn(Echo)
local function each(n)
  return coroutine.wrap(function()
    for i = 1, n do coroutine.yield(e:ask("same", i), e:ask("same", i * 2)) end
  end)
end
local t = {}
for a, b in each(3) do t[#t + 1] = a + b; e:ask("same") end
print(table.concat(t, " "))   -- expect: 3 6 9
