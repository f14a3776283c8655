-- A pattern that would take ages is ended with too_complex; others answer
-- meanwhile.
local akt = require "akt"
local Echo = akt.actor "echo"
function Echo.on:echo(x) return x end
local echo = akt.spawn(Echo)
local function search(f)
  local pid = akt.spawn(function()
    local ok, e = pcall(f)
    if not ok then error(e, 0) end
  end)
  akt.monitor(pid)
  for i = 1, 5 do assert(echo:ask("echo", i) == i) end
  return akt.receive({ down = function(_, _, r) return r end }, 30)
end
local r = search(function() return ("a"):rep(400):find(".-.-.-.-b") end)
print(r.error and r.error.code) -- expect: too_complex
r = search(function() return ("a"):rep(3000):gsub(".-.-.-.-b", "") end)
print(r.error and r.error.code) -- expect: too_complex
r = search(function() for _ in ("a"):rep(3000):gmatch(".-.-.-.-b") do end end)
print(r.error and r.error.code) -- expect: too_complex
print(pcall(string.find, "x", ("("):rep(100)))
-- expect: false	too many captures
