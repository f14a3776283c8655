-- SPDX-License-Identifier: MIT
-- args: --runs 5
-- What a probe sees, in which order, and what it can do.
local akt = require "akt"
local t = require "akt.test"

local Server = akt.actor "server"
function Server.on:ping(...) return "pong", ... end
function Server.on:later(seconds, ...) akt.after(seconds, "due", akt.sender(), ...) end
function Server.on:due(to, ...) to:send("due", ...) end

local function message_of(f, ...)
  local ok, err = pcall(f, ...)
  t.ok(not ok, "it passed")
  return (err.message:gsub("^[^:]*:%d+: ", ""))
end

t.test("messages in order, with nil and any", function()
  local p = t.probe()
  p.pid:send("a", 1, nil, 3)
  p.pid:send("b", { x = { 1, 2 } })
  p.pid:send("c")
  local tag, one, none, three = p:expect("a", 1, nil, 3)
  t.eq({ tag, one, none, three }, { "a", 1, nil, 3 })
  p:expect("b", { x = { 1, t.any } })
  p:expect_match("c")
  p:expect_none()
end)

t.test("what is wrong with a message", function()
  local p = t.probe()
  p.pid:send("a", { 1, { 2 } })
  t.eq(message_of(p.expect, p, "a", { 1, { 3 } }),
       "expected a({ 1, { 3 } }), got a({ 1, { 2 } }) (value 2 differs at [2][1])")
  p.pid:send("a")
  t.eq(message_of(p.expect, p, "b"), "expected b(), got a()")
  p.pid:send("a", 1, 2)
  t.eq(message_of(p.expect, p, "a", 1), "expected a(1), got a(1, 2)")
  p.pid:send("a", 1)
  t.eq(message_of(p.expect_match, p, "a", function(n) return n > 1 end),
       "expected a(...) that matches, got a(1)")
  p.pid:send("a")
  t.eq(message_of(p.expect_none, p, 1), "expected nothing, got a()")
  t.eq(message_of(p.expect, p, "a"),
       "expected a(), but nothing came within 3 s")
  t.eq(message_of(p.expect_match, p, "a"),
       "expected a(...), but nothing came within 3 s")
end)

-- GoAkt's probes wait in real time and keep at most 1,000 messages.
t.test("waiting is exact, and nothing is lost when it gives up", function()
  local p, s = t.probe(), akt.spawn(Server)
  p:send(s, "later", 10, "x")
  p:expect_none(9.9)
  p:expect_within(0.2, "due", "x")
  for i = 1, 1100 do p.pid:send("n", i) end
  for i = 1, 1100 do p:expect("n", i) end
end)

t.test("a message that comes at the moment a wait ends is kept", function()
  local p = t.probe()
  for i = 1, 20 do
    akt.after_opt(1, "tick", i, { to = p.pid })
    if pcall(p.expect_within, p, 1, "tick", i) == false then
      p:expect("tick", i)
    end
  end
end)

t.test("answers", function()
  local p = t.probe()
  local f, g = akt.async(p.pid, "q", 1), akt.async(p.pid, "q", 2)
  p:expect("q", 1)
  t.eq(p:reply("one", 1), true)
  t.eq(p:reply("again"), false)
  t.eq({ f:wait() }, { "one", 1 })
  p:expect("q", 2)
  p:reply()
  t.eq(select("#", g:wait()), 0)
  p.pid:send("no ask")
  p:expect("no ask")
  p:reply(1)
end)

t.test("in its name", function()
  local p, s = t.probe(), akt.spawn(Server)
  p:send(s, "later", 1, "for the probe")
  p:expect("due", "for the probe")
  t.eq(p.from, s)
end)

t.test("clear", function()
  local p = t.probe()
  p.pid:send("old")
  t.settle()
  p:clear()
  p:expect_none()
  p.pid:send("new")
  p:expect("new")
end)

t.test("the end of actors", function()
  local p = t.probe()
  local s = akt.spawn(Server)
  p:watch(s)
  akt.stop(s, "enough")
  t.settle()
  t.eq(p:expect_down(s), "enough")
  t.eq(p:expect_down(s), "enough")
  t.eq(p:expect_down(akt.spawn(function() end)), t.any)
  local gone = akt.spawn(function() end)
  t.settle()
  t.eq(p:expect_down(gone), "noproc")
  local lives = akt.spawn(Server)
  t.eq(message_of(p.expect_down, p, lives, 2),
       "expected the end of " .. tostring(lives) .. ", but it is alive after 2 s")
  t.fault.kill(lives)
  t.eq(p:expect_down(lives), "killed")
end)

t.test("a probe as part of a process", function()
  local p = t.probe()
  akt.spawn(function() p.pid:send("from a process") end)
  p:expect("from a process")
end)

t.test("durations with units", function()
  local p, s = t.probe(), akt.spawn(Server)
  p:send(s, "later", 100)
  p:expect_none("1m")
  p:expect_within("1m", "due")
  t.raises("bad_option", p.expect_within, p, "1x", "due")
  t.raises("bad_option", p.expect_none, p, -1)
end)
