-- A node of faults.sh: actors that talk with those of the other nodes all the
-- time, each of which writes down what it does and hears (tests/history.py).
--
-- Arguments: a folder for the logs, the label of this run of this node, then the
-- names of the other nodes. What is next is said by files in the folder:
--
--   LABEL.ready     it talks with all others
--   enough    ->    its actors finish; LABEL.done when all have had an answer to
--                   a last ask, so that nothing is on its way any more
--   count     ->    it writes down the figures of its links; LABEL.counted
--   stop      ->    its actors end; LABEL.ended when all monitors have fired
--   exit      ->    it ends
local akt = require "akt"
local arg = akt.args
local dir, label = arg[1], arg[2]
local LONG = 240 -- seconds, under a sanitizer on a busy machine
local MB = 1000000
local EACH_MB = 150 -- one message of so many has 1 MB

-- a log is appended to at once, so that kill -9 loses nothing of it
local function open_log(name)
  local f = assert(io.open(dir .. "/" .. name .. ".log", "a"))
  f:setvbuf("no")
  return f
end
local function note(self, ...) -- in one piece: it may be killed behind each
  self.log:write(table.concat({ ... }, " ") .. "\n")
end

local function length_of(n)
  if n % EACH_MB == 0 then return MB end
  return n % 10 == 0 and 5000 or 10 + n % 90
