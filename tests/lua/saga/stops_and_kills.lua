-- flags: --sim --seed 1 --crash-reports off
-- A process that is stopped in a saga is unwound: what its undo steps send is
-- sent; what would have to wait fails. An actor has its time to finish. A kill
-- undoes nothing.
local akt = require "akt"
local main = akt.self()
local function body()
  akt.saga(function(s)
    s:step(function() end, function() main:send("undone", 1) end)
    s:step(function() end, function() main:ask("undone", 2) end)
    s:step(function() end, function() main:send("undone", 3) end)
    akt.receive()
  end)
end
local function next_message()
  print(akt.try(akt.receive, { undone = function(n) return n end }, 1))
end
local p = akt.spawn(body)
akt.sleep(0.1)
akt.stop(p)
next_message()     -- expect: 3
next_message()     -- expect: 1
-- expect-err: cannot_wait

p = akt.spawn(body)
akt.sleep(0.1)
akt.kill(p)
print(select(2, akt.try(akt.receive, 1)).code) -- expect: timeout

local Orders = akt.actor "orders"
function Orders.on:order()
  akt.saga(function(s)
    s:step(function() end, function() akt.sleep(1); main:send("undone", 4) end)
    akt.sleep(2)
    error("no")
  end)
end
local orders = akt.spawn(Orders)
orders:send("order")
akt.sleep(1)
akt.stop(orders)
akt.sleep(3)
next_message()     -- expect: 4
