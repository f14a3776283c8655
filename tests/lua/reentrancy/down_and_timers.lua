-- flags: --sim --seed 5
-- News and ticks come between, too; a list of tags lets only messages through.
local akt = require "akt"
local function kind(name, reentrant)
  local K = akt.actor(name)
  K.reentrant = reentrant
  function K:init() self.log = {} end
  function K.on:go(pid)
    akt.monitor(pid)
    akt.after(0.001, "tick")
    akt.kill(pid)
    akt.sleep(0.01)
    table.insert(self.log, "end")
    return table.concat(self.log, " ")
  end
  function K.on:tick() table.insert(self.log, "tick") end
  function K:down() table.insert(self.log, "down") end
  return K
end
local function victim() return akt.spawn(function() akt.receive { x = print } end) end
print(akt.spawn(kind("all", true)):ask("go", victim()))       -- expect: down tick end
print(akt.spawn(kind("some", { "tick" })):ask("go", victim()))  -- expect: tick end
print(akt.spawn(kind("none", false)):ask("go", victim()))     -- expect: end