end
local function text_of(id, n)
  local word, len = id .. ":" .. n .. ";", length_of(n)
  return word:rep(len // #word + 1):sub(1, len)
end

-- Takes what comes; has a monitor on each that sends. After a `down` it makes a
-- new one with the next message, which is of the next session.
local Sink = akt.actor "sink"
function Sink:init(id)
  self.id, self.log, self.of, self.count = id, open_log(id), {}, 0
  self.refs = {}
end
function Sink:watch(id)
  if self.of[id] then return end
  self.count = self.count + 1
  local ref = akt.monitor(akt.sender())
  self.of[id], self.refs[ref] = ref, { id = id, number = self.count }
  note(self, "monitor", self.count, id)
end
function Sink:down(ref, _, why)
  local r = self.refs[ref]
  if not r then return note(self, "stray", "down") end
  note(self, "down", r.number, tostring(why), ("%.3f"):format(akt.now()))
  self.refs[ref], self.of[r.id] = nil, nil
end
function Sink:exit() end
function Sink:unknown(tag) note(self, "stray", tostring(tag)) end
function Sink.on:item(id, n, text)
  self:watch(id)
  note(self, "recv", id, n)
  if text ~= text_of(id, n) then note(self, "bad", id, n) end
end
function Sink.on:ask(id, n)
  self:watch(id)
  note(self, "asked", id, n)
  return n
end
function Sink.on:label() return self.id end
function Sink.on:open() return next(self.refs) ~= nil end
function Sink.on:stop()
  note(self, "end")
  akt.stop()
end

-- What both talkers have: who they talk to, their numbers, monitors and links.
local Talker = {}
function Talker.init(self, id, peer)
  self.id, self.peer, self.log = id, peer, open_log(id)
  self.n, self.refs, self.count, self.tried = {}, {}, 0, -1
end
-- Finds the sink, which after a restart of its node is another one; false: not
-- now, and not more often than some times a second.
function Talker.find(self)
  if self.watched then return true end
  if akt.clock() < self.tried + 0.3 then return self.sink ~= nil end
  self.tried = akt.clock()
  local sink = akt.try(akt.whereis, "sink@" .. self.peer)
  local to = sink and akt.try(akt.ask, sink, "label")
  if to then
    self.sink, self.to, self.watched = sink, to, true
    Talker.watch(self)
  end
  return self.sink ~= nil
end
function Talker.next_ref(self, word)
  self.count = self.count + 1
  note(self, word, self.count, self.to)
  return self.count
end
function Talker.watch(self)
  for _ = 1, 2 do
    local number = Talker.next_ref(self, "monitor")
    self.refs[akt.monitor(self.sink)] = number
  end
  self.tie = Talker.next_ref(self, "monitor")
  akt.link(self.sink)
end
function Talker.gone(self, number, why)
  if not number then return note(self, "stray", "down") end
  note(self, "down", number, tostring(why), ("%.3f"):format(akt.now()))
  self.watched = next(self.refs) ~= nil or self.tie ~= nil
end
function Talker.down(self, ref, _, why)
  local number = self.refs[ref]
  self.refs[ref] = nil
  Talker.gone(self, number, why)
end
function Talker.exit(self, _, why)
  local number = self.tie
  self.tie = nil
  Talker.gone(self, number, why)
end
function Talker.number(self)
  self.n[self.to] = (self.n[self.to] or 0) + 1
  return self.n[self.to]
end
function Talker.ask(self, seconds)
  local n, to = Talker.number(self), self.to
  note(self, "ask", to, n)
  local value, err = akt.try(akt.within, seconds, akt.ask, self.sink, "ask",
                             self.id, n)
  local what = value == n and "ok" or err and err.code or "wrong"
  note(self, "answer", to, n, what)
  return what == "ok"
end
-- Goes on until it is enough; then asks until there is an answer: all that was
-- sent before in that session has come. `dead`: nobody is there to answer.
function Talker.go(self, step)
  while not self.enough do
    if Talker.find(self) then step(self) end
    akt.sleep(0.01)
  end
  self.at_rest = true
end
function Talker.finish(self, dead)
  self.enough = true
  while not self.at_rest do akt.sleep(0.01) end
  if dead then return true end
  for _ = 1, 10 * LONG do
    if Talker.find(self) and Talker.ask(self, 2) then return true end
    akt.sleep(0.1)
  end
  return false
end
function Talker.ready(self) return self.watched end
function Talker.stop(self)
  for ref, number in pairs(self.refs) do
    akt.demonitor(ref)
    note(self, "unmonitor", number)
  end
  if self.tie then
    akt.unlink(self.sink)
    note(self, "unmonitor", self.tie)
  end
  note(self, "end")
  akt.stop()
end

local function talker(name, step)
  local Kind = akt.actor(name)
  Kind.reentrant = true
  function Kind:init(id, peer) Talker.init(self, id, peer) end
  function Kind:down(...) Talker.down(self, ...) end
  function Kind:exit(...) Talker.exit(self, ...) end
  function Kind:unknown(tag) note(self, "stray", tostring(tag)) end
  function Kind.on:go() Talker.go(self, step) end
  function Kind.on:finish(dead) return Talker.finish(self, dead) end
  function Kind.on:ready() return Talker.ready(self) end
  function Kind.on:stop() Talker.stop(self) end
  return Kind
end

local Source = talker("source", function(self)
  for _ = 1, 3 do
    local n, to = Talker.number(self), self.to
    note(self, "send", to, n)
    local ok, why = akt.try(akt.send, self.sink, "item", self.id, n,
                            text_of(self.id, n))
    if not ok then
      note(self, "fail", to, n, why.code or why)
      akt.sleep(0.05)
    end
  end
end)
local Asker = talker("asker", function(self)
  self.turn = (self.turn or 0) + 1
  Talker.ask(self, self.turn % 2 == 0 and 2 or LONG)
end)

-- ---- the program ----

local function exists(name)
  local f = io.open(dir .. "/" .. name)
  if not f then return end
  local text = f:read("a")
  f:close()
  return text
end
local function awaits(name)
  while true do
    local text = exists(name)
    if text then return text end
    akt.sleep(0.02)
  end
end
local function say(what)
  assert(io.open(dir .. "/" .. label .. "." .. what, "w")):close()
end

local sink = akt.spawn_opt({ name = "sink" }, Sink, label .. ".sink")
local talkers = {}
for i = 3, #arg do
  for _, Kind in ipairs { Source, Source, Asker } do
    local t = akt.spawn(Kind, label .. "." .. #talkers + 1, arg[i])
    t:send("go")
    talkers[#talkers + 1] = { pid = t, peer = arg[i] }
  end
end

akt.within(LONG, function()
  for _, t in ipairs(talkers) do
    while not t.pid:ask("ready") do akt.sleep(0.02) end
  end
  say "ready"
  local dead = awaits "enough"
  local ends = {}
  for i, t in ipairs(talkers) do
    ends[i] = akt.async(t.pid, "finish", dead:find(t.peer, 1, true) ~= nil)
  end
  for _, f in ipairs(ends) do assert(f:wait(), "no answer to a last ask") end
  say "done"
  awaits "count"
  local self = { log = open_log(label .. ".main") }
  for i = 3, #arg do
    local l = akt.node(arg[i]):info()
    if l then
      note(self, "link", arg[i], l.sessions, l.lost, l.messages_out,
           l.messages_in, l.resent)
    end
  end
  note(self, "end")
  say "counted"
  awaits "stop"
  -- asked, so that each has written its end before this node exits
  for _, t in ipairs(talkers) do akt.try(akt.ask, t.pid, "stop") end
  while sink:ask("open") do akt.sleep(0.02) end
  akt.try(akt.ask, sink, "stop")
  say "ended"
  awaits "exit"
end)
akt.exit(0)
