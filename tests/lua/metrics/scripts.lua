-- Counters, gauges and histograms of scripts, captured by handlers too, and
-- the same series from all isolates.
local akt = require "akt"

local hits = akt.metrics.counter("hits", { path = 'a"\\\n' })
local depth = akt.metrics.gauge("depth")
local sizes = akt.metrics.histogram("sizes")

local K = akt.actor "worker"
function K.on:work(n)
  hits:add()
  hits:add(n)
  depth:add(2)
  depth:add(-1)
  sizes:observe(n)
end

for i = 1, 100 do
  akt.spawn_opt({ isolate = i % 10 == 0 }, K):ask("work", 0.5)
end

local function lines(pattern)
  for line in akt.metrics.text():gmatch("[^\n]+") do
    if line:find(pattern) then print(line) end
  end
end

lines("^hits")
-- expect: hits_total{path="a\"\\\n"} 150
lines("hits_total c") -- expect: # TYPE hits_total counter
lines("^depth") -- expect: depth 100
depth:set(7)
lines("^depth") -- expect: depth 7
lines("^sizes_%a+ ")
-- expect: sizes_sum 50
-- expect: sizes_count 100
lines('^sizes_bucket{le="0.25"}') -- expect: sizes_bucket{le="0.25"} 0
lines('^sizes_bucket{le="1"}') -- expect: sizes_bucket{le="1"} 100
lines('^sizes_bucket{le="%+Inf"}') -- expect: sizes_bucket{le="+Inf"} 100
-- the same name and labels are the same series, in any order
akt.metrics.counter("two", { b = 1, a = true }):add(1)
akt.metrics.counter("two", { a = true, b = 1 }):add(2)
akt.metrics.counter("two"):add(4)
lines("^two")
-- expect: two_total 4
-- expect: two_total{a="true",b="1"} 3
