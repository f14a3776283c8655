local akt = require "akt"
local main, LONG = akt.self(), 50 -- seconds
local function nodes() return table.concat(akt.nodes(), " ") end
local function code_of(...) return select(2, akt.try(...)).code end

assert(nodes() == "n2")
local guide = akt.whereis "guide@n2"
local first = guide:ask "sleeper"
assert(tostring(first):find "@n3>" and nodes() == "n2", "to know of it is no link")

-- any use of it makes one
local use = {
  ask = function() first:ask "hello" end,
  monitor = function() akt.demonitor(akt.monitor(first)) end,
  send = function()
    first:send("sleep", 0, main)
    akt.receive({ asleep = function() end }, LONG)
  end,
}
use[os.getenv "FIRST"]()
assert(akt.within(LONG, akt.ask, first, "hello") == "hello")
assert(nodes() == "n2 n3")
guide:send("sleepers", main)
local second = akt.receive({ found = function(t) return t.list[1] end }, LONG)
assert(second ~= first and second:ask "hello" == "hello")
second:send("sleep", 0, main)
akt.receive({ asleep = function() assert(akt.sender() == second) end }, LONG)

-- the same one, by another way
assert(akt.whereis "guide@n2" == guide)
akt.node("n3"):spawn_opt({ name = "known" .. os.getenv "FIRST" }, "sleeper")
assert(akt.whereis("known" .. os.getenv "FIRST" .. "@n3"):ask "hello" == "hello")

-- ends, told by the link that was made
local ref = akt.monitor(first)
local tied, tied_ref = akt.spawn_monitor(function(main, s)
  akt.link(s)
  main:send "tied"
  akt.receive {}
end, main, second)
akt.receive({ tied = function() end }, LONG)
akt.stop(first)
akt.kill(second)
local told = {}
for _ = 1, 2 do
  akt.receive({ down = function(r, pid, why)
    told[r] = tostring(pid) .. " " .. tostring(why)
  end }, LONG)
end
assert(told[ref] == tostring(first) .. " normal", told[ref])
assert(told[tied_ref] == tostring(tied) .. " killed", told[tied_ref])
assert(code_of(akt.ask, first, "hello") == "noproc")

akt.exit(0)
