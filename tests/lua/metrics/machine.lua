-- The machine's own figures are there, well-formed, and right where they can
-- be known.
local akt = require "akt"

local K = akt.actor "counter"
function K.on:inc() end
function K.on:boom() error("boom") end

local k = akt.spawn_opt({ restart = "permanent" }, K)
for _ = 1, 2000 do k:send("inc") end
akt.try(k.ask, k, "boom")
k:ask("inc")
k:send("nothing of that name")
akt.spawn(function() end)
k:ask("inc")

local text = akt.metrics.text()
local typed = {}
for line in text:gmatch("[^\n]+") do
  local name = line:match("^# TYPE ([%w_]+) %a+$")
  if name then
    assert(not typed[name], name)
    typed[name] = true
  elseif not line:find("^# HELP [%w_]+ ") then
    local metric = assert(line:match("^([%a_][%w_]*)%b{} [%d.e+-]+$") or
                          line:match("^([%a_][%w_]*) [%d.e+-]+$"), line)
    assert(typed[metric] or typed[metric:gsub("_sum$", "")] or
           typed[metric:gsub("_count$", "")], metric)
  end
end

local function value(name)
  return tonumber(text:match("\n" .. name:gsub("%p", "%%%0") .. " (%S+)"))
end

print(value 'aktvm_kind_actors{kind="counter"}')          -- expect: 1
print(value 'aktvm_kind_crashes_total{kind="counter"}')   -- expect: 1
print(value 'aktvm_kind_restarts_total{kind="counter"}')  -- expect: 1
print(value 'aktvm_kind_spawned_total{kind="process"}')   -- expect: 1
print(value 'aktvm_kind_actors{kind="main"}')             -- expect: 1
print(value 'aktvm_kind_messages_total{kind="counter"}')  -- expect: 2004
print(value 'aktvm_dead_letters_total{reason="unknown_message"}') -- expect: 1
print(value 'aktvm_workers' == akt.node().workers)        -- expect: true
print(value 'aktvm_memory_bytes' > 1e5)                   -- expect: true
print(value 'process_resident_memory_bytes' > 1e6)        -- expect: true
print(value 'aktvm_worker_turns_total{worker="0"}' >= 0)  -- expect: true
-- one message in 64 is a sample: of 2,000 there are some
local p50 = value 'aktvm_kind_wait_seconds{kind="counter",quantile="0.5"}'
local p99 = value 'aktvm_kind_wait_seconds{kind="counter",quantile="0.99"}'
print(p50 <= p99)                                         -- expect: true
local n = value 'aktvm_kind_processing_seconds_count{kind="counter"}'
print(n > 0 and n < 1000)                                 -- expect: true
