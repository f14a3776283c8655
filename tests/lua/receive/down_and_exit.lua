-- seeds: 5
-- down and exit come as tags, with nil sender.
local akt = require "akt"
akt.trap_exit(true)
local p = akt.spawn_link(function() akt.receive() error("x", 0) end)
local ref = akt.monitor(p)
p:send("go")
akt.receive{ exit = function(pid, reason)
  print(pid == p, reason.code, akt.sender())  -- expect: true	crash	nil
end }
local tag, r, pid, reason = akt.receive()
print(tag, r == ref, pid == p, reason.message) -- expect: down	true	true	x
print(akt.sender())                            -- expect: nil
-- expect-err: crashed in
