-- flags: --sim --seed 5
-- Of a kind, of a spawn (whose function travels), and of a process.
local akt = require "akt"
local function by_size(tag, n) return tag == "job" and -n or nil end
local K = akt.actor "k"
K.mailbox = { priority = by_size }
function K.on:job(n) io.write(n, " ") end
function K.on:wait() akt.sleep(1) end
local P = akt.actor "p"
P.on.job, P.on.wait = K.on.job, K.on.wait
local function process()
  akt.sleep(1)
  for _ = 1, 5 do
    local _, n = akt.receive()
    io.write(n, " ")
  end
end
local factor = 1
local opts = { mailbox = { priority = function(_, n)
  return type(n) == "number" and n * factor or 0
end } }
for i = 1, 3 do
  local q = i == 1 and akt.spawn(K) or akt.spawn_opt(opts, i == 2 and P or process)
  if i < 3 then q:send("wait") end
  akt.sleep(0.1)
  for _, n in ipairs { 5, 1, 9, 1, -3 } do q:send("job", n) end
  akt.sleep(1.5)
  print()
end
-- expect: -3 1 1 5 9 
-- expect: 9 5 1 1 -3 
-- expect: 9 5 1 1 -3 
