-- Two guards look after one service, and each starts it again.
local akt = require "akt"
local Service = akt.actor "service"
function Service.on:crash() error("crash") end
local Guard = akt.actor "guard"
function Guard:init(pid) akt.monitor(pid) end
function Guard:down()
  akt.sleep(math.random(3) / 1000)
  if not akt.whereis("service") then
    local pid = akt.spawn_opt({ detached = true }, Service)
    akt.register("service", pid)
  end
end
function Guard.on:ping() return true end

local service = akt.spawn(Service)
akt.register("service", service)
local guards = {}
for i = 1, 2 do guards[i] = akt.spawn(Guard, service) end
service:send("crash")
akt.sleep(1)
for i = 1, 2 do assert(guards[i]:ask("ping"), "a guard has crashed") end
assert(akt.whereis("service"))
