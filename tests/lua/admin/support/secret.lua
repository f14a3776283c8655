-- Secrets in a state and in a mailbox; and, with an argument, a death with them.
local akt = require "akt"

local Keeper = akt.actor "keeper"
function Keeper:init(key)
  self.key = key
  self.list = { { key } }
  self.by_key = { [key] = 1 }
end
function Keeper.on:hold(key)
  while akt.info(akt.self()).mailbox < 1 do akt.sleep(0.01) end
  print("ready")
  if akt.args[1] then error("dead") end
  akt.sleep(600)
end
function Keeper.on:take() end

local key = akt.secret("hunter2")
local keeper = akt.spawn_opt({ name = "keeper", restart = "temporary" }, Keeper, key)
keeper:send("hold", key)
keeper:send("take", akt.secret { "hunter2" }, { deep = key }, key)
