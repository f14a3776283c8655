-- Children are put into other isolates than their parent's, however many.
local akt = require "akt"
local Child = akt.actor "child"
local Parent = akt.actor "parent"
function Parent.on:spawn(n)
  local mine, with_me = akt.info(akt.self()).isolate, 0
  for _ = 1, n do
    if akt.info(akt.spawn(Child)).isolate == mine then with_me = with_me + 1 end
  end
  return with_me
end
local parent = akt.spawn(Parent)
print(parent:ask("spawn", 1000)) -- expect: 0
