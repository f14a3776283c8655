-- Messages flow both ways between this node and n2. Says "flows" when some have
-- come to each side; from the moment there is a file "mark" more must come, then
-- it checks the history and ends.
--
-- BIG=n in the environment: message n of each source has 20 MB.
local akt = require "akt"
require "history"
local SOURCES, LONG = 3, 100 -- each way; seconds, no deadline is to end anything
local big = tonumber(os.getenv "BIG")
local n2 = akt.node "n2"

local function say(text) print(text); io.stdout:flush() end

local sinks = { akt.spawn(require("history").Sink), n2:spawn "sink" }
local sources, ends = {}, {}
akt.within(LONG, function()
  for id = 1, 2 * SOURCES do
    local here = id % 2 == 0
    local s = here and akt.spawn(require("history").Source) or n2:spawn "source"
    sources[id] = s
    akt.link(s) -- what it finds wrong ends this program
    ends[id] = akt.async(s, "go", sinks[here and 2 or 1], id, big)
  end

  local function count(id) return sinks[id % 2 == 0 and 2 or 1]:ask("last", id) end
  local function passed(marks)
    for id = 1, 2 * SOURCES do
      while count(id) <= (marks[id] or 0) do akt.sleep(0.01) end
    end
  end

  passed {}
  say "flows"
  local mark = os.getenv "AKT_TEST_TMP" .. "/mark"
  while not io.open(mark) do akt.sleep(0.01) end
  local marks = {}
  for id = 1, 2 * SOURCES do marks[id] = math.max(count(id), big or 0) end
  passed(marks)
  for _, s in ipairs(sources) do s:send "enough" end
  for id, f in ipairs(ends) do assert(f:wait() == count(id)) end
end)

for _, sink in ipairs(sinks) do
  local faults = sink:ask "faults"
  assert(faults == "", faults)
end
local i = n2:info()
say(("sessions %d lost %d resent %d"):format(i.sessions, i.lost, i.resent))
assert(i.sessions == 1 and i.lost == 0)
akt.send("main@n2", "stop")
akt.exit(0)
