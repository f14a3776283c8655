-- SPDX-License-Identifier: MIT
-- args: --runs 5
-- fault.crash and fault.kill; spies; stubs.
local akt = require "akt"
local t = require "akt.test"

local Server = akt.actor "server"
function Server:init() self.n = 0 end
function Server.on:add() self.n = self.n + 1 return self.n end
function Server.on:wait() akt.sleep(100) end

local Plain = akt.actor "plain" -- has no init
function Plain.on:ping() return "pong" end

local Hooked = akt.actor "hooked"
function Hooked:init(to) self.to = to end
function Hooked.on:wait() akt.sleep(100) end
function Hooked:pre_restart(reason, tag)
  self.to:send("pre_restart", reason.code or reason, tag)
end

t.test("a crash drops the state and keeps the mailbox", function()
  local s = akt.spawn_opt({ restart = "permanent" }, Server)
  t.eq(s:ask("add"), 1)
  local waiting = s:async("wait")
  t.settle()
  local queued = s:async("add")
  t.fault.crash(s)
  t.raises("crash", waiting.wait, waiting)
  t.eq(queued:wait(), 1)
  t.eq(akt.info(s).restarts, 1)
end)

t.test("a crash without a restart", function()
  local p, s = t.probe(), akt.spawn(Server)
  p:watch(s)
  t.fault.crash(s)
  local reason = p:expect_down(s)
  t.eq(type(reason) == "table" and reason.code or reason, "crash")
  t.raises("noproc", t.fault.crash, s)
end)

t.test("a crash before the first message", function()
  local p, s = t.probe(), akt.spawn(Plain)
  t.fault.crash(s)
  t.eq(p:expect_down(s) ~= "killed", true)
end)

t.test("a crash by on_error is resumed, by name", function()
  local s = akt.spawn_opt({ name = "s", on_error = { crash = "resume" } }, Server)
  t.eq(s:ask("add"), 1)
  t.fault.crash("s")
  t.settle()
  t.eq(s:ask("add"), 2)
end)

t.test("pre_restart sees the message in progress", function()
  local p = t.probe()
  local s = akt.spawn_opt({ restart = "permanent" }, Hooked, p.pid)
  s:send("wait")
  t.settle()
  t.fault.crash(s)
  p:expect("pre_restart", "crash", "wait")
end)

t.test("not main and not the machine", function()
  t.raises("denied", t.fault.crash, akt.self())
  t.raises("denied", t.fault.crash, akt.parent())
  t.raises("noproc", t.fault.crash, "nobody")
  t.raises("noproc", t.fault.kill, "nobody")
end)

t.test("spies", function()
  local s = akt.spawn(Server)
  local taken, sent = t.spy(s), t.spy(akt.self(), "sent")
  s:ask("add")
  s:send("add", { deep = { 1 } }, nil, 3)
  t.settle()
  t.eq(#taken, 2)
  t.eq(taken[1], { "add" })
  t.eq(taken[2], { "add", { deep = { 1 } }, nil, 3 })
  t.eq(taken[3], nil)
  t.eq(taken:peer(1), akt.self())
  t.eq(sent[2], taken[2])
  t.eq(sent:peer(1), s)
  local n = 0
  for _, m in ipairs(taken) do n = n + 1; t.eq(m[1], "add") end
  t.eq(n, 2)
  t.raises("bad_argument", t.spy, s, "both")
  t.raises("noproc", t.spy, "nobody")
end)

t.test("a spy keeps long messages whole and a bounded number", function()
  local s = akt.spawn(Server)
  local taken = t.spy(s)
  s:ask("add", ("x"):rep(100000))
  t.eq(taken[1][2], ("x"):rep(100000))
  for _ = 1, 11000 do s:send("add") end
  t.settle()
  t.eq(#taken, 10000)
end)

t.test("stubs", function()
  t.stub(Server, { add = function(_, n) return "stub", n end })
  local s = akt.spawn(Server)
  t.eq({ s:ask("add", 5) }, { "stub", 5 })
  t.raises("unknown_message", s.ask, s, "wait")
  t.raises("frozen", t.stub, Server, {})
end)

t.test("a stub by name, for actors that others spawn", function()
  local p = t.probe()
  local to = p.pid
  t.stub("plain", { ping = function() to:send("stubbed") return "no" end })
  local User = akt.actor "user"
  function User.on:go() return akt.spawn(Plain):ask("ping") end
  t.eq(akt.spawn(User):ask("go"), "no")
  p:expect("stubbed")
end)

t.test("what is no stub", function()
  t.raises("not_found", t.stub, "nobody", {})
  t.raises("bad_argument", t.stub, Server, { add = 1 })
  t.raises("bad_argument", t.stub, Server)
  akt.spawn(Server)
  t.raises("frozen", t.stub, "server", {})
end)
