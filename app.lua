local akt = require "akt"
local Adder = akt.actor "adder"
function Adder.on:add(a, b) return a + b end
local Middle = akt.actor "middle"
function Middle:init(adder) self.adder = adder end
function Middle.on:work(n, bytes)
  self.adder:send("add", n, 0)
  return self.adder:ask("add", n, 1), bytes
end
function Middle.on:die() error("dies") end
local middle = akt.spawn_opt({ name = "middle" }, Middle, akt.spawn(Adder))
local n = 0
repeat
  n = n + 1
  middle:ask("work", n, "\xff\0" .. ("x"):rep(300))
  akt.sleep(0.02)
until io.open("stop")
akt.try(middle.ask, middle, "die")
repeat akt.sleep(0.02) until io.open("stop2")
akt.exit(0)
