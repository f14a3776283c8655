-- SPDX-License-Identifier: MIT
-- More than 20 restarts of one parent's children in 10 s are told once.
-- expect-err: warning[restart_storm]: <supervisor#
-- expect-err: has restarted children 21 times in
-- flags: --crash-reports off
local akt = require "akt"

local Crasher = akt.actor "crasher"
function Crasher.on:die() error("dies") end

local spec = { strategy = "one_for_one", max = 1000, within = 10 }
for i = 1, 30 do
  spec[#spec + 1] = { "c" .. i, Crasher, restart = "permanent" }
end
akt.supervisor(spec)
for i = 1, 30 do akt.try(akt.ask, "c" .. i, "die") end
-- the supervisor may still be at it
local text = akt.metrics.text()
while not text:find('aktvm_warnings_total{kind="restart_storm"} 1', 1, true) do
  akt.sleep(0.01)
  text = akt.metrics.text()
end
print(text:match('aktvm_warnings_total{kind="memory_high"} %d+'))
-- expect: aktvm_warnings_total{kind="memory_high"} 0
