-- flags: --sim --seed 5
-- A handler that is not reentrant may wait for its own tasks, also in init and
-- in terminate; messages wait meanwhile.
local akt = require "akt"
local A = akt.actor "a"
local function add(a, b) akt.sleep(0.001) return a + b end
function A:init() self.n = akt.task(add, 1, 2):wait() end
function A.on:go(k)
  local fs = {}
  for i = 1, k do fs[i] = akt.task(add, i, self.n) end
  local sum = 0
  for _, v in ipairs { akt.all(table.unpack(fs)) } do sum = sum + v end
  self.n = sum
  return sum
end
function A:terminate() print("terminate", akt.task(add, 20, 22):wait()) end
local a = akt.spawn(A)
local f, g = akt.async(a, "go", 2), akt.async(a, "go", 1)
print(f:wait(), g:wait())                -- expect: 9	10
akt.stop(a)
akt.sleep(0.02)                          -- expect: terminate	42
