-- Who may end whom: itself, its parent; not the machine.
-- exit: 1
local akt = require "akt"
local function code(f, ...)
  local ok, e = pcall(f, ...)
  return type(e) == "table" and e.code or tostring(e)
end
local user = akt.parent()
local root = akt.info(user).parent
print(tostring(user), tostring(root)) -- expect: </user>	</>
print(code(akt.kill, root), code(akt.stop, root)) -- expect: denied	denied
for _, f in ipairs { akt.link, akt.monitor, akt.restart, akt.send, akt.info } do
  pcall(f, root, "x")
  pcall(f, user, "x")
end
print(code(akt.within, 0.05, akt.ask, user, "x") ~= "nil") -- expect: true
local function why(pid)
  akt.monitor(pid)
  return akt.receive({ down = function(_, _, r) return r end }, 10)
end
print(why(akt.spawn(function() akt.kill(akt.self()) akt.sleep(9) end)))
-- expect: killed
print(why(akt.spawn(function() akt.stop(nil, "bye") akt.sleep(9) end)))
-- expect: bye
local me = akt.self()
local child
local parent = akt.spawn(function()
  akt.spawn(function()
    akt.send(me, "me", akt.self())
    akt.sleep(0.02)
    akt.kill(akt.parent())
    while true do end
  end)
  akt.sleep(100)
end)
child = akt.receive { me = function(p) return p end }
print(why(parent), akt.alive(child)) -- expect: killed	false
akt.spawn(function() akt.kill(user) akt.sleep(9) end)
akt.sleep(100)
