# A reload changes the code of running actors; pid, state, mailbox, timers,
# links, monitors and name stay. Nothing is lost, doubled or reordered.
. tests/lua/reload/support/lib.sh
file counter.1.lua <<'END'
local akt = require "akt"
local Counter = akt.actor "counter"
function Counter:init(n) self.n, self.seen = n, {} akt.every(0.001, "tick") end
function Counter.on:tick() self.ticks = (self.ticks or 0) + 1 end
function Counter.on:ticked() return self.ticks or 0 end
function Counter.on:inc(i) self.n = self.n + 1 self.seen[#self.seen + 1] = i end
function Counter.on:get() return self.n, "one" end
function Counter.on:seen() return #self.seen, self.seen[#self.seen] end
return Counter
END
sed 's/self.n + 1/self.n + 1000/; s/"one"/"two"/' "$here/counter.1.lua" > "$here/counter.2.lua"
cp "$here/counter.1.lua" "$here/counter.lua"
file main.lua <<'END'
local akt = require "akt"
local change, show = require "change", require "show"
local Counter = require "counter"
local c, ref = akt.spawn_opt({ name = "c", monitor = true }, Counter, 0)
for i = 1, 1000 do c:send("inc", i) end
change("counter", 2)
local report = akt.async(akt.spawn(function()
  akt.receive { go = function() return (akt.reload()) end }
end), "go")
for i = 1001, 5000 do c:send("inc", i) end
show(report:wait())
c:send("inc", 5001)
local n, version = c:ask("get")
print(version, n > 5000, c:ask("seen"))
print(akt.whereis("c") == c, akt.alive(c))
local before = c:ask("ticked")
repeat akt.sleep(0.001) until c:ask("ticked") > before
akt.stop(c)
akt.receive { down = function(r) print("down", r == ref) end }
END
run <<'END'
counter	1 to 2	1	1	0	0
module counter
process actors (1) are not reloadable: they go on with the code they were started with
two	true	5001	5001
true	true
down	true
END
