-- SPDX-License-Identifier: MIT
-- Savina 29, Fibonacci: fib [n]. An actor for each call.

local akt = require "akt"
local savina = require "savina"

local n = savina.args(25)

local Call = akt.actor "fib_call"

function Call:init(parent) self.parent, self.sum, self.missing = parent, 0, 2 end

function Call:answer(value)
  self.parent:send("response", value)
  akt.stop()
end

function Call.on:request(n)
  if n <= 2 then return self:answer(1) end
  akt.spawn(Call, akt.self()):send("request", n - 1)
  akt.spawn(Call, akt.self()):send("request", n - 2)
end

function Call.on:response(value)
  self.sum, self.missing = self.sum + value, self.missing - 1
  if self.missing == 0 then self:answer(self.sum) end
end

local function fibonacci(k)
  local a, b = 1, 1
  for _ = 3, k do a, b = b, a + b end
  return b
end

savina.run {
  name = "fib", unit = "actors/s", work = 2 * fibonacci(n) - 1,
  check = fibonacci(n),
  once = function()
    akt.spawn(Call, akt.self()):send("request", n)
    return akt.receive { response = function(value) return value end }
  end,
}
