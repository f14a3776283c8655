-- seeds: 5
local akt = require "akt"
local Echo = akt.actor "echo"
function Echo.on:same(s) return s end
local e = akt.spawn(Echo)
for _, s in ipairs{ "", "a\0b", ("\255"):rep(300), ("x"):rep(70000) } do
  print(#s, e:ask("same", s) == s)
end
-- expect: 0	true
-- expect: 3	true
-- expect: 300	true
-- expect: 70000	true
