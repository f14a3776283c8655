-- SPDX-License-Identifier: MIT
-- Tests that fail in every way, for the scripts beside this folder.
local akt = require "akt"
local t = require "akt.test"

local Server = akt.actor "server"
function Server.on:crash() error("no <good> & \"bad\"") end
function Server.on:loop() while true do end end

t.test("passes", function() print("not shown") end)
t.test("it's \"quoted\" <&>", function()
  print("shown \27[31m\0 \xff")
  io.write(1, " ", 2.5, "\n")
  io.stderr:write("on stderr\n")
  akt.log.info { "logged", x = 1 }
  t.eq({ a = { 1 } }, { a = { 2 } })
end)
t.test("crash of an actor", function() akt.spawn(Server):ask("crash") end)
t.test("error text", function() error("plain") end)
t.test("error table", function() error { x = 1 } end)
t.test("waits for ever", function() akt.receive() end)
t.test("loops", function() while true do end end)
t.test("an actor loops", function()
  local s = akt.spawn(Server)
  s:send("loop")
  akt.within(1e9, s.ask, s, "crash")
end)
t.test("cannot be preempted", function()
  string.gsub("x", "x", function() end)
  local m = setmetatable({}, { __tostring = function() while true do end end })
  tostring(m)
end)
t.test("sends itself messages", function()
  local function go() akt.send(akt.self(), "again") end
  go()
  while true do akt.receive { again = go } end
end)
t.test("does not end", function()
  akt.every(1, "tick")
  akt.receive { never = print }
end)
t.test("exits", function() akt.exit(3) end)
t.test("exits well", function() akt.exit(0) end)
t.test("is killed", function() akt.kill(akt.self()); akt.sleep(1) end)
t.test("a link kills it", function()
  akt.spawn_link(function() error("linked") end)
  akt.sleep(1)
end)
t.test("ends badly", function()
  local Stays = akt.actor "stays"
  function Stays:terminate() while true do end end
  akt.spawn(Stays):send("x")
end)
t.test("prints for ever", function()
  for _ = 1, 100000 do print(("x"):rep(100)) end
  error("done")
end)
t.test("no memory", function()
  local all = {}
  while true do all[#all + 1] = ("x"):rep(1 << 20) .. #all end
end)
