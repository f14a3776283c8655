-- A chain of 1,000 actors, each the parent of the next, stops without
-- recursion, children first; its path can be asked for.
local akt = require "akt"
local Link = akt.actor "link"
function Link.on:grow(left, home)
  self.left, self.home = left, home
  if left > 0 then
    akt.spawn(Link):send("grow", left - 1, home)
  else
    akt.send(home, "bottom", akt.self())
  end
end
function Link:terminate() akt.send(self.home, "gone", self.left) end
local top = akt.spawn(Link)
top:send("grow", 999, akt.self())
local bottom = akt.receive({ bottom = function(p) return p end }, 20)
print(select(2, akt.info(bottom).path:gsub("link", ""))) -- expect: 1000
akt.stop(top)
local last, ordered = -1, true
for _ = 1, 1000 do
  akt.receive({ gone = function(left)
    ordered = ordered and left == last + 1
    last = left
  end }, 20)
end
print(last, ordered) -- expect: 999	true
