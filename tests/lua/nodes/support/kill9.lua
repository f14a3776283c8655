local akt = require "akt"
local main, n2 = akt.self(), akt.node "n2"
local N, LONG = 10, 50 -- seconds: no ask here ends by its deadline

local function say(text) print(text); io.stdout:flush() end
local function code_of(...) return select(2, akt.try(...)).code end

-- all that hangs on actors of n2: what each ref must be told
local due = {}
local function linked(main, s)
  akt.link(s)
  main:send("ready")
  akt.receive {}
end
local function trapping(main, s)
  akt.trap_exit(true)
  akt.link(s)
  main:send("ready")
  akt.receive { exit = function(pid, why) assert(pid == s) main:send("trapped", why) end }
end
local function asking(main, s)
  local _, err = akt.try(akt.within, LONG, akt.ask, s, "sleep", 2 * LONG, main)
  main:send("answered", err.code)
end

local old
for _ = 1, N do
  local s = n2:spawn("sleeper")
  old = s
  due[akt.monitor(s)] = s
  due[akt.monitor(s)] = s
  local pid, ref = akt.spawn_monitor(linked, main, s)
  due[ref] = pid
  akt.receive { ready = function() end }
  akt.spawn(trapping, main, s)
  akt.receive { ready = function() end }
  akt.spawn(asking, main, s)
  akt.receive { asleep = function() end }
end
due[akt.monitor_node "n2"] = "n2"
local future = akt.within(LONG, akt.async, old, "hello")
say "all asked"

local function told()
  local trapped, answered, downs = 0, 0, 0
  while trapped < N or answered < N or next(due) do
    akt.receive({
      down = function(ref, pid, why)
        assert(due[ref], "told twice, or never asked for")
        assert(due[ref] == "n2" or due[ref] == pid)
        assert(why == "noconnection", why)
        due[ref] = nil
        downs = downs + 1
      end,
      trapped = function(why)
        assert(why == "noconnection", why)
        trapped = trapped + 1
      end,
      answered = function(code)
        assert(code == "noconnection", code)
        answered = answered + 1
      end,
    }, LONG / 2)
  end
  assert(downs == 3 * N + 1 and trapped == N and answered == N)
end
told()
assert(code_of(future.wait, future) == "noconnection")

-- nothing of it is there any more
assert(not akt.alive(old))
assert(code_of(akt.ask, old, "hello") == "noconnection")
assert(select(2, akt.send(old, "hello")) == "noconnection")
assert(#akt.nodes() == 0 and n2:info().state ~= "up")
say "all told"

-- the new one
local function linked_again() return akt.nodes()[1] == "n2" end
for _ = 1, LONG * 100 do
  if linked_again() then break end
  akt.sleep(0.01)
end
assert(linked_again())
local s -- it may be linked and not have begun its program
for _ = 1, LONG * 100 do
  s = akt.try(n2.spawn, n2, "sleeper")
  if s then break end
  akt.sleep(0.01)
end
assert(s:ask("hello") == "hello" and s ~= old)
assert(code_of(akt.ask, old, "hello") == "noconnection")
assert(select(2, akt.send(old, "hello")) == "noconnection")
assert(not akt.alive(old))
-- nor later, when a node that was lost may be dialled anew: after a second
for _ = 1, 150 do
  local ok, why = akt.send(old, "hello")
  assert(not ok and why == "noconnection")
  akt.sleep(0.01)
end
local ref = akt.monitor(old)
akt.receive({ down = function(r, pid, why)
  assert(r == ref and pid == old)
  assert(why == "noconnection" or why == "noproc", why)
end }, LONG / 2)
assert(s:ask("hello") == "hello") -- all that was said to the old one cost nothing
assert(n2:info().sessions == 1)

-- exactly once: no more of anything
assert(code_of(akt.receive, { down = function() end, trapped = function() end,
                              answered = function() end }, 0) == "timeout")
akt.send("main@n2", "stop")
akt.exit(0)
